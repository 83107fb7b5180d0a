import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { columnNames } from '../build-table.ts'
import { isJsonObject } from './table-rows.ts'

/** A table that was written by its axes instead of row by row. */
export interface LabelledTable {
  records: JsonObject[]
  /** Keys of the object that the table was made of; what else stands there is not part of it. */
  keys: string[]
}

/** Keys under which writers list the names of columns, and the rows. */
const NAME_KEYS = ['columns', 'fields', 'cols', 'headers', 'header', 'column_names', 'columnNames', 'names']
const ROW_KEYS = ['data', 'rows', 'values', 'records', 'dataTable']
const NAME_OF_COLUMN = ['name', 'field', 'label', 'title', 'id', 'key', 'column', 'fieldName']
const INDEX = 'index'
const DATE_INDEX = 'date'
/** Whole numbers between these read as points in time: 1973 to 2100. */
const EARLIEST_MS = 100_000_000_000
const LATEST_MS = 4_102_444_800_000
/** Without a sign of it in the labels, the longer axis holds the rows only when it is so much longer. */
const CLEARLY_LONGER = 3

/**
 * The orients of `DataFrame.to_json` (https://pandas.pydata.org/docs/reference/api/pandas.DataFrame.to_json.html) that are
 * no list of records: `split`, `table`, `columns` and `index`; undefined for any other object. An index that only counts
 * from 0 is left out. Pure.
 */
export function labelledTableOf(value: JsonObject): LabelledTable | undefined {
  return splitTable(value) ?? schemaTable(value) ?? crossTable(value)
}

/** `{"columns": [...], "index": [...], "data": [[...]]}`, and what others write like it. */
function splitTable(value: JsonObject): LabelledTable | undefined {
  const rowKey = ROW_KEYS.find((key) => isListOfLists(value[key]))
  const nameKey = NAME_KEYS.find((key) => key !== rowKey && Array.isArray(value[key]))
  if (rowKey === undefined || nameKey === undefined) return undefined
  const rows = value[rowKey] as JsonValue[][]
  const given = (value[nameKey] as JsonValue[]).map(nameOfColumn)
  const width = rows.reduce((max, row) => Math.max(max, row.length), 0)
  if (given.length !== width || given.some((name) => name === undefined)) return undefined
  const names = columnNames(given.map(String))
  const index = indexCells(value[INDEX], rows.length)
  const records = rows.map((row, r) => {
    const record = recordOf(index && [freeName(index.name, names), index.cells[r]!])
    for (const [i, name] of names.entries()) record[name] = row[i] ?? null
    return record
  })
  return { records, keys: [rowKey, nameKey, ...(Object.hasOwn(value, INDEX) ? [INDEX] : [])] }
}

function isListOfLists(value: JsonValue | undefined): boolean {
  return Array.isArray(value) && value.length > 0 && value.every((row) => Array.isArray(row))
}

function nameOfColumn(given: JsonValue): string | undefined {
  if (typeof given === 'string') return given
  if (typeof given === 'number') return String(given)
  if (Array.isArray(given)) return given.filter((part) => part !== '' && part !== null).join(' ')
  if (!isJsonObject(given)) return undefined
  const name = NAME_OF_COLUMN.map((key) => given[key]).find((each) => typeof each === 'string')
  return typeof name === 'string' ? name : undefined
}

function indexCells(
  index: JsonValue | undefined,
  rows: number,
): { name: string; cells: JsonValue[] } | undefined {
  if (!Array.isArray(index) || index.length !== rows || isRange(index.map(String))) return undefined
  const instants = instantsOf(index.map(String))
  if (instants) return { name: DATE_INDEX, cells: instants }
  return { name: INDEX, cells: index.map((label) => (Array.isArray(label) ? label.join(' ') : label)) }
}

/** `{"schema": {"fields": [...], "primaryKey": ["index"]}, "data": [{...}]}`: the Table Schema of Frictionless Data. */
function schemaTable(value: JsonObject): LabelledTable | undefined {
  const { schema, data } = value
  if (!isJsonObject(schema) || !Array.isArray(schema.fields) || !Array.isArray(data)) return undefined
  const records = data.filter(isJsonObject)
  if (records.length === 0 || records.length < data.length) return undefined
  const [key] = Array.isArray(schema.primaryKey) ? schema.primaryKey : []
  const counts = typeof key === 'string' && isRange(records.map((record) => String(record[key])))
  const kept = counts ? records.map((record) => without(record, key)) : records
  return { records: kept, keys: ['schema', 'data'] }
}

