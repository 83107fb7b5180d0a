import { parentPort, workerData } from 'node:worker_threads'
import type { FileMetaData, SchemaTree } from 'hyparquet'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { JsonValue } from '#schemas/json.ts'
import { INGEST_LIMITS } from '../../limits.ts'
import { threadAnswer } from '../../thread-answer.ts'
import { buildTable, columnNames, type RawColumn } from '../build-table.ts'
import type { RawCell } from '../infer-column.ts'
import { withExactIntegers } from '../json/exact-integers.ts'
import { flattenRecord } from '../json/table-rows.ts'
import { type CellForm, jsonCell, singleAsDecimal } from './parquet-cell.ts'
import type { ParquetTables } from './read-parquet.ts'

/** Thread that reads one untrusted Parquet file: it gets its bytes and name, and answers once with its table. */
export interface ParquetTask {
  bytes: Uint8Array
  name: string
}

const MAX_CELL_CHARACTERS = 1_000
/** Digits that a double keeps of any decimal number. */
const EXACT_DIGITS = 15
/** Text with more broken characters than this is no text. */
const BROKEN_SHARE = 0.1
/** How pandas calls an index without a name. */
const PANDAS_INDEX = /^__index_level_\d+__$/

async function read({ bytes, name }: ParquetTask): Promise<ParquetTables> {
  const { parquetMetadataAsync, parquetSchema } = await import('hyparquet')
  const file = bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer
  const metadata = await broken(() => parquetMetadataAsync(file))
  const fields = await broken(async () => parquetSchema(metadata).children)
  const kept = fields.slice(0, INGEST_LIMITS.tableColumns)
  const allRows = Number(metadata.num_rows)
  const rows = Math.min(
    allRows,
    INGEST_LIMITS.tableRows,
    Math.floor(INGEST_LIMITS.tableCells / Math.max(1, kept.length)),
  )
  const said: Said = { notes: [], losses: [] }
  if (rows < allRows) said.losses.push(`Only the first ${rows} of ${allRows} rows were read.`)
  if (kept.length < fields.length)
    said.losses.push(`Only the first ${kept.length} of ${fields.length} columns were read.`)
  const columns: RawColumn[] = []
  for (const field of kept) columns.push(...(await readField(field, { file, metadata, rows }, said)))
  const names = columnNames(columns.map((column) => column.name.replace(PANDAS_INDEX, 'index')))
  const exact = columns.map(({ cells }, i) => ({ name: names[i]!, cells: withExactIntegers(cells) }))
  const table = buildTable({ name, rows, columns: exact, notes: said.notes })
  const losses = [...(table.losses ?? []), ...said.losses]
  return { tables: [{ ...table, ...(losses.length > 0 && { losses }) }], notes: [], losses: [] }
}

interface Said {
  notes: string[]
  losses: string[]
}

interface OpenFile {
  file: ArrayBuffer
  metadata: FileMetaData
  rows: number
}

/** A field of the schema as columns: one, or one for each leaf of a structure. What can't be read is said. */
async function readField(field: SchemaTree, open: OpenFile, said: Said): Promise<RawColumn[]> {
  const { name, precision = 0 } = field.element
  let values: unknown[]
  try {
    values = await readValues(name, open)
  } catch (error) {
    said.losses.push(`The column "${name}" could not be read (${plainLine(messageOf(error))}).`)
    return []
  }
  if (isBinary(values)) {
    said.losses.push(`The column "${name}" holds binary data and was left out.`)
    return []
  }
  if (precision > EXACT_DIGITS) {
    said.notes.push(
      `"${name}" holds decimals of up to ${precision} digits; about ${EXACT_DIGITS} of them are kept.`,
    )
  }
  const form = formOf(field)
  const isSingle = field.element.type === 'FLOAT'
  const cells = values.map((value) =>
    isSingle && typeof value === 'number' ? singleAsDecimal(value) : jsonCell(value, form),
  )
  if (!cells.some((cell) => typeof cell === 'object' && cell !== null)) {
    return [{ name, cells: (form === 'plain' ? withoutMidnight(cells) : cells) as RawCell[] }]
  }
  said.notes.push(`"${name}" is nested: its fields are columns of their own, and lists in it are text.`)
  return nestedColumns(name, cells)
}

