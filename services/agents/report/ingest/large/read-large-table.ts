import type { PeriodTable, Table } from '#schemas/document.ts'
import { buildTableWithReaders } from '../data/build-table.ts'
import type { ColumnRead } from '../data/column-reader.ts'
import { leftoverCells, leftoverCounts, NOTHING_LEFT } from './leftover-cells.ts'
import { periodTable } from './period-table.ts'
import type { QueryEngine } from './query-engine.ts'
import type { RawRelation } from './raw-relation.ts'
import { type SampledRows, sampleRows } from './sample-rows.ts'
import { typedColumns } from './typed-columns.ts'
import { type TypedFile, writeTypedFile } from './typed-file.ts'
import { wholeFigures } from './whole-figures.ts'
import { wholeRules } from './whole-rules.ts'
import { withoutWholeTotals } from './whole-totals.ts'

export interface LargeTableOptions {
  name: string
  /** Where files may be written. */
  folder: string
  /** About how many rows there are. */
  estimatedRows: number
  /** Told before each stage. */
  onStage(stage: LargeStage): void
}

export type LargeStage = 'sample' | 'types' | 'rows' | 'figures' | 'courses'

/**
 * A table that is too large to be held: a sample of its rows as any table, and what all rows say of each column, of the course in time
 * and of the rules that they should keep.
 *
 * @throws MurmurError BROKEN_FILE, LIMIT_EXCEEDED, UNAVAILABLE
 */
export async function readLargeTable(
  engine: QueryEngine,
  relation: RawRelation,
  { name, folder, estimatedRows, onStage }: LargeTableOptions,
): Promise<Table> {
  onStage('sample')
  const { sample, table, readers } = await sampledTable(engine, relation, { name, estimatedRows })
  onStage('types')
  const read = table.columns.map((column, i) => ({ column, read: readers[i]! }))
  const columns = await typedColumns(engine, read)
  // Each of its columns holds a block of memory.
  await engine.run('DROP TABLE sample')
  onStage('rows')
  const written = await writeTypedFile(engine, relation, { columns, path: `${folder}/rows.parquet` })
  const { file, totals } = await withoutWholeTotals(engine, written)
  const losses = [...relation.losses, ...sample.losses, ...(await lossesOf(engine, relation, file))]
  await engine.renew()
  onStage('figures')
  const figures = await wholeFigures(engine, file)
  // What DuckDB holds of answered questions adds up: of a file of 1 GB to 300 MB beyond what it counts.
  await engine.renew()
  const copies = relation.isPartial ? 0 : await copiesOf(engine, file)
  await engine.renew()
  const rules = await wholeRules(engine, file, table.columns)
  const left = await leftoverCounts(engine, file)
  for (const [index, { column, read: reader }] of read.entries()) {
    const { missingMarks: _, ...rest } = column
    const found = left[index]! > 0 ? await leftoverCells(engine, file, { index, read: reader }) : NOTHING_LEFT
    table.columns[index] = { ...rest, ...found }
  }
  onStage('courses')
  await engine.renew()
  const periods = await periodTable(engine, file, table)
  const about = { rows: file.rows, sampled: sample.rows.length, copies, periods, totals, others: file.others }
  return {
    ...table,
    notes: [...wholeNotes(about), ...relation.notes, ...sampleNotes(table)],
    ...(losses.length > 0 && { losses }),
    whole: {
      rows: file.rows,
      sampled: sample.rows,
      columns: figures,
      copies,
      ...(periods && { periods }),
      rules,
    },
  }
}

/** A table of the sample; its texts, which are as large again, go. */
async function sampledTable(
  engine: QueryEngine,
  relation: RawRelation,
  { name, estimatedRows }: Pick<LargeTableOptions, 'name' | 'estimatedRows'>,
): Promise<{ sample: Pick<SampledRows, 'rows' | 'losses'>; table: Table; readers: ColumnRead[] }> {
  const { rows, cells, losses } = await sampleRows(engine, relation, { estimatedRows })
  const { table, readers } = buildTableWithReaders({
    name,
    rows: rows.length,
    columns: relation.columns.map((column, i) => ({ ...column, cells: cells[i]! })),
    notes: [],
    decimal: relation.decimal,
  })
  return { sample: { rows, losses }, table, readers: [...readers] }
}

