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
  columns.forEach((target, i) => {
    for (const source of columns.slice(0, i)) {
      if (redundant.has(source)) continue
      const relation = linearRelation(source, target)
      if (!relation) continue
      found.push(relation)
      redundant.add(target)
      return
    }
  })
  return found
}

function linearRelation(source: RowValues, target: RowValues): ColumnRelation | null {
  const line = lineThrough(source, target)
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

/** By least squares over those probes that are near the line through the two that are farthest apart in x. */
function lineThrough(source: RowValues, target: RowValues): { slope: number; intercept: number } | null {
  const points = [...probeRows(source.at.length)]
    .map((row) => [source.at[row]!, target.at[row]!] as const)
    .filter(([x, y]) => Number.isFinite(x) && Number.isFinite(y))
    .sort(([a], [b]) => a - b)
  if (points.length < MIN_CHECKED || new Set(points.map(([x]) => x)).size < MIN_DISTINCT) return null
  if (points.every(([x, y]) => x === y)) return { slope: 1, intercept: 0 }
  const first = points[0]!
  const last = points[points.length - 1]!
  const slope = (last[1] - first[1]) / (last[0] - first[0])
  if (slope === 0 || !Number.isFinite(slope)) return null
  const slack =
    3 * (target.rounding + Math.abs(slope) * source.rounding) +
    RELATIVE_PRECISION * (target.spread + Math.abs(first[1]))
  const near = points.filter(([x, y]) => Math.abs(y - first[1] - slope * (x - first[0])) <= slack)
  if (near.length < MIN_ON_LINE * points.length - 1) return null
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
