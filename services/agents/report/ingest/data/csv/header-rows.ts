import { unitsIn } from '../measured-cell.ts'
import { parseNumber } from '../number-cell.ts'
import { hasHeader } from './read-rows.ts'

/** What stands above the values of a table. */
export interface HeadedRows {
  /** Empty when the columns have no names. */
  header: readonly string[]
  body: string[][]
  /** Rows above the header that are no part of the table. */
  skipped: number
  /** By column, where a row below the header states them. */
  units: readonly (string | undefined)[]
}

const MAX_SKIPPED = 20
/** Of a row that is mostly blank, so much is filled at most. */
const SPARSE = 0.67
const UNITS_ROWS = 50
const MAX_UNIT_CHARACTERS = 12

/** Finds the names of the columns: below sparse rows, in two rows where groups of columns share one, above a row of units. Pure. */
export function splitHeader(rows: readonly string[][]): HeadedRows {
  const skipped = sparseRows(rows)
  const below = rows.slice(skipped)
  const grouped = groupedHeader(below)
  const named = grouped !== undefined || hasHeader(below)
  const header = grouped ?? (named ? below[0]! : [])
  const body = below.slice(grouped ? 2 : named ? 1 : 0)
  const units = named ? unitsRow(body) : undefined
  return { header, body: units ? body.slice(1) : body, skipped, units: units ?? [] }
}

/** Facts about the file in the first cells of otherwise blank rows, above a row of names. */
function sparseRows(rows: readonly string[][]): number {
  const width = Math.max(0, ...rows.slice(0, UNITS_ROWS).map((row) => row.length))
  if (width < 3) return 0
  const isSparse = (row: readonly string[]) => filled(row) <= SPARSE * width && row[0]!.trim() !== ''
  let at = 0
  while (at < MAX_SKIPPED && rows[at] && isSparse(rows[at]!)) at++
  const next = rows[at]
  const isHeader = next && filled(next) >= 0.8 * width && hasHeader(rows.slice(at))
  const isDenseBelow = rows.slice(at + 1, at + 1 + UNITS_ROWS).some((row) => filled(row) > SPARSE * width)
  return at > 0 && isHeader && isDenseBelow ? at : 0
}

/** `,2022,,2023,` over `region,units,price,units,price`: `units 2022`, `price 2022` … */
function groupedHeader(rows: readonly string[][]): string[] | undefined {
  const [top, names, first] = rows
  if (!top || !names || !first || names.length < 3 || top.length > names.length) return undefined
  const groups = top.map((cell) => cell.trim())
  const spans = groups.filter((cell) => cell !== '').length
  if (
    groups[0] !== '' ||
    spans < 2 ||
    !groups.some((cell, i) => i > 1 && cell === '' && groups[i - 1] !== '')
  )
    return undefined
  const areWords = names.every((cell) => cell.trim() !== '' && !isNumber(cell))
  if (!areWords || !first.some(isNumber) || new Set(names).size === names.length) return undefined
  let group = ''
  return names.map((name, i) => {
    group = groups[i] || group
    return group === '' ? name : `${name.trim()} ${group}`
  })
}

/** A row of units below the names: words over every column of numbers, most of them known. */
function unitsRow(body: readonly string[][]): (string | undefined)[] | undefined {
  const [first, ...rest] = body
  const sample = rest.slice(0, UNITS_ROWS)
  if (!first || sample.length < 2) return undefined
  const numeric = first
    .map((_, column) => column)
    .filter((column) => sample.filter((row) => isNumber(row[column] ?? '')).length >= 0.8 * sample.length)
  const stated = numeric.map((column) => first[column]!.trim())
  const areWords = stated.every(
    (cell) => cell !== '' && cell.length <= MAX_UNIT_CHARACTERS && !isNumber(cell),
  )
  const known = stated.filter((cell) => unitsIn(cell) !== undefined).length
  if (numeric.length === 0 || !areWords || known * 2 < numeric.length + 1) return undefined
  return first.map((cell, column) => (numeric.includes(column) ? unitsIn(cell) : undefined))
}

function filled(row: readonly string[]): number {
  return row.filter((cell) => cell.trim() !== '').length
}

function isNumber(cell: string): boolean {
  const text = cell.trim()
  return parseNumber(text, '.') !== undefined || parseNumber(text, ',') !== undefined
}
