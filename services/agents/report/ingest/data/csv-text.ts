const SEPARATES = /[",;|'\t\n\r]/

/**
 * Rows as CSV text with tabs, for `parseCsv`: cells with any delimiter in them are in quotes, and line ends in cells become
 * spaces. Pure.
 */
export function csvText(rows: readonly (readonly string[])[]): string {
  return rows.map((cells) => Array.from(cells, (cell) => quoted(cell ?? '')).join('\t')).join('\n')
}

function quoted(cell: string): string {
  const text = cell.trim()
  return SEPARATES.test(text) ? `"${text.replace(/\s+/g, ' ').replaceAll('"', '""')}"` : text
}
