import type { Table } from '#schemas/document.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { INGEST_LIMITS } from '../../limits.ts'
import { buildTable, columnNames } from '../build-table.ts'
import type { RawCell } from '../infer-column.ts'
import { withExactIntegers } from './exact-integers.ts'

export interface FlatRecord {
  /** Scalars by their dotted path. */
  cells: [column: string, cell: RawCell][]
  /** Arrays of objects by their dotted path: tables of their own. */
  nested: [path: string, records: JsonObject[]][]
  /** Entries of such arrays that are no objects, and have no place in a table. */
  strays: number
  /** Lists whose text was cut. */
  cut: number
}

/** Short lists of numbers, such as coordinates, become a column each. */
const MAX_LIST_COLUMNS = 4
const LIST_CHARACTERS = 1_000
/** Names of left-out columns that are counted one by one. */
const MAX_IGNORED = 10_000

/** An object as one row. Depth is bounded by the check before parsing, so walking it is safe. Pure. */
export function flattenRecord(record: JsonObject, prefix = ''): FlatRecord {
  const flat: FlatRecord = { cells: [], nested: [], strays: 0, cut: 0 }
  walk(record, prefix, flat)
  return flat
}

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Mostly objects; what is none is passed over. */
export function recordsOf(values: readonly JsonValue[]): JsonObject[] | null {
  const records = values.filter(isJsonObject)
  return records.length > 0 && records.length * 2 > values.length ? records : null
}

function walk(record: JsonObject, prefix: string, flat: FlatRecord): void {
  for (const [key, value] of Object.entries(record)) {
    // Beyond twice the columns of a table nothing more can be kept.
    if (flat.cells.length > INGEST_LIMITS.tableColumns * 2) return
    const path = prefix === '' ? key : `${prefix}.${key}`
    if (isJsonObject(value)) walk(value, path, flat)
    else if (!Array.isArray(value)) flat.cells.push([path, value])
    else addList(path, value, flat)
  }
}

function addList(path: string, values: readonly JsonValue[], flat: FlatRecord): void {
  const records = recordsOf(values)
  if (records) {
    flat.nested.push([path, records])
    flat.strays += values.length - records.length
  } else if (values.length <= MAX_LIST_COLUMNS && values.every((value) => typeof value === 'number')) {
    flat.cells.push(...values.map((value, i): [string, RawCell] => [`${path}.${i}`, value]))
  } else {
    const text = listText(values)
    if (text.length > LIST_CHARACTERS) flat.cut++
    flat.cells.push([path, text])
  }
}

/** A list as one cell; longer than the limit, and with an ellipsis, when it was cut. */
function listText(values: readonly JsonValue[]): string {
  let text = ''
  for (const value of values) {
    if (text.length > LIST_CHARACTERS) return `${text.slice(0, LIST_CHARACTERS)}…`
    const part = typeof value === 'string' ? value : JSON.stringify(value)
    text += text === '' ? part : `, ${part}`
  }
  return text
}

/** Collects rows whose columns turn up one by one. */
export interface TableRows {
  /** The 1-based number the next row will have. */
  nextRow(): number
  /** Counts what stands in the source and found no place here. */
  countLost(count: { strays?: number; cut?: number }): void
  add(cells: Iterable<readonly [column: string, cell: RawCell]>): void
  table(name: string): Table
}

/** Makes an empty collection; what goes beyond the limits is counted and left out. */
export function createTableRows(): TableRows {
  const columns = new Map<string, RawCell[]>()
  const ignored = new Set<string>()
  let rows = 0
  let offered = 0
  const lost = { strays: 0, cut: 0 }

  function columnOf(name: string): RawCell[] | undefined {
    const known = columns.get(name)
    if (known) return known
    if (columns.size >= INGEST_LIMITS.tableColumns) {
      // As a set, but bounded: a map with a million keys has a column for each.
      if (ignored.size < MAX_IGNORED) ignored.add(name)
      return undefined
    }
    const made: RawCell[] = []
    columns.set(name, made)
    return made
  }

  return {
    nextRow: () => offered + 1,
    countLost({ strays = 0, cut = 0 }) {
      lost.strays += strays
      lost.cut += cut
    },
    add(cells) {
      offered++
      if (rows >= INGEST_LIMITS.tableRows || rows * columns.size >= INGEST_LIMITS.tableCells) return
      for (const [name, cell] of cells) {
        const column = columnOf(name)
        if (!column) continue
        while (column.length < rows) column.push(null)
        column[rows] = cell
      }
      rows++
    },
    table(name) {
      const names = columnNames([...columns.keys()])
      const raw = [...columns.values()].map((cells, i) => {
        while (cells.length < rows) cells.push(null)
        return { name: names[i]!, cells: withExactIntegers(cells) }
      })
      const table = buildTable({ name, rows, columns: raw, notes: [] })
      const unread = lossesOf({ ...lost, rows, offered, columns: columns.size, ignored: ignored.size })
      const losses = [...(table.losses ?? []), ...unread]
      return losses.length === 0 ? table : { ...table, losses }
    },
  }
}

function lossesOf(count: {
  rows: number
  offered: number
  columns: number
  ignored: number
  strays: number
  cut: number
}): string[] {
  const losses: string[] = []
  if (count.offered > count.rows) {
    losses.push(`Only the first ${count.rows} of ${count.offered} rows were read.`)
  }
  if (count.ignored > 0) {
    const more = count.ignored >= MAX_IGNORED ? ' or more' : ''
    losses.push(`Only the first ${count.columns} columns were read; ${count.ignored}${more} were left out.`)
  }
  if (count.strays > 0) {
    const entries = count.strays === 1 ? '1 entry' : `${count.strays} entries`
    losses.push(
      `${entries} among the records ${count.strays === 1 ? 'is no object and was' : 'are no objects and were'} left out.`,
    )
  }
  if (count.cut > 0) {
    losses.push(
      `${count.cut} ${count.cut === 1 ? 'list was' : 'lists were'} cut after ${LIST_CHARACTERS} characters.`,
    )
  }
  return losses
}
