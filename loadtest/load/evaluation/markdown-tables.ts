import type { TablesResult } from './tables-schema.ts'

/** A table as Markdown, its columns as wide as their widest cell, as the formatter of the pages writes them. Pure. */
export function markdownTable(
  columns: readonly string[],
  rows: readonly (readonly (string | number)[])[],
): string {
  const cells = [columns, ...rows].map((row) => columns.map((_, i) => escaped(String(row[i] ?? ''))))
  const widths = columns.map((_, i) => Math.max(3, ...cells.map((row) => [...row[i]!].length)))
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => cell + ' '.repeat(widths[i]! - [...cell].length)).join(' | ')} |`
  const [head, ...body] = cells
  return [line(head!), line(widths.map((width) => '-'.repeat(width))), ...body.map(line)].join('\n')
}

/** The tables of a measurement, with what is said about them. Pure. */
export function markdownTables({ tables, notes }: Pick<TablesResult, 'tables' | 'notes'>): string {
  const parts = tables.map(({ title, columns, rows }) =>
    [...(title === undefined ? [] : [`**${title}**`, '']), markdownTable(columns, rows)].join('\n'),
  )
  return [...parts, ...notes].join('\n\n')
}

function escaped(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ')
}
