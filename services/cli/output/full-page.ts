/** A page of a list, and where it goes on. */
export interface Page<Item> {
  items: Item[]
  nextCursor: string | undefined
}

/** A filter that hardly anything fits must not keep somebody waiting for ever. */
const MAX_REQUESTS = 50

/** What is said of an empty page that is not the last one. */
export const EMPTY_PAGE = 'None among those looked at so far.'

/**
 * A service may answer with less than was asked for, even with nothing, though there is more: asks on until there are `limit`
 * items, all was seen, or it has asked often enough.
 */
export async function fullPage<Item>(
  limit: number,
  fetchPage: (next: { limit: number; cursor?: string }) => Promise<Page<Item>>,
): Promise<Page<Item>> {
  const page = await fetchPage({ limit })
  for (let requests = 1; requests < MAX_REQUESTS; requests++) {
    const missing = limit - page.items.length
    if (page.nextCursor === undefined || missing <= 0) break
    const more = await fetchPage({ limit: missing, cursor: page.nextCursor })
    page.items.push(...more.items)
    page.nextCursor = more.nextCursor
  }
  return page
}
