import type { Column, Table } from '#schemas/document.ts'
import { isYearName } from './column-role.ts'
import { combinedTime, withHour } from './combined-time.ts'
import { nameTokens } from './name-tokens.ts'
import type { RoledColumn, RowAxis } from './row-axis.ts'
import { namesSequence, sequenceSteps } from './row-sequence.ts'
import { coarsestGranularity } from './time-granularity.ts'
/** Share of the rows that must have a time for it to order them. */
export const MIN_TIMED_SHARE = 0.8

const TIME_WORDS =
  /^(date|dates|datum|datetime|time|timestamp|ts|ds|dt|day|month|quarter|week|year|period|when|zeit|zeitpunkt|tag|monat|jahr|fecha|dteday)$/
/** Dates of a thing's life or of its end: they tell about the row, not when it was observed. */
const ATTRIBUTE_WORDS =
  /^(birth|birthday|birthdate|born|dob|geburtsdatum|geburtstag|geboren|founded|established|built|renovated|hire|hired|joined|join|expiry|expires|expiration|due|updated|modified|end|ended|ends|closed|finish|finished|death|died|graduation|until|deadline|termination|terminated|discharge|returned|last|next|letzte|letzter)$/

/**
 * The axis of a table's rows: a date, a year with a month, quarter, week or day in columns of their own, a date with an hour; else a
 * column that counts steps. Null where nothing orders the rows. Pure.
 */
export function findRowAxis(
  columns: readonly RoledColumn[],
  table: Pick<Table, 'name'> & { rows: number },
): RowAxis | null {
  return timeAxis(columns, table.rows) ?? sequenceAxis(columns, table)
}

function timeAxis(columns: readonly RoledColumn[], rows: number): RowAxis | null {
  const usable = columns.filter(
    ({ column, role }) =>
      (role === 'time' || role === 'year') && isAxis(column, rows) && !isAttribute(column.name),
  )
  const dates = usable.filter(({ role }) => role === 'time')
  const best = dates.find(({ column }) => TIME_WORDS.test(nameTokens(column.name).at(-1) ?? '')) ?? dates[0]
  if (best) {
    const at = timesOf(best.column, rows)
    const granularity = coarsestGranularity(at, best.column.granularity)
    const axis: RowAxis = { kind: 'time', columns: [best.column.name], granularity, at }
    return granularity === 'time' ? axis : (withHour(axis, columns) ?? axis)
  }
  const year = usable.find(({ role }) => role === 'year')
  if (!year) return withinOneYear(columns, rows)
  const at = timesOf(year.column, rows)
  const axis: RowAxis = { kind: 'time', columns: [year.column.name], granularity: 'year', at }
  return combinedTime(axis, columns) ?? axis
}

/** One year in all rows, and its months, quarters or weeks. */
function withinOneYear(columns: readonly RoledColumn[], rows: number): RowAxis | null {
  const year = columns.find(
    ({ column, role }) => role === 'constant' && isYearName(column.name) && column.kind !== 'category',
  )
  if (!year) return null
  const at = timesOf(year.column, rows)
  const axis = combinedTime({ kind: 'time', columns: [year.column.name], granularity: 'year', at }, columns)
  return axis && new Set(axis.at).size > 1 ? axis : null
}

/** At least four fifths of the rows have a value, and it is not always the same. */
function isAxis({ values }: Column, rows: number): boolean {
  let count = 0
  let differs = false
  let first: unknown
  for (const value of values) {
    if (typeof value !== 'number' || !Number.isFinite(value)) continue
    if (count++ === 0) first = value
    else if (value !== first) differs = true
  }
  return differs && count >= MIN_TIMED_SHARE * rows
}

function isAttribute(name: string): boolean {
  return nameTokens(name).some((token) => ATTRIBUTE_WORDS.test(token))
}

/** Unix milliseconds; plain numbers are years. */
function timesOf({ kind, values }: Column, rows: number): Float64Array {
  const at = new Float64Array(rows).fill(Number.NaN)
  values.forEach((value, row) => {
    if (typeof value === 'number') at[row] = kind === 'number' ? Date.UTC(value, 0, 1) : value
  })
  return at
}

function sequenceAxis(
  columns: readonly RoledColumn[],
  { name, rows }: Pick<Table, 'name'> & { rows: number },
): RowAxis | null {
  for (const { column } of columns) {
    const at = sequenceSteps(column)
    if (at) return { kind: 'sequence', columns: [column.name], at }
  }
  if (!namesSequence(name) || rows === 0) return null
  return { kind: 'sequence', columns: [], at: Float64Array.from({ length: rows }, (_, row) => row + 1) }
}
