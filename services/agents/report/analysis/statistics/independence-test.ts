import { seededRandom } from './change-points.ts'
import {
  type ChiSquareTest,
  type ContingencyTable,
  chiSquareTest,
  cramersV,
  crossTabulate,
  type Grouping,
  withTotals,
} from './contingency-table.ts'
import { fisherExact } from './fisher-exact.ts'

export interface IndependenceTest {
  method: 'Fisher’s exact test' | 'chi-square test' | 'permutation chi-square test'
  pValue: number
  /** Corrected for bias. */
  cramersV: number
  table: ContingencyTable
}

/** The exact test walks over the smallest margin. */
const EXACT_MARGIN = 5_000
const PERMUTATIONS = 9_999
const MORE_PERMUTATIONS = 99_999
/** Draws of single observations, all permutations together. */
const PERMUTATION_BUDGET = 20_000_000
/** The same with the cells that are summed, beyond the first permutations: about a tenth of a second. */
const MORE_BUDGET = 8_000_000
const SEED = 13

/**
 * Are two groupings independent? 2×2: Fisher's exact test. Larger: chi-square where Cochran's rule holds (no expected count
 * below 1, at most a fifth below 5), else chi-square against seeded permutations.
 *
 * @returns null when either side has fewer than two groups, or where too many observations forbid the permutations that small
 * expected counts would need.
 */
export function independenceTest(rowGroups: Grouping, columnGroups: Grouping): IndependenceTest | null {
  const table = withoutEmpty(crossTabulate(rowGroups, columnGroups))
  const test = chiSquareTest(table)
  if (!test) return null
  const common = { cramersV: cramersV(table), table }
  const smallestMargin = Math.min(...table.rowTotals, ...table.columnTotals)
  if (table.rows === 2 && table.columns === 2 && smallestMargin <= EXACT_MARGIN) {
    const [a, b, c, d] = table.counts as unknown as [number, number, number, number]
    return { method: 'Fisher’s exact test', pValue: fisherExact({ a, b, c, d }), ...common }
  }
  if (keepsCochransRule(test)) return { method: 'chi-square test', pValue: test.pValue, ...common }
  if (table.n * PERMUTATIONS > PERMUTATION_BUDGET) return null
  return {
    method: 'permutation chi-square test',
    pValue: permutationPValue(table, test.chiSquare),
    ...common,
  }
}

function keepsCochransRule({ minExpected, smallExpectedShare }: ChiSquareTest): boolean {
  return minExpected >= 1 && smallExpectedShare <= 0.2
}

function withoutEmpty(table: ContingencyTable): ContingencyTable {
  const rows = [...table.rowTotals.keys()].filter((r) => table.rowTotals[r]! > 0)
  const columns = [...table.columnTotals.keys()].filter((c) => table.columnTotals[c]! > 0)
  const counts = rows.flatMap((r) => columns.map((c) => table.counts[r * table.columns + c]!))
  return withTotals(Float64Array.from(counts), rows.length, columns.length)
}

/** Share of shuffles of one side with at least this chi-square, (1 + hits) / (1 + shuffles); rare ones are looked at longer. */
function permutationPValue(table: ContingencyTable, observed: number): number {
  const { rowOf, columnOf } = observationsOf(table)
  const random = seededRandom(SEED)
  const counts = new Float64Array(table.counts.length)
  const limit = observed * (1 - 1e-9)
  const shuffles = Math.min(
    MORE_PERMUTATIONS,
    Math.max(PERMUTATIONS, Math.floor(MORE_BUDGET / (table.n + table.counts.length))),
  )
  let hits = 0
  let done = 0
  while (done < shuffles) {
    shuffle(columnOf, random)
    counts.fill(0)
    for (let i = 0; i < rowOf.length; i++) counts[rowOf[i]! * table.columns + columnOf[i]!]! += 1
    if (chiSquareOf(counts, table) >= limit) hits += 1
    done += 1
    if (done >= PERMUTATIONS && hits >= 10) break
  }
  return (1 + hits) / (1 + done)
}

/** Σ observed² / expected − n, which is chi-square. */
function chiSquareOf(counts: Float64Array, { n, rows, columns, rowTotals, columnTotals }: ContingencyTable) {
  let sum = 0
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      sum += counts[r * columns + c]! ** 2 / (rowTotals[r]! * columnTotals[c]!)
    }
  }
  return n * (sum - 1)
}

function observationsOf(table: ContingencyTable): { rowOf: Uint16Array; columnOf: Uint16Array } {
  const rowOf = new Uint16Array(table.n)
  const columnOf = new Uint16Array(table.n)
  let at = 0
  table.counts.forEach((count, cell) => {
    rowOf.fill(Math.floor(cell / table.columns), at, at + count)
    columnOf.fill(cell % table.columns, at, at + count)
    at += count
  })
  return { rowOf, columnOf }
}

function shuffle(values: Uint16Array, random: () => number): void {
  for (let i = values.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const kept = values[i]!
    values[i] = values[j]!
    values[j] = kept
  }
}
