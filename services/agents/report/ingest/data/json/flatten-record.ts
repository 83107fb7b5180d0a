import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { INGEST_LIMITS } from '../../limits.ts'
import type { RawCell } from '../infer-column.ts'

export interface FlatRecord {
  /** Scalars by their dotted path. */
  cells: [column: string, cell: RawCell][]
  /** Arrays of objects by their dotted path: tables of their own. */
  nested: [path: string, records: JsonObject[]][]
}

/** Short lists of numbers, such as coordinates, become a column each. */
const MAX_NUMBERS_ABREAST = 4
const LIST_CHARACTERS = 1_000

/** An object as one row. Depth is bounded by the check before parsing, so walking it is safe. Pure. */
export function flattenRecord(record: JsonObject, prefix = ''): FlatRecord {
  const flat: FlatRecord = { cells: [], nested: [] }
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
  } else if (values.length <= MAX_NUMBERS_ABREAST && values.every((value) => typeof value === 'number')) {
    flat.cells.push(...values.map((value, i): [string, RawCell] => [`${path}.${i}`, value]))
  } else {
    flat.cells.push([path, listText(values)])
  }
}

function listText(values: readonly JsonValue[]): string {
  let text = ''
  for (const value of values) {
    if (text.length > LIST_CHARACTERS) return `${text.slice(0, LIST_CHARACTERS)}…`
    const part = typeof value === 'string' ? value : JSON.stringify(value)
    text += text === '' ? part : `, ${part}`
  }
  return text
}
