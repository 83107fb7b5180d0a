import { useCallback, useMemo } from 'react'
import { useSearchParams } from 'wouter'

/** The filters of a screen as they stand in its URL: a link to the page is a link to what is seen. */
export type UrlState = Readonly<Record<string, readonly string[]>>

/**
 * Reads and changes the query of the page.
 * @param names those that are the screen's; others are left as they are
 */
export function useUrlState<Name extends string>(names: readonly Name[]) {
  const [search, setSearch] = useSearchParams()
  const key = names.map((name) => `${name}=${search.getAll(name).join('\u0000')}`).join('\u0001')
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key says all that is read
  const state = useMemo(() => readState(search, names), [key])
  const set = useCallback(
    (change: Partial<Record<Name, string | readonly string[] | undefined>>, { push = false } = {}) => {
      setSearch((current) => writeState(current, change), { replace: !push })
    },
    [setSearch],
  )
  return [state, set] as const
}

/** Pure. */
export function readState<Name extends string>(
  search: URLSearchParams,
  names: readonly Name[],
): { readonly [key in Name]: readonly string[] } & { readonly text: (name: Name) => string | undefined } {
  const lists = Object.fromEntries(names.map((name) => [name, search.getAll(name)])) as Record<Name, string[]>
  return { ...lists, text: (name: Name) => lists[name][0] }
}

/** Pure: a new query with the change; `undefined`, an empty text and an empty list take a name out. */
export function writeState(
  search: URLSearchParams,
  change: Readonly<Record<string, string | readonly string[] | undefined>>,
): URLSearchParams {
  const next = new URLSearchParams(search)
  for (const [name, value] of Object.entries(change)) {
    next.delete(name)
    for (const each of [value ?? []].flat()) if (each !== '') next.append(name, each)
  }
  next.sort()
  return next
}
