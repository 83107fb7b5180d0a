import { isMultiplicative } from '../statistics/series-scale.ts'
import { cyclesOf } from './calendar-cycles.ts'
import type { OrderedPoints } from './column-findings.ts'

/** A series as it is looked at. */
export interface MeasuredSeries {
  points: OrderedPoints
  /** Of a panel. */
  entity?: string
  /** Changes by factors rather than by amounts: `values` are logarithms. */
  isRelative: boolean
  values: Float64Array
}

/** Chooses the scale on which a series changes evenly. Pure. */
export function measuredSeries(
  points: OrderedPoints,
  place: { entity?: string; isTimed: boolean },
): MeasuredSeries {
  const { entity, isTimed } = place
  // A year of months or quarters swings: only the same phase of two years can be compared.
  const yearly = isTimed ? cyclesOf(points.x)[0]?.phases.length : undefined
  const isRelative = isMultiplicative(points.y, yearly)
  return {
    points,
    ...(entity !== undefined && { entity }),
    isRelative,
    values: isRelative ? points.y.map(Math.log) : points.y,
  }
}
