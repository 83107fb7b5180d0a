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
  const values = columns.map((column, i) => {
    return `${column.sql} AS ${valueName(i)}, CASE WHEN ${valueName(i)} IS NULL THEN trim(${rawName(i)}) END AS ${leftoverName(i)}`
  })
  const filled = [...columns.map((_, i) => rawName(i)), ...relation.beyond]
  await engine.run(
    `COPY (SELECT ${values.join(', ')}${relation.beyond.map((name) => `, ${name}`).join('')}, ${relation.isRow} AS is_row,
        hash(${columns.map((_, i) => rawName(i)).join(', ')}) AS row_hash
      FROM (${relation.sql}) WHERE coalesce(${filled.join(', ')}) IS NOT NULL) TO ${quoted(path)} ${options}`,
  )
  const source = (from: string) =>
    `(SELECT * EXCLUDE (file_row_number), file_row_number + 1 AS row_number FROM read_parquet(${quoted(from)}, file_row_number = true) WHERE is_row)`
  const about = {
    columns: columns.map((column) => ({ kind: column.kind, isNumeric: isNumeric(column) })),
    timeColumn: indexOfTime(columns),
  }
  const [[rows, all] = []] = await engine.rows(
    `SELECT count(*) FILTER (is_row), count(*) FROM read_parquet(${quoted(path)})`,
  )
  const file = { sql: source(path), rows: Number(rows), others: Number(all) - Number(rows), ...about }
  const readable = await readableLeftovers(engine, file, columns)
  if (readable.length === 0) return file
  const again = `${path}.read`
  const replaced = readable.flatMap((i) => {
    const value = `coalesce(${valueName(i)}, ${columns[i]!.reader}(${leftoverName(i)}))`
    return [
      `${value} AS ${valueName(i)}`,
      `CASE WHEN ${value} IS NULL THEN ${leftoverName(i)} END AS ${leftoverName(i)}`,
    ]
  })
  await engine.run(
    `COPY (SELECT * REPLACE (${replaced.join(', ')}) FROM read_parquet(${quoted(path)})) TO ${quoted(again)} ${options}`,
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
