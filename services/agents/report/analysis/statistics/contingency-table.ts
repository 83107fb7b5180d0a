import { chiSquareUpper } from './probability.ts'

/** How often each pair of groups occurs together. */
export interface ContingencyTable {
  rows: number
  columns: number
  n: number
  /** Row by row: cell (r, c) is at r · columns + c. */
  counts: Float64Array
  rowTotals: Float64Array
  columnTotals: Float64Array
}

/** Group numbers from 0, negative where an observation does not take part. */
export interface Grouping {
  groups: ArrayLike<number>
  groupCount: number
}

/**
 * Cross-tabulates two groupings of the same observations.
 * @throws RangeError when the groupings differ in length.
 */
export function crossTabulate(rowGroups: Grouping, columnGroups: Grouping): ContingencyTable {
  const observations = rowGroups.groups.length
  if (observations !== columnGroups.groups.length) {
    throw new RangeError(`${observations} observations cannot pair with ${columnGroups.groups.length}`)
  }
  const rows = rowGroups.groupCount
  const columns = columnGroups.groupCount
  const counts = new Float64Array(rows * columns)
  for (let i = 0; i < observations; i++) {
    const r = rowGroups.groups[i]!
    const c = columnGroups.groups[i]!
    if (r >= 0 && c >= 0) counts[r * columns + c]! += 1
  }
  return withTotals(counts, rows, columns)
}

/** Adds the margins to counts laid out row by row. */
export function withTotals(counts: Float64Array, rows: number, columns: number): ContingencyTable {
  const rowTotals = new Float64Array(rows)
  const columnTotals = new Float64Array(columns)
  let n = 0
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      const count = counts[r * columns + c]!
      rowTotals[r]! += count
      columnTotals[c]! += count
      n += count
    }
  }
  return { rows, columns, n, counts, rowTotals, columnTotals }
}

export interface ChiSquareTest {
  chiSquare: number
  degrees: number
  pValue: number
  /** Smallest count expected under independence, and the share of cells that expect fewer than five. */
  minExpected: number
  smallExpectedShare: number
}

/** Pearson's test of independence, without Yates' correction; null with fewer than two rows or columns that hold anything. */
export function chiSquareTest(table: ContingencyTable): ChiSquareTest | null {
  const usedRows = table.rowTotals.filter((total) => total > 0).length
  const usedColumns = table.columnTotals.filter((total) => total > 0).length
  if (usedRows < 2 || usedColumns < 2) return null
  let chiSquare = 0
  let minExpected = Number.POSITIVE_INFINITY
  let small = 0
  for (let r = 0; r < table.rows; r++) {
    for (let c = 0; c < table.columns; c++) {
      const expected = (table.rowTotals[r]! * table.columnTotals[c]!) / table.n
      if (expected === 0) continue
      chiSquare += (table.counts[r * table.columns + c]! - expected) ** 2 / expected
      minExpected = Math.min(minExpected, expected)
      if (expected < 5) small += 1
    }
  }
  const degrees = (usedRows - 1) * (usedColumns - 1)
  return {
    chiSquare,
    degrees,
    pValue: chiSquareUpper(chiSquare, degrees),
    minExpected,
    smallExpectedShare: small / (usedRows * usedColumns),
  }
}

/** Cramér's V, 0 to 1, corrected for bias (Bergsma 2013): about 0 under independence however many cells there are. */
export function cramersV(table: ContingencyTable): number {
  const test = chiSquareTest(table)
  if (!test || table.n < 2) return 0
  const rows = table.rowTotals.filter((total) => total > 0).length
  const columns = table.columnTotals.filter((total) => total > 0).length
  const excess = Math.max(0, test.chiSquare / table.n - ((rows - 1) * (columns - 1)) / (table.n - 1))
  const corrected = (k: number) => k - (k - 1) ** 2 / (table.n - 1)
  const smaller = Math.min(corrected(rows), corrected(columns)) - 1
  return smaller > 0 ? Math.min(1, Math.sqrt(excess / smaller)) : 0
}

/**
 * Goodman and Kruskal's lambda, of both ways the larger: by which share mistakes are fewer when one side is guessed from the other, 0 to 1;
 * 1 where one side decides the other. Journal of the American Statistical Association 49 (1954).
 */
export function goodmanKruskalLambda(table: ContingencyTable): number {
  const { counts, rows, columns, rowTotals, columnTotals, n } = table
  const modesOf = (outer: number, inner: number, at: (o: number, i: number) => number): number => {
    let sum = 0
    for (let o = 0; o < outer; o++) {
      let mode = 0
      for (let i = 0; i < inner; i++) mode = Math.max(mode, counts[at(o, i)]!)
      sum += mode
    }
    return sum
  }
  const lambda = (modes: number, totals: ArrayLike<number>): number => {
    const largest = Math.max(...Array.from(totals))
    return largest < n ? (modes - largest) / (n - largest) : 0
  }
  const byRow = lambda(
    modesOf(rows, columns, (r, c) => r * columns + c),
    columnTotals,
  )
  const byColumn = lambda(
    modesOf(columns, rows, (c, r) => r * columns + c),
    rowTotals,
  )
  return Math.max(byRow, byColumn)
}
