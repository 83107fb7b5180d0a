import { presentCell } from '../infer-column.ts'
import { decimalSignOf, parseNumber } from '../number-cell.ts'
import { TEMPORAL_FORMATS } from '../temporal-cell.ts'

const LONGEST_NAME = 200

/** Whether the first row names the columns: words only, or words and then years. Pure. */
export function hasHeader(rows: readonly (readonly string[])[]): boolean {
  const first = (rows[0] ?? []).map((cell) => presentCell(cell))
  const names = first.filter((cell) => cell !== null).map(String)
  if (names.length === 0 || names.some((name) => name.length > LONGEST_NAME)) return false
  const values = names.filter(isValue)
  if (values.length > 0) return namesYearColumns(names, values, rows)
  if (new Set(names).size < names.length * 0.5) return false
  return names.length * 2 > first.length
}

/** `country, 2019, 2020`: years as names, over values that are no years. */
function namesYearColumns(
  names: readonly string[],
  values: readonly string[],
  rows: readonly (readonly string[])[],
): boolean {
  if (values.length < 2 || values.length === names.length || !values.every((cell) => isYear(cell)))
    return false
  const ascending = values.every((cell, i) => i === 0 || Number(cell) > Number(values[i - 1]))
  const below = rows[1] ?? []
  return ascending && below.some((cell) => isValue(cell.trim()) && !isYear(cell.trim()))
}

function isYear(cell: string): boolean {
  return /^(?:1[5-9]|2[01])\d\d$/.test(cell)
}

function isValue(cell: string): boolean {
  return (
    parseNumber(cell, '.') !== undefined ||
    decimalSignOf(cell) !== null ||
    /^(?:true|false)$/i.test(cell) ||
    TEMPORAL_FORMATS.some(({ parse }) => parse(cell) !== undefined)
  )
}
