/** Of the rows below, at most so many may be numbers in a row of one step, or in order, as the names are. */
const MAX_ALIKE = 0.15
const MIN_YEARS = 2
const MIN_SEQUENCE = 3
const MIN_ORDERED = 4
const MIN_ROWS_ORDERED = 5

/**
 * Whether numbers name columns: years in order over values that are no years, numbers of one step, or whole numbers in order, while
 * the rows below are none of it: `country, 2021, 2020`, `age, 0, 5, 10`, `dose, 0, 10, 50, 100`. Pure.
 *
 * @param cells of the row in question that are numbers
 * @param below the same columns of the rows below
 * @param hasCorner another cell of the row is a word, or blank as the corner of a table is
 */
export function areNumberNames(
  cells: readonly string[],
  below: readonly (readonly string[])[],
  hasCorner: boolean,
): boolean {
  if (cells.length < MIN_YEARS || below.length === 0 || new Set(cells).size < cells.length) return false
  const shareBelow = (holds: (row: readonly string[]) => boolean) => below.filter(holds).length / below.length
  const isBare = (holds: (row: readonly string[]) => boolean) =>
    holds(cells) && shareBelow(holds) <= MAX_ALIKE
  const enough = hasCorner ? MIN_YEARS : MIN_SEQUENCE
  if (cells.length >= enough && cells.every(isYear) && isOrdered(cells))
    return shareBelow((row) => row.some(isYear)) <= MAX_ALIKE
  if (cells.length >= MIN_SEQUENCE && (hasCorner || cells[0] === '0') && isBare(isSequence)) return true
  return (
    hasCorner && cells.length >= MIN_ORDERED && below.length >= MIN_ROWS_ORDERED && isBare(isOrderedWhole)
  )
}

function isYear(cell: string): boolean {
  return /^(?:1[5-9]|2[01])\d\d$/.test(cell.trim())
}

function isOrdered(cells: readonly string[]): boolean {
  const numbers = cells.map(Number)
  const sign = Math.sign(numbers[1]! - numbers[0]!)
  return sign !== 0 && numbers.every((n, i) => i === 0 || Math.sign(n - numbers[i - 1]!) === sign)
}

function isOrderedWhole(cells: readonly string[]): boolean {
  return cells.every((cell) => /^\d+$/.test(cell.trim())) && isOrdered(cells)
}

/** Whole numbers of one step. */
function isSequence(cells: readonly string[]): boolean {
  const numbers = cells.map(Number)
  const step = numbers[1]! - numbers[0]!
  return (
    step !== 0 && numbers.every((n, i) => Number.isInteger(n) && (i === 0 || n - numbers[i - 1]! === step))
  )
}