interface About {
  rows: number
  sampled: number
  copies: number
  periods: Pick<PeriodTable, 'granularity'> | undefined
  totals: readonly string[]
  others: number
}

/** What a reader must know of figures that are of all rows, and of others that are not. */
function wholeNotes({ rows, sampled, copies, periods, totals, others }: About): string[] {
  const period =
    periods &&
    { time: 'regular spans', day: 'day', week: 'week', month: 'month', quarter: 'quarter', year: 'year' }[
      periods.granularity
    ]
  return [
    `All ${count(rows)} rows were read: counts, means, spreads and extremes are of all of them; relations between columns and shapes are of ${count(sampled)} rows drawn evenly.`,
    ...(period ? [`Courses in time are of the means by ${period} of all rows.`] : []),
    ...(others > 0
      ? [
          `${count(others)} ${others === 1 ? 'line was' : 'lines were'} no row of the table (a comment, a source, the names of the columns again) and left out.`,
        ]
      : []),
    ...(totals.length > 0
      ? [
          `${totals.length === 1 ? `The row "${totals[0]}" sums` : `${totals.length} rows ("${totals[0]}" …) sum`} up the others and ${totals.length === 1 ? 'was' : 'were'} left out, so that no value counts twice.`,
        ]
      : []),
    ...(copies > 0 ? [`${count(copies)} of ${count(rows)} rows repeat an earlier row in every cell.`] : []),
  ]
}

/** How cells of the sample were read: what it counts is of the sample. */
function sampleNotes({ notes, rows }: Table): string[] {
  return notes
    .filter((note) => !/rows? repeats? an earlier row/.test(note))
    .map((note) =>
      /\d+ (?:of|dates?|cells?|rows?)\b/.test(note)
        ? `In the ${count(rows)} rows of the sample: ${note}`
        : note,
    )
}

/** Lines that could not be split, and cells beyond the last column. */
async function lossesOf(
  engine: QueryEngine,
  { beyond, isDelimited, isPartial }: RawRelation,
  file: TypedFile,
): Promise<string[]> {
  if (!isDelimited) return []
  const losses: string[] = []
  const [[broken, first] = []] = await engine.rows(
    'SELECT count(DISTINCT byte_position), min(line) FROM reject_errors',
  )
  if (Number(broken) > 0)
    losses.push(
      `${count(Number(broken))} ${broken === 1 ? 'line' : 'lines'} could not be split into cells and ${broken === 1 ? 'was' : 'were'} left out, the first is line ${count(Number(first))}.`,
    )
  const [name] = beyond
  if (name === undefined || isPartial) return losses
  const [[wider, row] = []] = await engine.rows(
    `SELECT count(${name}), min(row_number) FILTER (${name} IS NOT NULL) FROM ${file.from([])}`,
  )
  if (Number(wider) > 0)
    losses.push(
      `${count(Number(wider))} ${wider === 1 ? 'row has' : 'rows have'} more cells than ${file.columns.length}, the first in row ${count(Number(row))}; what is beyond was left out.`,
    )
  return losses
}

function count(value: number): string {
  return value.toLocaleString('en-US')
}

/** Rows that are compared at a time: what is seen of them is in memory. */
const COMPARED_ROWS = 1_500_000

/** Rows that repeat an earlier one in every cell: equal ones are in one part. */
async function copiesOf(engine: QueryEngine, file: TypedFile): Promise<number> {
  const parts = Math.max(1, Math.ceil(file.rows / COMPARED_ROWS))
  let copies = 0
  for (let part = 0; part < parts; part++) {
    const [[found] = []] = await engine.rows(
      `SELECT count(*) - count(DISTINCT row_hash) FROM ${file.from([])} WHERE row_hash % ${parts} = ${part}`,
    )
    copies += Number(found)
  }
  return copies
}
