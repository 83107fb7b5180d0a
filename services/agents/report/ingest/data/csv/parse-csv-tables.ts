import type { Table } from '#schemas/document.ts'
import { INGEST_LIMITS } from '../../limits.ts'
import { tableNames } from '../../text/table-names.ts'
import { lineText } from './left-out-lines.ts'
import { parseCsv, type RowSource, tableOfRows } from './parse-csv.ts'
import { readRows } from './read-rows.ts'
import { sniffDialect } from './sniff-dialect.ts'
import { type TableBlock, tableBlocks } from './table-blocks.ts'

export interface FoundTables {
  tables: Table[]
  losses: string[]
}

/** A line that holds nothing but delimiters, with something below it. */
const BLANK_LINE = /\n[ \t,;|"]*\n\s*[^\s,;|"]/

/**
 * CSV text as the tables that it holds: one nearly always, several where blank lines part them and each names its columns. Pure.
 *
 * @param text decoded, line ends as \n
 * @throws MurmurError BROKEN_FILE when there is no row at all
 */
export function parseCsvTables(text: string, { name }: { name: string }): FoundTables {
  const blocks = BLANK_LINE.test(text) || /^[^\n]*[,;\t|]{2}/.test(text) ? blocksOf(text) : undefined
  if (!blocks) return { tables: [parseCsv(text, { name })], losses: [] }
  return tablesOfBlocks(blocks.found, { ...blocks.source, name })
}

/** Tables of one grid, named by what stands above them. Pure. */
export function tablesOfBlocks(blocks: readonly TableBlock[], source: RowSource): FoundTables {
  const kept = blocks.slice(0, INGEST_LIMITS.tables)
  const names = tableNames(
    kept.map(({ title }) => title),
    source.name,
  )
  const losses =
    kept.length < blocks.length ? [`Only ${kept.length} of ${blocks.length} tables were read.`] : []
  const tables = kept.map(({ title = '', rows, above, below }, i) =>
    tableOfRows(rows, {
      ...source,
      name: names[i]!,
      // A title that is not in the name stands among the lines above.
      above: [...(names[i]!.includes(title) ? [] : [title]), ...above.map(lineText)],
      below: below.map(lineText),
      isOpenEnded: source.isOpenEnded === true && i === blocks.length - 1,
      more: source.more === true && i === blocks.length - 1,
    }),
  )
  return { tables, losses }
}

function blocksOf(text: string): { found: TableBlock[]; source: Omit<RowSource, 'name'> } | undefined {
  const { start, comments, above, ...dialect } = sniffDialect(text)
  const from = comments.start
  const maxRows = INGEST_LIMITS.tableRows + 1
  const { rows, ...read } = readRows(text.slice(from), { ...dialect, maxRows, keepsBlank: true })
  const found = tableBlocks(rows)
  if (!found) return undefined
  const first = found[0]!
  first.above.unshift(...comments.lines.map((line) => [line]))
  return { found, source: { ...read, delimiter: dialect.delimiter, isOpenEnded: !text.endsWith('\n') } }
}
