import type { Provenance } from '#schemas/analysis.ts'

/** So many rows are named; of more there is the number. */
const MAX_NAMED = 6

/** `rows 17, 18 and 4 more`; undefined where the statement is about all of them. Pure. */
export function rowsText(rows: readonly number[] | undefined): string | undefined {
  if (!rows || rows.length === 0) return undefined
  const named = rows.slice(0, MAX_NAMED).join(', ')
  const more = rows.length - MAX_NAMED
  return `${rows.length === 1 ? 'row' : 'rows'} ${named}${more > 0 ? ` and ${more} more` : ''}`
}

/** `sales.csv › amount › row 17`. Pure. */
export function provenanceText({ document, table, column, rows }: Provenance): string {
  const part = table === undefined || table === document ? undefined : table
  return [document, part, column, rowsText(rows)].filter((each) => each !== undefined).join(' › ')
}
