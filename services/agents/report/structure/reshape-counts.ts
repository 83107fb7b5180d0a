import type { Column, Table } from '#schemas/document.ts'
import { nameTokens } from './name-tokens.ts'
import type { ReshapedTable } from './reshaped-table.ts'

const COUNT_NAME = /^(freq|frequency|frequencies|count|counts|n|cases)$/
const ROW_NAME = /^(rownames|index|id|row|rowid|unnamed\d*)?$/
/** One factor by its counts is a list, nothing to relate. */
const MIN_FACTORS = 2
const MAX_GROUPS = 50
/** Cases that the rows may stand for. */
const MAX_CASES = 200_000
/** Of all combinations, so many have a row: a table of frequencies, not a list of things with a number each. */
const MIN_FILLED = 0.6

/**
 * A table of frequencies (`Admit`, `Gender`, `Freq`: one row for each combination, with how many cases it has) becomes one with a row for
 * each case, so that shares are those of cases. Null for every other table. Pure.
 */
export function reshapeCounts(table: Table): ReshapedTable | null {
  const counts = table.columns.filter(
    ({ name, kind }) => kind === 'number' && COUNT_NAME.test(nameTokens(name).join('')),
  )
  const [count] = counts
  if (!count || counts.length > 1) return null
  const factors = table.columns.filter(
    (column) => column !== count && !(column.kind === 'number' && isRowNumber(column)),
  )
  if (factors.length < MIN_FACTORS || !factors.every(isFactor)) return null
  const cases = casesOf(count)
  if (!cases || !isCrossed(factors)) return null
  const rows = count.values.flatMap((value, row) => new Array<number>(Number(value)).fill(row))
  return {
    kind: 'cross-section',
    table: {
      ...table,
      rows: cases,
      columns: factors.map((column) => ({ ...column, values: rows.map((row) => column.values[row]!) })),
    },
    note: `Each row stands for as many cases as "${count.name}" says: the ${count.values.length} rows were read as ${cases} cases.`,
    sourceRow: (row) => rows[row]! + 1,
  }
}

/** 1, 2, 3 …: how exports number rows. */
function isRowNumber({ name, values }: Column): boolean {
  return (
    ROW_NAME.test(nameTokens(name).join('')) &&
    values.every((value, row) => value === row || value === row + 1)
  )
}

function isFactor({ kind, values }: Column): boolean {
  if (kind !== 'category' && kind !== 'boolean') return false
  const groups = new Set(values).size
  return groups >= 2 && groups <= MAX_GROUPS && !values.includes(null)
}

/** Sum of whole numbers of which none is missing. */
function casesOf({ values }: Column): number | null {
  const isCount = (value: Column['values'][number]): value is number =>
    typeof value === 'number' && Number.isInteger(value) && value >= 0
  if (!values.every(isCount)) return null
  const sum = values.reduce<number>((total, value) => total + Number(value), 0)
  return sum > values.length && sum <= MAX_CASES ? sum : null
}

/** Every combination has at most one row, and most have one. */
function isCrossed(factors: readonly Column[]): boolean {
  const rows = factors[0]!.values.length
  const keys = new Set(
    Array.from({ length: rows }, (_, row) => JSON.stringify(factors.map(({ values }) => values[row]))),
  )
  const combinations = factors.reduce((product, { values }) => product * new Set(values).size, 1)
  return keys.size === rows && rows >= MIN_FILLED * combinations
}
