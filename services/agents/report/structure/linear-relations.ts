import type { ColumnRelation } from './column-relation.ts'
import { checkRows, MIN_CHECKED } from './row-check.ts'
import { probeRows, type RowValues } from './row-values.ts'

/** Share of the rows that must be on the line: copies may differ by intent, so that nothing is made of those that do not. */
const MIN_ON_LINE = 0.995
/** Rounding must be small beside what the values differ by, else anything fits. */
const MAX_TOLERANCE_SHARE = 0.02
const MIN_DISTINCT = 5
const RELATIVE_PRECISION = 1e-9

/** Columns that are a copy or a linear function of an earlier one: another unit, a share of a fixed total. O(p² n). Pure. */
export function linearRelations(columns: readonly RowValues[]): ColumnRelation[] {
  const found: ColumnRelation[] = []
  const redundant = new Set<RowValues>()
  const probed = columns.map(probedColumn)
  columns.forEach((target, i) => {
    for (let k = 0; k < i; k++) {
      const source = columns[k]!
      if (redundant.has(source)) continue
      const relation = linearRelation(probed[k]!, probed[i]!)
      if (!relation) continue
      found.push(relation)
      redundant.add(target)
      return
    }
  })
  return found
}

interface ProbedColumn {
  values: RowValues
  /** Rows of probes that hold a number, by that number. */
  ascending: Uint32Array
  /** Whether all probes do. */
  isFull: boolean
  /** Different numbers among them. */
  distinct: number
}

function probedColumn(values: RowValues): ProbedColumn {
  const { at } = values
  const probes = probeRows(at.length)
  const ascending = probes.filter((row) => Number.isFinite(at[row])).sort((a, b) => at[a]! - at[b]! || a - b)
  return {
    values,
    ascending,
    isFull: ascending.length === probes.length,
    distinct: distinctOf(at, ascending),
  }
}

function distinctOf(at: Float64Array, ascending: Uint32Array): number {
  return ascending.reduce((n, row, i) => n + (i === 0 || at[row] !== at[ascending[i - 1]!] ? 1 : 0), 0)
}

function linearRelation(from: ProbedColumn, to: ProbedColumn): ColumnRelation | null {
  const [source, target] = [from.values, to.values]
  const line = lineThrough(from, to)
  if (!line) return null
  const { slope, intercept } = line
  const tolerance = target.rounding + Math.abs(slope) * source.rounding
  if (tolerance > MAX_TOLERANCE_SHARE * target.spread) return null
  const isCopy = slope === 1 && intercept === 0
  const check = checkRows(source.at.length, (row) => {
    const expected = intercept + slope * source.at[row]!
    const value = target.at[row]!
    if (Number.isNaN(expected) || Number.isNaN(value)) return undefined
    // The line itself was drawn through rounded values.
    return (
      Math.abs(value - expected) <= 1.5 * tolerance + RELATIVE_PRECISION * (Math.abs(value) + target.spread)
    )
  })
  if (check.checked < MIN_CHECKED || check.violations > (1 - MIN_ON_LINE) * check.checked) return null
  return {
    ...check,
    target: target.name,
    sources: [source.name],
    how: isCopy ? 'copy' : 'linear',
    rule: isCopy
      ? `${source.name} = ${target.name}`
      : `${target.name} is a linear function of ${source.name}`,
  }
}

/**
 * By least squares over those probes that are near the line through the two that are farthest apart in x. Nearly all pairs are no line,
 * which the first few probes tell.
 */
function lineThrough(from: ProbedColumn, to: ProbedColumn): { slope: number; intercept: number } | null {
  const [source, target] = [from.values, to.values]
  const probes = to.isFull ? from.ascending : from.ascending.filter((row) => Number.isFinite(target.at[row]))
  const points = probes.length
  const distinct = to.isFull ? from.distinct : distinctOf(source.at, probes)
  if (points < MIN_CHECKED || distinct < MIN_DISTINCT) return null
  if (probes.every((row) => source.at[row] === target.at[row])) return { slope: 1, intercept: 0 }
  const [first, last] = [probes[0]!, probes[points - 1]!]
  const [x0, y0] = [source.at[first]!, target.at[first]!]
  const slope = (target.at[last]! - y0) / (source.at[last]! - x0)
  if (slope === 0 || !Number.isFinite(slope)) return null
  const slack =
    3 * (target.rounding + Math.abs(slope) * source.rounding) +
    RELATIVE_PRECISION * (target.spread + Math.abs(y0))
  const near: [number, number][] = []
  let far = 0
  for (const row of probes) {
    const [x, y] = [source.at[row]!, target.at[row]!]
    if (Math.abs(y - y0 - slope * (x - x0)) <= slack) near.push([x, y])
    else if (points - ++far < MIN_ON_LINE * points - 1) return null
  }
  return leastSquaresLine(near)
}

function leastSquaresLine(
  points: readonly (readonly [number, number])[],
): { slope: number; intercept: number } | null {
  const mean = (of: 0 | 1) => points.reduce((sum, point) => sum + point[of] / points.length, 0)
  const [meanX, meanY] = [mean(0), mean(1)]
  let [sxx, sxy] = [0, 0]
  for (const [x, y] of points) {
    sxx += (x - meanX) ** 2
    sxy += (x - meanX) * (y - meanY)
  }
  const slope = sxy / sxx
  return Number.isFinite(slope) && slope !== 0 ? { slope, intercept: meanY - slope * meanX } : null
}
