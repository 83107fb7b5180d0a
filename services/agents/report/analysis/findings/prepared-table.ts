import type { Column, Table } from '#schemas/document.ts'
import { type Ranking, rank } from '../statistics/rank.ts'

/** A column of numbers, with its missing values taken out. */
export interface NumericColumn {
  name: string
  kind: Column['kind']
  role: ColumnRole | 'time'
  /** Present values in row order. */
  values: Float64Array
  /** 0-based row of each present value. */
  rows: Uint32Array
  missing: number
  /** Of `values`; sorted at the first call, then kept. */
  ranking(): Ranking
}

/** A column of few values, as numbers of groups. */
export interface CategoryColumn {
  name: string
  kind: Column['kind']
  /** Group of each row, −1 where missing. */
  groups: Int32Array
  /** Name of each group, most frequent first. */
  names: string[]
  counts: number[]
  missing: number
}

/** A table ready for the numeric methods: typed arrays, roles of columns, an axis of time. */
export interface PreparedTable {
  document: string
  name: string
  rows: number
  source: Table
  numeric: NumericColumn[]
  categories: CategoryColumn[]
  /** Unix milliseconds of each row, NaN where missing; null when the table has no column of time. */
  timeMs: Float64Array | null
  /** What stands in the time or label column of a row, for people. */
  labelOf(row: number): string | undefined
}

/** Numbers only: strings in a numeric column count as missing. */
export function prepareTable(document: string, source: Table): PreparedTable {
  const rows = Math.max(0, ...source.columns.map(({ values }) => values.length))
  const numeric = source.columns
    .filter(({ kind }) => kind === 'number' || kind === 'temporal')
    .map(numericColumn)
  const categories = source.columns
    .filter(({ kind }) => kind === 'category' || kind === 'boolean')
    .map(categoryColumn)
  const timeMs = timeAxis(numeric, rows)
  const labels = labelColumn(source)
  return {
    document,
    name: source.name,
    rows,
    source,
    numeric,
    categories,
    timeMs,
    labelOf(row) {
      const at = timeMs?.[row]
      if (at !== undefined && Number.isFinite(at)) return dateText(at)
      const label = labels?.values[row]
      return label === null || label === undefined ? undefined : String(label)
    },
  }
}

function numericColumn({ name, kind, values }: Column): NumericColumn {
  const present = new Float64Array(values.length)
  const rows = new Uint32Array(values.length)
  let count = 0
  for (let row = 0; row < values.length; row++) {
    const value = values[row]
    if (typeof value !== 'number' || !Number.isFinite(value)) continue
    present[count] = value
    rows[count++] = row
  }
  const compact = present.slice(0, count)
  let ranking: Ranking | undefined
  return {
    name,
    kind,
    role: kind === 'temporal' ? 'time' : columnRole(name, compact),
    values: compact,
    rows: rows.slice(0, count),
    missing: values.length - count,
    ranking() {
      ranking ??= rank(compact)
      return ranking
    },
  }
}

function categoryColumn({ name, kind, values }: Column): CategoryColumn {
  const counts = new Map<string, number>()
  for (const value of values)
    if (value !== null) counts.set(String(value), (counts.get(String(value)) ?? 0) + 1)
  const sorted = [...counts].sort(([a, m], [b, n]) => n - m || (a < b ? -1 : 1))
  const groupOf = new Map(sorted.map(([value], i) => [value, i]))
  const groups = Int32Array.from(values, (value) => (value === null ? -1 : groupOf.get(String(value))!))
  return {
    name,
    kind,
    groups,
    names: sorted.map(([value]) => value),
    counts: sorted.map(([, count]) => count),
    missing: groups.reduce((sum, group) => sum + (group < 0 ? 1 : 0), 0),
  }
}

/** A column tells the time of its rows when at least four fifths have one and it is not always the same. */
function timeAxis(numeric: readonly NumericColumn[], rows: number): Float64Array | null {
  const column = numeric.find(
    ({ role, values }) =>
      (role === 'time' || role === 'year') &&
      values.length >= 0.8 * rows &&
      values.some((value) => value !== values[0]),
  )
  if (!column) return null
  const timeMs = new Float64Array(rows).fill(Number.NaN)
  column.rows.forEach((row, i) => {
    timeMs[row] = column.role === 'year' ? Date.UTC(column.values[i]!, 0, 1) : column.values[i]!
  })
  return timeMs
}

/** The first column of words that name nearly every row differently. */
function labelColumn(source: Table): Column | undefined {
  return source.columns.find(({ kind, values }) => {
    if (kind !== 'text' && kind !== 'category') return false
    return new Set(values).size >= 0.9 * values.length
  })
}

/** `2024-05-01`, with the time of day unless that is midnight; UTC. */
function dateText(ms: number): string | undefined {
  // Date ends at ±8.64e15 ms; beyond, there is nothing to show.
  if (Math.abs(ms) > 8.64e15) return undefined
  const text = new Date(ms).toISOString()
  return text.endsWith('T00:00:00.000Z') ? text.slice(0, 10) : text.slice(0, 16).replace('T', ' ')
}

/** What a column of numbers is to its table. Only measures are looked at for trends, anomalies and relations. */
export type ColumnRole = 'measure' | 'identifier' | 'calendar' | 'year'

const IDENTIFIER_NAME =
  /(^|[\s_-])(id|ids|uuid|nr|no|num|number|index|idx|row|key|code|zip|plz|postcode|phone|sku)$|[a-z](Id|ID|Nr|No|Key|Code)$|^(row|line|record)[\s_-]?(id|nr|no|number)?$|^$|^unnamed/i
const CALENDAR_NAME = /^(month|day|weekday|hour|minute|quarter|week|dayofweek|day_of_week|week_?number)$/i
const YEAR_NAME = /(^|[\s_-])(year|jahr)$/i

/**
 * Tells measures from numbers that only name or count rows: 0, 1, 2 … or 1, 2, 3 … in row order; whole numbers, nearly
 * all different, under a name like `customer_id`; parts of a date.
 *
 * @param values without missing ones, in row order
 */
export function columnRole(name: string, values: Float64Array): ColumnRole {
  if (values.length === 0 || !values.every(Number.isInteger)) return 'measure'
  const trimmed = name.trim()
  if (YEAR_NAME.test(trimmed) && values.every((year) => year >= 1500 && year <= 2500)) return 'year'
  if (CALENDAR_NAME.test(trimmed) && values.every((part) => part >= 0 && part <= 60)) return 'calendar'
  if (countsRows(values)) return 'identifier'
  return IDENTIFIER_NAME.test(trimmed) && mostlyDistinct(values) ? 'identifier' : 'measure'
}

function countsRows(values: Float64Array): boolean {
  const first = values[0]!
  return values.length > 2 && (first === 0 || first === 1) && values.every((value, i) => value === first + i)
}

function mostlyDistinct(values: Float64Array): boolean {
  return new Set(values).size >= 0.95 * values.length
}
