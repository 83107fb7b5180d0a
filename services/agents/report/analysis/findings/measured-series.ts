import { nameTokens } from '../../structure/name-tokens.ts'
import type { NumericColumn } from '../../structure/numeric-column.ts'
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

const DEGREES = /^°?\s?[cf]$|celsius|fahrenheit/i
const TEMPERATURES = /^(temp|temps|temperature|temperatur|dewpoint|dewp)$/

/** Degrees have no zero that per cents could count from. */
function hasTrueZero({ name, unit }: Pick<NumericColumn, 'name' | 'unit'>): boolean {
  return !DEGREES.test(unit ?? '') && !nameTokens(name).some((token) => TEMPERATURES.test(token))
}

/** Chooses the scale on which a series changes evenly. Pure. */
export function measuredSeries(
  points: OrderedPoints,
  place: { entity?: string; isTimed: boolean; column: Pick<NumericColumn, 'name' | 'unit'> },
): MeasuredSeries {
  const { entity, isTimed, column } = place
  // A year of months or quarters swings: only the same phase of two years can be compared.
  const yearly = isTimed ? cyclesOf(points.x)[0]?.phases.length : undefined
  const isRelative = hasTrueZero(column) && isMultiplicative(points.y, yearly)
  return {
    points,
    ...(entity !== undefined && { entity }),
    isRelative,
    values: isRelative ? points.y.map(Math.log) : points.y,
  }
}
