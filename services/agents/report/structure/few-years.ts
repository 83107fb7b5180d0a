import type { Column, Table } from '#schemas/document.ts'
import type { PanelEntities } from './panel-entities.ts'
import type { RowAxis } from './row-axis.ts'

/** Fewer years than any test of a trend asks for. */
const MAX_YEARS = 7
/** Rows a year on average: things that were looked at in some year, no series. */
const MIN_ROWS_A_YEAR = 5

/**
 * Whether the years of a table only tell in which of a few rounds a thing was looked at: a repeated cross-section, as surveys and catalogues
 * are. Its years are groups to compare, its rows no series. Pure.
 */
export function hasFewYears(axis: RowAxis | null, entities: PanelEntities | null): boolean {
  if (!axis || entities || axis.kind !== 'time' || axis.granularity !== 'year' || axis.columns.length > 1)
    return false
  const timed = axis.at.filter(Number.isFinite)
  const years = new Set(timed).size
  return years <= MAX_YEARS && timed.length >= MIN_ROWS_A_YEAR * years
}

/** The table with the numbers of its years in place of times. Pure. */
export function withYearNumbers(table: Table, name: string): Table {
  return {
    ...table,
    columns: table.columns.map((column) => (column.name === name ? yearNumbers(column) : column)),
  }
}

function yearNumbers(column: Column): Column {
  if (column.kind !== 'temporal') return column
  const { granularity: _granularity, ...plain } = column
  const values = column.values.map((value) =>
    typeof value === 'number' ? new Date(value).getUTCFullYear() : value,
  )
  return { ...plain, kind: 'number', values }
}
