import type { Table } from '#schemas/document.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { INGEST_LIMITS } from '../../limits.ts'
import { columnNames } from '../build-table.ts'
import { hasHeader } from '../csv/header-rows.ts'
import type { RawCell } from '../infer-column.ts'
import { isRange, labelledTableOf, looksLikeRowLabels } from './pandas-orients.ts'
import {
  createTableRows,
  type FlatRecord,
  flattenRecord,
  isJsonObject,
  recordsOf,
  type TableRows,
} from './table-rows.ts'

/** Lists of at least so many numbers side by side are the columns of a table. */
const MIN_SERIES = 2
const MAX_REMEMBERED = INGEST_LIMITS.tables * 20

/**
 * The tables in a JSON value: lists of objects, lists of lists, series of numbers side by side, and the single values
 * around them. A list inside a record is a table of its own that names its record. Pure.
 *
 * @param value bounded in depth
 */
export function jsonTables(
  value: JsonValue,
  { name }: { name: string },
): { tables: Table[]; notes: string[]; losses: string[] } {
  const found = new Map<string, TableRows>()
  if (Array.isArray(value)) addList(found, '', value)
  else if (isJsonObject(value)) addObject(found, value)
  else rowsAt(found, '').add([['value', value]])
  const tables = [...found]
    .slice(0, INGEST_LIMITS.tables)
    .map(([path, rows]) => rows.table(path === '' ? name : `${name}#${path}`))
    .filter(({ columns }) => columns.length > 0)
  const left = found.size - INGEST_LIMITS.tables
  const notes: string[] = []
  if (tables.length === 0) notes.push('There are no values in the file.')
  const losses =
    left > 0 ? [`Only the first ${INGEST_LIMITS.tables} tables were read, at least ${left} left out.`] : []
  return { tables, notes, losses }
}

function rowsAt(found: Map<string, TableRows>, path: string): TableRows {
  const known = found.get(path)
  if (known) return known
  const made = createTableRows()
  // Far beyond the limit new tables are not even remembered: every key of a hostile file may open one.
  if (found.size < MAX_REMEMBERED) found.set(path, made)
  return made
}

function addList(found: Map<string, TableRows>, path: string, values: readonly JsonValue[]): void {
  const records = recordsOf(values)
  if (records) {
    addRecords(found, path, records)
    rowsAt(found, path).countLost({ strays: values.length - records.length })
    return
  }
  const rows = rowsAt(found, path)
  const lists = values.filter((value) => Array.isArray(value))
  if (lists.length * 2 > values.length) {
    addLists(rows, lists)
    rows.countLost({ strays: values.length - lists.length })
    return
  }
  for (const value of values) rows.add([['value', cellOf(value)]])
}

function addRecords(
  found: Map<string, TableRows>,
  path: string,
  records: readonly JsonObject[],
  parent?: Parent,
): void {
  const rows = rowsAt(found, path)
  for (const record of records) {
    const flat = flattenRecord(record)
    rows.countLost(flat)
    const self = parentOf(flat, path, rows.nextRow())
    rows.add(parent ? [parent, ...flat.cells] : flat.cells)
    addNested(found, path, flat, self)
  }
}

/** The column that names the record a nested row belongs to: `orders.id` with its id, or `orders row` with its number. */
type Parent = [column: string, cell: RawCell]

function parentOf({ cells }: FlatRecord, path: string, row: number): Parent {
  const id = cells.find(([column]) => /^(?:id|key|uuid|_id|name)$/i.test(column))
  const prefix = path === '' ? 'parent' : path
  return id && id[1] !== null ? [`${prefix} ${id[0]}`, id[1]] : [`${prefix} row`, row]
}

function addNested(found: Map<string, TableRows>, path: string, flat: FlatRecord, parent?: Parent): void {
  for (const [key, records] of flat.nested) {
    addRecords(found, path === '' ? key : `${path}.${key}`, records, parent)
  }
}

/** Lists of lists are rows; the first may name the columns. */
function addLists(rows: TableRows, lists: readonly JsonValue[][]): void {
  const head = lists.slice(0, 2).map((list) => list.map((cell) => String(cellOf(cell) ?? '')))
  const named = lists[0]!.every((cell) => typeof cell === 'string') && hasHeader(head)
  const width = Math.min(
    INGEST_LIMITS.tableColumns + 1,
    lists.reduce((max, list) => Math.max(max, list.length), 0),
  )
  const names = columnNames(Array.from({ length: width }, (_, i) => (named ? (head[0]![i] ?? '') : '')))
  for (const list of named ? lists.slice(1) : lists) {
    rows.add(list.slice(0, width).map((cell, i): [string, RawCell] => [names[i]!, cellOf(cell)]))
  }
}

