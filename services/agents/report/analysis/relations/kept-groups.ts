import type { UnitFactor } from './relation-units.ts'

/** Fewer say nothing about their group. */
export const MIN_GROUP = 5
/** More groups are a list, not a comparison. */
const MAX_GROUPS = 60

/** The groups of a factor that are large enough among some units, numbered anew from 0. */
export interface KeptGroups {
  names: string[]
  sizes: number[]
  /** By unit; −1 where it doesn't take part. */
  groups: Int32Array
}

/**
 * @param takesPart whether a unit is looked at, such as one that has a value
 * @param minSize smallest group that is kept
 * @returns null with fewer than two groups, or too many.
 */
export function keptGroups(
  factor: Pick<UnitFactor, 'names' | 'groups'>,
  takesPart: (unit: number) => boolean,
  minSize = MIN_GROUP,
): KeptGroups | null {
  const sizes = new Uint32Array(factor.names.length)
  const taking = new Int32Array(factor.groups.length).fill(-1)
  for (let unit = 0; unit < taking.length; unit++) {
    const group = factor.groups[unit]!
    if (group < 0 || !takesPart(unit)) continue
    taking[unit] = group
    sizes[group]! += 1
  }
  const kept = [...factor.names.keys()].filter((group) => sizes[group]! >= minSize)
  if (kept.length < 2 || kept.length > MAX_GROUPS) return null
  // As it is where no group was left out, which is usual.
  const isSame = kept.length === factor.names.length
  const numberOf = new Int32Array(factor.names.length).fill(-1)
  kept.forEach((group, i) => {
    numberOf[group] = i
  })
  return {
    names: kept.map((group) => factor.names[group]!),
    sizes: kept.map((group) => sizes[group]!),
    groups: isSame ? taking : taking.map((group) => (group < 0 ? -1 : numberOf[group]!)),
  }
}
