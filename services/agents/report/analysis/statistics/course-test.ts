import { squares, without } from './dot-product.ts'
import { cautiousPersistence, longRunFactor, quasiDifferences } from './persistent-errors.ts'
import { fisherFUpper } from './probability.ts'

/** Which columns of a design are in question. */
export interface CourseQuestion {
  /** Columns at the end that are tested together. */
  tested: number
  /** Columns or shapes that were chosen by the data. */
  searched: number
}

/** The same as for a single column: see `testWithPersistentErrors`. */
const SEARCH_COST = 3
const FREE_SHARE = 0.5
const MIN_FREE = 5

/**
 * Whether a curve says more of a series than a level does: F test of several columns by generalised least squares, safe for errors from white
 * noise to a random walk, as `testWithPersistentErrors` is for one column.
 *
 * @param columns the constant first, those in question last
 * @param y in order of time
 * @returns p; null where residuals have too few degrees of freedom
 */
export function testCourse(
  columns: readonly Float64Array[],
  y: Float64Array,
  { tested, searched }: CourseQuestion,
): number | null {
  const n = y.length
  if (n - columns.length - searched < MIN_FREE) return null
  const left = leftOver(columns, y)
  const magnitude = y.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0)
  if (left.every((value) => Math.abs(value) <= magnitude * 1e-9)) return 0
  const persistence = cautiousPersistence(left, columns.length + SEARCH_COST * searched)
  const filteredY = quasiDifferences(y, persistence)
  const filtered = columns.map((column) => quasiDifferences(column, persistence))
  // A random walk has no level: the constant tells nothing.
  const plain = persistence >= 1 ? [] : filtered.slice(0, columns.length - tested)
  const innovations = leftOver([...plain, ...filtered.slice(columns.length - tested)], filteredY)
  const [outside, within] = [squares(leftOver(plain, filteredY)), squares(innovations)]
  const free = n - columns.length - searched - 1
  if (!(within > 0)) return 0
  const between = tested + searched
  const f = (outside - within) / between / (within / free) / longRunFactor(innovations) ** 2
  return fisherFUpper(f, between, Math.max(1, free * FREE_SHARE))
}

/** What a design leaves of a series, by modified Gram–Schmidt. */
export function leftOver(columns: readonly Float64Array[], y: Float64Array): Float64Array {
  const basis: Float64Array[] = []
  let left = y
  for (const column of columns) {
    const own = basis.reduce(without, column)
    if (!(squares(own) > 1e-18 * squares(column))) continue
    basis.push(own)
    left = without(left, own)
  }
  return left
}