async function readValues(name: string, { file, metadata, rows }: OpenFile): Promise<unknown[]> {
  const { parquetRead } = await import('hyparquet')
  const { compressors } = await import('hyparquet-compressors')
  const values: unknown[] = Array.from({ length: rows }, () => null)
  await parquetRead({
    file,
    metadata,
    compressors,
    columns: [name],
    rowStart: 0,
    rowEnd: rows,
    onChunk({ columnData, rowStart }) {
      const end = Math.min(columnData.length, rows - rowStart)
      for (let i = 0; i < end; i++) values[rowStart + i] = columnData[i]
    },
  })
  return values
}

function formOf({ element }: SchemaTree): CellForm {
  const { converted_type: converted, logical_type: logical } = element
  if (converted === 'DATE' || logical?.type === 'DATE') return 'date'
  if (logical?.type === 'TIME') {
    return logical.unit === 'MILLIS' ? 'time-ms' : logical.unit === 'MICROS' ? 'time-us' : 'time-ns'
  }
  if (converted === 'TIME_MILLIS') return 'time-ms'
  return converted === 'TIME_MICROS' ? 'time-us' : 'plain'
}

const MIDNIGHT = 'T00:00:00.000Z'

/** Points in time that all are midnight are days. */
function withoutMidnight(cells: JsonValue[]): JsonValue[] {
  const isDay = (cell: JsonValue) => cell === null || (typeof cell === 'string' && cell.endsWith(MIDNIGHT))
  if (!cells.some((cell) => cell !== null) || !cells.every(isDay)) return cells
  return cells.map((cell) => (cell as string | null)?.slice(0, -MIDNIGHT.length) ?? null)
}

function isBinary(values: readonly unknown[]): boolean {
  const present = values.filter((value) => value !== null && value !== undefined)
  if (present.some((value) => value instanceof Uint8Array)) return true
  const texts = present.filter((value) => typeof value === 'string')
  const isBroken = (text: string) => /[\ufffd\0]/.test(text)
  return texts.length > 0 && texts.filter(isBroken).length > BROKEN_SHARE * texts.length
}

function nestedColumns(name: string, cells: readonly JsonValue[]): RawColumn[] {
  const columns = new Map<string, RawCell[]>()
  for (const [row, cell] of cells.entries()) {
    const flat = flattenRecord({ [name]: cell })
    const lists = flat.nested.map(([path, list]): [string, RawCell] => [
      path,
      shortened(JSON.stringify(list)),
    ])
    for (const [path, value] of [...flat.cells, ...lists]) {
      if (!columns.has(path) && columns.size < INGEST_LIMITS.tableColumns) {
        columns.set(path, Array<RawCell>(cells.length).fill(null))
      }
      const column = columns.get(path)
      if (column) column[row] = value
    }
  }
  // A structure that is missing in one row leaves a value at its own name: null, and never anything else.
  const missing = columns.get(name)
  if (columns.size > 1 && missing?.every((cell) => cell === null)) columns.delete(name)
  return [...columns].map(([path, values]) => ({ name: path, cells: values }))
}

function shortened(text: string): string {
  return text.length > MAX_CELL_CHARACTERS ? `${text.slice(0, MAX_CELL_CHARACTERS)}…` : text
}

/** The library throws plain errors about files; its own faults look the same, and hit the same file again. */
async function broken<Result>(step: () => Promise<Result>): Promise<Result> {
  try {
    return await step()
  } catch (cause) {
    throw new MurmurError(
      'BROKEN_FILE',
      `the Parquet file is damaged or cut off (${plainLine(messageOf(cause))})`,
      {
        cause,
      },
    )
  }
}

function plainLine(text: string): string {
  return text
    .replace(/[\p{Cc}\s]+/gu, ' ')
    .trim()
    .slice(0, 200)
}

// Without a parent this file was merely imported, by a tool that looks at modules.
if (parentPort) parentPort.postMessage(await threadAnswer(() => read(workerData as ParquetTask)))
