import type { Column } from '#schemas/document.ts'
import { type QueryEngine, quoted } from './query-engine.ts'
import { type RawRelation, rawName } from './raw-relation.ts'
import type { TypedColumn } from './typed-columns.ts'

/** All rows of a large file, typed, as SQL reads them: `v0`, `v1` …, their leftover texts `l0` …, `row_number`, 1-based, and `row_hash` of all cells. */
export interface TypedFile {
  /** For FROM. */
  sql: string
  rows: number
  /** Lines that are no rows: comments, sources below the table, the names of the columns again. */
  others: number
  columns: readonly TypedFileColumn[]
  /** The first column of times. */
  timeColumn: number | undefined
}

export interface TypedFileColumn {
  kind: Column['kind']
  /** DOUBLE; else VARCHAR. */
  isNumeric: boolean
}

/** The typed value of a column, NULL where it is missing. Pure. */
export function valueName(index: number): string {
  return `v${index}`
}

/** What stood in a cell that has no value. Pure. */
export function leftoverName(index: number): string {
  return `l${index}`
}

/** The column that all leftover texts of a row stand in: NULL in most rows, where one for each column costs as much as its values. */
const LEFTOVERS = 'leftovers'

function leftoverAt(index: number): string {
  return `${LEFTOVERS}[${index + 1}]`
}

/** Of each row the texts, by column, that have no value. */
function leftoversSql(indexes: readonly number[], textOf: (index: number) => string): string {
  const isLeft = (i: number) => `(${valueName(i)} IS NULL AND ${textOf(i)} IS NOT NULL)`
  const text = (i: number) => `CASE WHEN ${valueName(i)} IS NULL THEN trim(${textOf(i)}) END`
  return `CASE WHEN ${indexes.map(isLeft).join(' OR ')} THEN [${indexes.map(text).join(', ')}] END AS ${LEFTOVERS}`
}

/** Rows that are packed together: their cells are in memory at a time, on each thread. */
const ROWS_A_GROUP = 20_000
const CELLS_A_GROUP = 400_000

/**
 * Writes all rows of a relation with typed columns into a Parquet file, one pass; a second one where the quick expressions left cells
 * that the readers can read.
 */
export async function writeTypedFile(
  engine: QueryEngine,
  relation: RawRelation,
  { columns, path }: { columns: readonly TypedColumn[]; path: string },
): Promise<TypedFile> {
  const group = Math.max(2_048, Math.min(ROWS_A_GROUP, Math.floor(CELLS_A_GROUP / columns.length)))
  const options = `(FORMAT parquet, COMPRESSION lz4, ROW_GROUP_SIZE ${group})`
  const isNumeric = ({ reader }: TypedColumn) => reader !== undefined
  const all = columns.map((_, i) => i)
  const rest = [...relation.beyond, 'is_row', 'row_hash']
  const filled = [...all.map(rawName), ...relation.beyond]
  const typed = columns.map(({ sql }, i) => `${sql} AS ${valueName(i)}`)
  await engine.run(
    `COPY (SELECT ${all.map(valueName).join(', ')}, ${leftoversSql(all, rawName)}, ${rest.join(', ')}
      FROM (SELECT ${typed.join(', ')}, ${filled.join(', ')}, ${relation.isRow} AS is_row, hash(${all.map(rawName).join(', ')}) AS row_hash
        FROM (${relation.sql}) WHERE coalesce(${filled.join(', ')}) IS NOT NULL)) TO ${quoted(path)} ${options}`,
  )
  const texts = all.map((i) => `${leftoverAt(i)} AS ${leftoverName(i)}`)
  const source = (from: string) =>
    `(SELECT * EXCLUDE (file_row_number, ${LEFTOVERS}), ${texts.join(', ')}, file_row_number + 1 AS row_number FROM read_parquet(${quoted(from)}, file_row_number = true) WHERE is_row)`
  const about = {
    columns: columns.map((column) => ({ kind: column.kind, isNumeric: isNumeric(column) })),
    timeColumn: indexOfTime(columns),
  }
  const [[rows, lines] = []] = await engine.rows(
    `SELECT count(*) FILTER (is_row), count(*) FROM read_parquet(${quoted(path)})`,
  )
  const file = { sql: source(path), rows: Number(rows), others: Number(lines) - Number(rows), ...about }
  const readable = await readableLeftovers(engine, file, columns)
  if (readable.length === 0) return file
  const again = `${path}.read`
  const values = readable.map(
    (i) => `coalesce(${valueName(i)}, ${columns[i]!.reader}(${leftoverAt(i)})) AS ${valueName(i)}`,
  )
  await engine.run(
    `COPY (SELECT * REPLACE (${leftoversSql(all, leftoverAt)})
      FROM (SELECT * REPLACE (${values.join(', ')}) FROM read_parquet(${quoted(path)}))) TO ${quoted(again)} ${options}`,
  )
  return { ...file, sql: source(again) }
}

function indexOfTime(columns: readonly TypedColumn[]): number | undefined {
  const index = columns.findIndex(({ kind }) => kind === 'temporal')
  return index < 0 ? undefined : index
}

/** Columns whose reader reads some of what the quick expression left. */
async function readableLeftovers(
  engine: QueryEngine,
  file: TypedFile,
  columns: readonly TypedColumn[],
): Promise<number[]> {
  const open = columns.flatMap(({ isComplete }, i) => (isComplete ? [] : [i]))
  if (open.length === 0) return []
  const [counts = []] = await engine.rows(
    `SELECT ${open.map((i) => `count(${leftoverName(i)})`).join(', ')} FROM ${file.sql}`,
  )
  const left = open.filter((_, at) => Number(counts[at]) > 0)
  if (left.length === 0) return []
  const [read = []] = await engine.rows(
    `SELECT ${left.map((i) => `count(${columns[i]!.reader}(${leftoverName(i)}))`).join(', ')} FROM ${file.sql}`,
  )
  return left.filter((_, at) => Number(read[at]) > 0)
}
