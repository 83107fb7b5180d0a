import type { ColumnFinding, ColumnRole, TableStructure } from '#schemas/analysis.ts'
import type { Column, Table } from '#schemas/document.ts'
import { type CategoryColumn, categoryColumn } from '../structure/category-column.ts'
import { type NumericColumn, numericColumn } from '../structure/numeric-column.ts'
import type { PanelEntities } from '../structure/panel-entities.ts'
import type { RowAxis } from '../structure/row-axis.ts'

export type { CategoryColumn, NumericColumn, PanelEntities, RowAxis }

/** A column of the table, whatever its kind. */
export interface PreparedColumn {
  name: string
  kind: Column['kind']
  role: ColumnRole
  derivedFrom?: ColumnFinding['derivedFrom']
  /** Rows without a value. */
  missing: number
  /** Of numbers and times. */
  numeric?: NumericColumn
  /** Of everything that groups rows, and of words that repeat. */
  category?: CategoryColumn
}

/** A table ready for the methods: roles of columns, what its rows are, what orders them, typed arrays. */
export interface PreparedTable {
  document: string
  name: string
  rows: number
  source: Table
  structure: TableStructure
  /** All columns, in the order of the source. */
  columns: PreparedColumn[]
  /** All columns of numbers and times, whatever their role. */
  numeric: NumericColumn[]
  /** Columns that form groups (category, binary, ordinal, a code of few values); copies and recodings of others are not among them. */
  categories: CategoryColumn[]
  /** What orders the rows; null in a cross-section: there is no trend and no step from row order. */
  axis: RowAxis | null
  /** Unix milliseconds of each row, NaN where missing; null when the table has no time. */
  timeMs: Float64Array | null
  /** Of a panel: its series are looked at one by one and in sum, never mixed. */
  entities: PanelEntities | null
  /** What stands in the time, step or label column of a row, for people; in a panel with the entity. 0-based. */
  labelOf(row: number): string | undefined
  /** 1-based row of the source that a 0-based row of this table stems from: another one when the table was reshaped. */
  sourceRow(row: number): number
  /** Whether one of two columns follows from the other by definition: copy, recoding, part and total, code and name. */
  definedTogether(a: string, b: string): boolean
}

/** Tells roles and structure, and makes typed arrays. */
export function prepareTable(document: string, source: Table): PreparedTable {
  const rows = Math.max(0, ...source.columns.map(({ values }) => values.length))
  const columns = source.columns.map(preparedColumn)
  const numeric = columns.flatMap(({ numeric }) => numeric ?? [])
  const categories = columns.flatMap(({ category }) => category ?? [])
  const timeMs = timeAxis(numeric, rows)
  const labels = labelColumn(source)
  return {
    document,
    name: source.name,
    rows,
    source,
    structure: {
      document,
      table: source.name,
      rows,
      columns: columns.length,
      kind: rows === 0 ? 'empty' : timeMs ? 'time-series' : 'cross-section',
      timeColumns: [],
      notes: source.notes,
      losses: source.losses ?? [],
    },
    columns,
    numeric,
    categories,
    axis: timeMs && { kind: 'time', columns: [], at: timeMs },
    timeMs,
    entities: null,
    labelOf(row) {
      const at = timeMs?.[row]
      if (at !== undefined && Number.isFinite(at)) return dateText(at)
      const label = labels?.values[row]
      return label === null || label === undefined ? undefined : String(label)
    },
    sourceRow: (row) => row + 1,
    definedTogether: () => false,
  }
}

function preparedColumn(column: Column): PreparedColumn {
  const { name, kind, values } = column
  const missing = values.reduce<number>((sum, value) => sum + (value === null ? 1 : 0), 0)
  const base = { name, kind, missing }
  if (kind === 'number' || kind === 'temporal') {
    const numeric = numericColumn(column, 'time')
    const role = kind === 'temporal' ? 'time' : columnRole(name, numeric.values)
    return { ...base, role, numeric: { ...numeric, role } }
  }
  if (kind !== 'category' && kind !== 'boolean') return { ...base, role: kind === 'empty' ? 'empty' : 'text' }
  return { ...base, role: 'category', category: categoryColumn(column, 'category') }
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
