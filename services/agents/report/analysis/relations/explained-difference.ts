import type { UnitFactor } from './relation-units.ts'
import { stratifiedDifference } from './stratified-direction.ts'

/** From this p on, nothing of a difference is left within groups. */
const EXPLAINED_P = 0.01

/** Two groups of a factor that differ in some values. */
export interface ComparedGroups {
  /** By unit; NaN takes no part. */
  values: ArrayLike<number>
  factor: UnitFactor
  high: string
  low: string
}

/** 0 for the units of the high group, 1 for those of the low one, else −1. */
export function sideOf({ factor, high, low }: Omit<ComparedGroups, 'values'>): (unit: number) => number {
  const [first, second] = [factor.names.indexOf(high), factor.names.indexOf(low)]
  return (unit) => (factor.groups[unit] === first ? 0 : factor.groups[unit] === second ? 1 : -1)
}

/** Whether the difference is gone within the groups of a factor that is told already: then it would be told twice. */
export function isExplained(compared: ComparedGroups, known: UnitFactor): boolean {
  // Groups of other units, such as customers beside rows, explain nothing of these.
  if (known.groups.length !== compared.values.length) return false
  const within = stratifiedDifference(compared.values, sideOf(compared), (unit) => known.groups[unit]!)
  return within === null || within.pValue > EXPLAINED_P
}
