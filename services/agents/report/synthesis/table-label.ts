/**
 * What a table is called beside its document: nothing when it is the whole document, and `orders.lines` instead of
 * `data.json#orders.lines`.
 */
export function tableLabel({
  document,
  table,
}: {
  document: string
  table?: string | undefined
}): string | undefined {
  if (table === undefined || table === document) return undefined
  return table.startsWith(`${document}#`) ? table.slice(document.length + 1) || undefined : table
}
