import type { Column, Table } from '#schemas/document.ts'
import { monthNumber } from './calendar-part.ts'
import { isYearName } from './column-role.ts'
import type { ReshapedTable } from './reshaped-table.ts'

const MONTHS = 12
const MIN_YEARS = 2

/**
 * A table with a row for each year and a column for each of the twelve months, as weather services publish them, becomes one with a row for
 * each month. Null where other columns of numbers stand beside them, or years come again. Pure.
 */
export function reshapeMonths(table: Table): ReshapedTable | null {
  const year = table.columns.find(({ name }) => isYearName(name))
  const months = table.columns.flatMap((column) => {
    const number = column.kind === 'number' && !/^\d/.test(column.name) ? monthNumber(column.name) : undefined
    return number === undefined ? [] : [{ column, number }]
  })
  const isComplete = months.length === MONTHS && new Set(months.map(({ number }) => number)).size === MONTHS
  if (!year || !isComplete || table.columns.length !== MONTHS + 1) return null
  const years = year.values.map((value) => yearOf(value, year.kind))
  if (years.length < MIN_YEARS || years.includes(undefined) || new Set(years).size < years.length) return null
  months.sort((a, b) => a.number - b.number)
  const count = years.length * MONTHS
  const sourceOf = (row: number) => Math.floor(row / MONTHS)
  const time: Column = {
    ...bare('month', 'temporal'),
    granularity: 'month',
    values: Array.from({ length: count }, (_, row) => Date.UTC(years[sourceOf(row)]!, row % MONTHS, 1)),
  }
  const value: Column = {
    ...bare('value', 'number'),
    values: Array.from(
      { length: count },
      (_, row) => months[row % MONTHS]!.column.values[sourceOf(row)] ?? null,
    ),
  }
  return {
    kind: 'wide-years',
    table: { ...table, rows: count, columns: [time, value] },
    note: `The twelve columns that are named by month were read as "value" by "month", one row each.`,
    sourceRow: (row) => sourceOf(row) + 1,
  }
}

function yearOf(value: Column['values'][number], kind: Column['kind']): number | undefined {
  if (typeof value !== 'number') return undefined
  const year = kind === 'temporal' ? new Date(value).getUTCFullYear() : value
  return Number.isInteger(year) && year >= 1500 && year <= 2500 ? year : undefined
}

function bare(name: string, kind: Column['kind']): Omit<Column, 'values'> {
  return { name, kind, malformed: [], malformedCount: 0 }
}
