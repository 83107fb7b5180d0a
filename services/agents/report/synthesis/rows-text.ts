const MAX_ROWS = 20

/** `row 4`, `rows 4, 9, 12`, or as many as fit and how many more. */
export function rowsText(rows: readonly number[]): string {
  const shown = rows.slice(0, MAX_ROWS).join(', ')
  const beyond = rows.length - MAX_ROWS
  return `${rows.length === 1 ? 'row' : 'rows'} ${shown}${beyond > 0 ? ` and ${beyond} more` : ''}`
}
