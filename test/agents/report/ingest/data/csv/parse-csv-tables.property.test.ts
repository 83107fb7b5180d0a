import fc from 'fast-check'
import t from 'tap'
import { parseCsvTables } from '../../../../../../services/agents/report/ingest/data/csv/parse-csv-tables.ts'

type Cell = 'word' | 'number' | 'blank'
/** A line of the file: cells of a row, or something between rows. */
type Line = { cells: Cell[] } | 'blank' | 'comment' | 'title' | 'names'

const MAX_WIDTH = 5
const cell = fc.oneof(
  { weight: 5, arbitrary: fc.constant<Cell>('number') },
  { weight: 4, arbitrary: fc.constant<Cell>('word') },
  { weight: 1, arbitrary: fc.constant<Cell>('blank') },
)
const row = (width: number) =>
  fc.array(cell, { minLength: width, maxLength: width }).map((cells): Line => ({ cells }))
const ragged = fc.array(cell, { minLength: 1, maxLength: MAX_WIDTH + 2 }).map((cells): Line => ({ cells }))

/** A table of typed columns with odd lines among its rows. */
const block = fc
  .integer({ min: 2, max: MAX_WIDTH })
  .chain((width) =>
    fc
      .array(cell, { minLength: width, maxLength: width })
      .chain((kinds) =>
        fc.array(
          fc.oneof(
            { weight: 12, arbitrary: fc.constant<Line>({ cells: kinds }) },
            { weight: 1, arbitrary: row(width) },
            { weight: 1, arbitrary: ragged },
            { weight: 1, arbitrary: fc.constantFrom<Line>('blank', 'comment', 'title', 'names') },
          ),
          { minLength: 1, maxLength: 25 },
        ),
      ),
  )
const file = fc.record({
  lines: fc
    .array(block, { minLength: 1, maxLength: 3 })
    .map((blocks) => blocks.flatMap((lines): Line[] => ['blank', 'names', ...lines])),
  delimiter: fc.constantFrom(',', ';', '\t'),
  hasEnd: fc.boolean(),
})

/** Each cell that holds something is different from all others, so that it can be found again. */
function written({ lines, delimiter, hasEnd }: { lines: Line[]; delimiter: string; hasEnd: boolean }): {
  text: string
  tokens: string[]
} {
  const tokens: string[] = []
  const token = (kind: Cell) => {
    if (kind === 'blank') return ''
    const n = tokens.length + 101
    tokens.push(kind === 'number' ? `${n}.25` : `w${n}w`)
    return tokens.at(-1)!
  }
  let width = MAX_WIDTH
  const texts = lines.map((line, i) => {
    if (line === 'blank') return ''
    if (line === 'comment') return `# ${token('word')}`
    if (line === 'title') return token('word')
    if (line !== 'names') return line.cells.map(token).join(delimiter)
    const next = lines.slice(i + 1).find((each) => typeof each === 'object')
    width = typeof next === 'object' ? next.cells.length : width
    return Array.from({ length: width }, () => token('word')).join(delimiter)
  })
  return { text: texts.join('\n') + (hasEnd ? '\n' : ''), tokens }
}

/** Cells that a loss counts. */
function countedAsLost(losses: readonly string[]): number {
  return losses.reduce((sum, loss) => {
    const cells = /(\d+) cells? (?:was|were) left out/.exec(loss)
    const lines = /(\d+) lines? .*left out/.exec(loss)
    return sum + Number(cells?.[1] ?? 0) + Number(lines?.[1] ?? 0) * (MAX_WIDTH + 2)
  }, 0)
}

t.test('every cell that holds something is in a table, in a note, or counted as lost', async () => {
  fc.assert(
    fc.property(file, (source) => {
      const { text, tokens } = written(source)
      if (tokens.length === 0) return
      const { tables, losses } = parseCsvTables(text, { name: 'a.csv' })
      const known = new Set<string>()
      const told: string[] = []
      for (const table of tables) {
        told.push(table.name, ...table.notes, ...(table.losses ?? []))
        for (const { name, values, malformed, missingMarks = [] } of table.columns) {
          told.push(name)
          // A line of another delimiter is one cell.
          for (const value of values) {
            known.add(String(value))
            told.push(String(value))
          }
          told.push(...malformed.map(({ value }) => value))
          for (const { mark } of missingMarks) known.add(mark)
        }
      }
      const all = told.join('\n')
      const missing = tokens.filter((token) => !known.has(token) && !all.includes(token))
      const lost = countedAsLost([...losses, ...tables.flatMap((table) => table.losses ?? [])])
      if (missing.length > lost)
        throw new Error(
          `${missing} of\n${text}\nare nowhere: ${JSON.stringify(tables.map(({ columns, ...rest }) => ({ ...rest, columns: columns.map(({ name, values }) => [name, ...values]) })))}`,
        )
    }),
    { numRuns: 400 },
  )
})
