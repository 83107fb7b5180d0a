import type { Column } from '#schemas/document.ts'
import { type QueryEngine, quoted } from './query-engine.ts'
import { type RawRelation, rawName } from './raw-relation.ts'
import type { TypedColumn } from './typed-columns.ts'

/**
 * All rows of a large file, typed, as SQL reads them. Tables with many columns lie in several files, each with some of the columns: what a
 * statement holds in memory grows with the columns that it reads.
 */
export interface TypedFile {
  /**
   * For FROM: the values `v0`, `v1` … of these columns, the leftover texts `l0` … of those, and `row_number`, 1-based. Without any column
   * also `row_hash` of all cells and the cells beyond the last column. Columns of different parts are joined, so ask for those of one where
   * that is possible.
   */
  from(columns: readonly number[], leftovers?: readonly number[]): string
  /** Without these rows, by their number. */
  without(rows: readonly number[]): TypedFile
  rows: number
  /** Lines that are no rows: comments, sources below the table, the names of the columns again. */
  others: number
  columns: readonly TypedFileColumn[]
  /** Indexes of the columns that lie together. */
  parts: readonly (readonly number[])[]
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

/** The column that all leftover texts of a row and part stand in: NULL in most rows, where one for each column costs as much as its values. */
const LEFTOVERS = 'leftovers'

/** Columns that are typed and written in one pass over the file. A hundred: all of a usual table; of 500 at once DuckDB needs more than 448 MB. */
const COLUMNS_A_PART = 100

/** One Parquet file with some of the columns. */
interface Part {
  path: string
  indexes: readonly number[]
}

/** Of a list that counts from 1. */
function leftoverAt(part: Part, index: number): string {
  return `${LEFTOVERS}[${part.indexes.indexOf(index) + 1}]`
}

/** Of each row the texts, by column, that have no value. */
function leftoversSql({ indexes }: Part, textOf: (index: number) => string): string {
  const isLeft = (i: number) => `(${valueName(i)} IS NULL AND ${textOf(i)} IS NOT NULL)`
  const text = (i: number) => `CASE WHEN ${valueName(i)} IS NULL THEN trim(${textOf(i)}) END`
  return `CASE WHEN ${indexes.map(isLeft).join(' OR ')} THEN [${indexes.map(text).join(', ')}] END AS ${LEFTOVERS}`
}

/** Rows that are packed together: their cells are in memory at a time, on each thread. */
const ROWS_A_GROUP = 20_000
const CELLS_A_GROUP = 400_000

/**
 * Writes all rows of a relation with typed columns into Parquet files, one pass for each part of the columns; a second one where the quick
 * expressions left cells that the readers can read.
 */
export async function writeTypedFile(
  engine: QueryEngine,
  relation: RawRelation,
  { columns, path }: { columns: readonly TypedColumn[]; path: string },
): Promise<TypedFile> {
  const parts: Part[] = []
  for (let from = 0; from < columns.length; from += COLUMNS_A_PART) {
    const indexes = columns.slice(from, from + COLUMNS_A_PART).map((_, i) => from + i)
    const part = { path: from === 0 ? path : `${path}.${from}`, indexes }
    // What DuckDB holds of a part that is written adds up otherwise.
    if (from > 0) await engine.renew()
    await writePart(engine, relation, { columns, part })
    parts.push(part)
  }
  const [[rows, lines] = []] = await engine.rows(
    `SELECT count(*) FILTER (is_row), count(*) FROM read_parquet(${quoted(path)})`,
  )
  const file = typedFile(parts, {
    columns: columns.map(({ kind, reader }) => ({ kind, isNumeric: reader !== undefined })),
    timeColumn: indexOfTime(columns),
    rows: Number(rows),
    others: Number(lines) - Number(rows),
  })
  const read: Part[] = []
  for (const part of parts) {
    const readable = await readableLeftovers(engine, file, { columns, part })
    read.push(readable.length === 0 ? part : await readAgain(engine, part, { columns, readable }))
  }
  return typedFile(read, file)
}

function typedFile(
  parts: readonly Part[],
  about: Pick<TypedFile, 'rows' | 'others' | 'columns' | 'timeColumn'>,
  leftOut: readonly number[] = [],
): TypedFile {
  const { rows, others, columns, timeColumn } = about
  const only = leftOut.length === 0 ? '' : ` AND file_row_number + 1 NOT IN (${leftOut.join(', ')})`
  return {
    rows,
    others,
    columns,
    timeColumn,
    parts: parts.map(({ indexes }) => indexes),
    from(values, leftovers = []) {
      const asked = new Set([...values, ...leftovers])
      const parted = parts.flatMap((part) => {
        const own = [...new Set(values)].filter((i) => part.indexes.includes(i)).map(valueName)
        const left = [...new Set(leftovers)]
          .filter((i) => part.indexes.includes(i))
          .map((i) => `${leftoverAt(part, i)} AS ${leftoverName(i)}`)
        const isAsked = asked.size === 0 ? part === parts[0] : own.length + left.length > 0
        const names = asked.size === 0 ? [`* EXCLUDE (file_row_number, ${LEFTOVERS})`] : [...own, ...left]
        return isAsked
          ? [
              `(SELECT ${names.join(', ')}, file_row_number + 1 AS row_number FROM read_parquet(${quoted(part.path)}, file_row_number = true) WHERE is_row${only})`,
            ]
          : []
      })
      if (parted.length === 1) return parted[0]!
      return `(SELECT * FROM ${parted.map((sql, k) => (k === 0 ? `${sql} t0` : `JOIN ${sql} t${k} USING (row_number)`)).join(' ')})`
    },
    without: (out) => typedFile(parts, { ...about, rows: rows - out.length }, [...leftOut, ...out]),
  }
}

function parquetOptions({ indexes }: Part): string {
  const group = Math.max(2_048, Math.min(ROWS_A_GROUP, Math.floor(CELLS_A_GROUP / indexes.length)))
  return `(FORMAT parquet, COMPRESSION lz4, ROW_GROUP_SIZE ${group})`
}

/** The first part holds what there is once for a row: its hash, and cells beyond the last column. Which lines are rows, each part knows. */
async function writePart(
  engine: QueryEngine,
  relation: RawRelation,
  { columns, part }: { columns: readonly TypedColumn[]; part: Part },
): Promise<void> {
  const { indexes, path } = part
  const isFirst = indexes[0] === 0
  const all = columns.map((_, i) => rawName(i))
  const beyond = isFirst ? relation.beyond : []
  const hash = isFirst ? [`hash(${all.join(', ')}) AS row_hash`] : []
  const rest = [...beyond, 'is_row', ...(isFirst ? ['row_hash'] : [])]
  const typed = indexes.map((i) => `${columns[i]!.sql} AS ${valueName(i)}`)
  const inner = [...typed, ...indexes.map(rawName), ...beyond, `${relation.isRow} AS is_row`, ...hash]
  await engine.run(
    `COPY (SELECT ${indexes.map(valueName).join(', ')}, ${leftoversSql(part, rawName)}, ${rest.join(', ')}
      FROM (SELECT ${inner.join(', ')}
        FROM (${relation.sql}) WHERE coalesce(${[...all, ...relation.beyond].join(', ')}) IS NOT NULL)) TO ${quoted(path)} ${parquetOptions(part)}`,
  )
}

/** The same part, with what its readers read of the leftover texts. */
async function readAgain(
  engine: QueryEngine,
  part: Part,
  { columns, readable }: { columns: readonly TypedColumn[]; readable: readonly number[] },
): Promise<Part> {
  const again = `${part.path}.read`
  const values = readable.map(
    (i) => `coalesce(${valueName(i)}, ${columns[i]!.reader}(${leftoverAt(part, i)})) AS ${valueName(i)}`,
  )
  await engine.run(
    `COPY (SELECT * REPLACE (${leftoversSql(part, (i) => leftoverAt(part, i))})
      FROM (SELECT * REPLACE (${values.join(', ')}) FROM read_parquet(${quoted(part.path)}))) TO ${quoted(again)} ${parquetOptions(part)}`,
  )
  return { ...part, path: again }
}

function indexOfTime(columns: readonly TypedColumn[]): number | undefined {
  const index = columns.findIndex(({ kind }) => kind === 'temporal')
  return index < 0 ? undefined : index
}

/** Columns of a part whose reader reads some of what the quick expression left. */
async function readableLeftovers(
  engine: QueryEngine,
  file: TypedFile,
  { columns, part }: { columns: readonly TypedColumn[]; part: Part },
): Promise<number[]> {
  const open = part.indexes.filter((i) => !columns[i]!.isComplete)
  if (open.length === 0) return []
  const [counts = []] = await engine.rows(
    `SELECT ${open.map((i) => `count(${leftoverName(i)})`).join(', ')} FROM ${file.from([], open)}`,
  )
  const left = open.filter((_, at) => Number(counts[at]) > 0)
  if (left.length === 0) return []
  const [read = []] = await engine.rows(
    `SELECT ${left.map((i) => `count(${columns[i]!.reader}(${leftoverName(i)}))`).join(', ')} FROM ${file.from([], left)}`,
  )
  return left.filter((_, at) => Number(read[at]) > 0)
}