/** Objects in an object with the same keys in each: columns of rows, or rows of columns. */
function crossTable(value: JsonObject): LabelledTable | undefined {
  const outer = Object.keys(value)
  const entries = Object.values(value)
  if (outer.length === 0 || !entries.every(isFlatObject)) return undefined
  const inner = Object.keys(entries[0]!)
  const same = entries.every(
    (entry) => Object.keys(entry).length === inner.length && inner.every((key) => Object.hasOwn(entry, key)),
  )
  if (!same || inner.length === 0) return undefined
  const rowsInside = rowsAreInside(outer, inner, entries)
  if (rowsInside === undefined || (rowsInside ? inner : outer).length < 2) return undefined
  const labels = rowsInside ? inner : outer
  const columns = rowsInside ? outer : inner
  const cell = (label: string, column: string) => (rowsInside ? value[column] : value[label]) as JsonObject
  const counts = isRange(labels)
  const instants = instantsOf(labels)
  const indexName = freeName(instants ? DATE_INDEX : INDEX, columns)
  const records = labels.map((label, row) => {
    const record = recordOf(counts ? undefined : [indexName, instants?.[row] ?? label])
    for (const column of columns) record[column] = cell(label, column)[rowsInside ? label : column] ?? null
    return record
  })
  return { records, keys: outer }
}

function isFlatObject(value: JsonValue): value is JsonObject {
  return isJsonObject(value) && Object.values(value).every((each) => !isJsonObject(each))
}

/** Whether the inner keys are the labels of rows (orient `columns`); undefined when neither axis shows it. */
function rowsAreInside(
  outer: readonly string[],
  inner: readonly string[],
  entries: readonly JsonObject[],
): boolean | undefined {
  const [outerRows, innerRows] = [looksLikeRowLabels(outer), looksLikeRowLabels(inner)]
  if (innerRows !== outerRows) return innerRows
  if (inner.length < 2) return undefined
  if (innerRows) return true
  // Two objects with a few named values each are settings rather than a table.
  if (outer.length < 3 && inner.length < 3) return undefined
  const inColumns = shareOfOneKind(entries.map((entry) => Object.values(entry)))
  const inRows = shareOfOneKind(inner.map((key) => entries.map((entry) => entry[key]!)))
  if (inColumns !== inRows) return inColumns > inRows
  return outer.length < 3 || inner.length >= CLEARLY_LONGER * outer.length ? true : undefined
}

/** The labels of a DatetimeIndex, which `to_json` writes as Unix milliseconds, as ISO dates; undefined for other labels. */
function instantsOf(labels: readonly string[]): string[] | undefined {
  const isInstant = (label: string) =>
    /^\d{12,13}$/.test(label) && Number(label) >= EARLIEST_MS && Number(label) <= LATEST_MS
  if (!labels.every(isInstant)) return undefined
  const dates = labels.map((label) => new Date(Number(label)).toISOString())
  const midnight = 'T00:00:00.000Z'
  return dates.every((date) => date.endsWith(midnight))
    ? dates.map((date) => date.slice(0, -midnight.length))
    : dates
}

/** Whole numbers or dates: what rows are called, and columns hardly ever. Pure. */
export function looksLikeRowLabels(labels: readonly string[]): boolean {
  return (
    labels.every((label) => /^-?\d{1,20}$/.test(label)) ||
    labels.every((label) => /^\d{4}-\d{2}(?:-\d{2})?(?:[T ][\d:.,]+(?:Z|[+-]\d{2}:?\d{2})?)?$/.test(label))
  )
}

/** Of lists of values, the share whose present values are all of one type. */
function shareOfOneKind(lists: readonly JsonValue[][]): number {
  const alike = lists.filter(
    (list) => new Set(list.filter((each) => each !== null).map((each) => typeof each)).size <= 1,
  )
  return alike.length / lists.length
}

/** `0`, `1`, `2` … as pandas numbers rows that have no labels. Pure. */
export function isRange(labels: readonly string[]): boolean {
  return labels.every((label, i) => label === String(i))
}

/** Without a prototype: strangers name columns, and `__proto__` is one more name. */
function recordOf(label: [name: string, value: JsonValue] | undefined): JsonObject {
  const record = Object.create(null) as JsonObject
  if (label) record[label[0]] = label[1]
  return record
}

function freeName(name: string, taken: readonly string[]): string {
  return taken.includes(name) ? `${name} (rows)` : name
}

function without(record: JsonObject, key: string): JsonObject {
  return Object.fromEntries(Object.entries(record).filter(([each]) => each !== key))
}