function addObject(found: Map<string, TableRows>, value: JsonObject): void {
  const labelled = labelledTableOf(value)
  const rest = Object.create(null) as JsonObject
  if (labelled) {
    addRecords(found, '', labelled.records)
    for (const [key, entry] of Object.entries(value)) if (!labelled.keys.includes(key)) rest[key] = entry
    if (Object.keys(rest).length > 0) addParts(found, rest, true)
    return
  }
  const entries = Object.entries(value)
  const mapped = entries.filter(([, entry]) => isJsonObject(entry))
  if (
    mapped.length > 2 &&
    mapped.length === entries.length &&
    alike(mapped.map(([, entry]) => entry as JsonObject))
  ) {
    const records = mapped.map(([key, entry]): JsonObject => ({ key, ...(entry as JsonObject) }))
    addRecords(found, '', records)
    return
  }
  addParts(found, value, false)
}

/** The entries of an object: each list or table under a key is one, lists of one length share one, and the rest is a row. */
function addParts(found: Map<string, TableRows>, value: JsonObject, besideTable: boolean): void {
  const rest = Object.create(null) as JsonObject
  const series: [string, JsonValue[]][] = []
  for (const [key, entry] of Object.entries(value)) {
    const labelled = isJsonObject(entry) ? labelledTableOf(entry) : undefined
    if (labelled && labelled.keys.length === Object.keys(entry as JsonObject).length) {
      addRecords(found, key, labelled.records)
    } else if (Array.isArray(entry) && isSeries(entry)) series.push([key, entry])
    else if (Array.isArray(entry) && entry.some((item) => Array.isArray(item))) addList(found, key, entry)
    else rest[key] = entry
  }
  addSeries(found, series)
  const flat = flattenRecord(rest)
  addSingles(found, flat, besideTable || series.length > 0)
  // There is only one record at the top, so its lists need not say whose they are.
  addNested(found, '', flat)
}

/** Objects under different keys with the same keys inside are records, named by the key they stand under. */
function alike(records: readonly JsonObject[]): boolean {
  const keys = Object.keys(records[0]!)
  return (
    keys.length > 0 &&
    records.every((record) => keys.filter((key) => Object.hasOwn(record, key)).length * 2 > keys.length)
  )
}

function isSeries(values: readonly JsonValue[]): boolean {
  const scalars = values.every((value) => typeof value !== 'object' || value === null)
  return scalars && values.length >= MIN_SERIES
}

/** Lists of the same length stand side by side in one table; each other length is a table of its own. */
function addSeries(found: Map<string, TableRows>, series: readonly [string, JsonValue[]][]): void {
  const groups = [...Map.groupBy(series, ([, values]) => values.length)]
  for (const [length, group] of groups) {
    const rows = rowsAt(
      found,
      groups.length === 1
        ? ''
        : group
            .map(([key]) => key)
            .join(',')
            .slice(0, 80),
    )
    for (let i = 0; i < length; i++) rows.add(group.map(([key, values]): Parent => [key, cellOf(values[i]!)]))
  }
}

/** Numbers by name, and values under numbers or dates, are a list of keys and values; other single values are one row. */
function addSingles(found: Map<string, TableRows>, flat: FlatRecord, besideTable: boolean): void {
  const { cells } = flat
  if (cells.length === 0) return
  const rows = rowsAt(found, besideTable ? 'values' : '')
  rows.countLost({ cut: flat.cut })
  const keys = cells.map(([key]) => key)
  const numbers = cells.every(([, cell]) => typeof cell === 'number' || cell === null)
  if (cells.length < 3 || !(numbers || looksLikeRowLabels(keys))) {
    rows.add(cells)
    return
  }
  const counts = isRange(keys)
  for (const [key, value] of cells) {
    rows.add(
      counts
        ? [['value', value]]
        : [
            ['key', key],
            ['value', value],
          ],
    )
  }
}

function cellOf(value: JsonValue): RawCell {
  return typeof value === 'object' && value !== null ? JSON.stringify(value).slice(0, 1_000) : value
}
