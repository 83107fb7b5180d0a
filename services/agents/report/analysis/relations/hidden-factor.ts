import { isOutcomeName } from '../../structure/outcome-names.ts'
import { hashShare, type RelationUnits, type UnitFactor } from './relation-units.ts'
import type { Direction } from './stratified-direction.ts'

/** A third column that turns a relation round, or takes it away. */
export interface HiddenFactor {
  factor: UnitFactor
  how: 'reverses' | 'vanishes'
  overall: Direction
  within: Direction
}

/** Compares within strata; `null` stratum: all units in one. Only units that have a stratum take part. */
export type DirectionIn = (stratumOf: (unit: number) => number) => Direction | null

const ALPHA = 0.01
const MAX_STRATA = 20
/** Within strata so much of an effect is no more than chance leaves. */
const VANISHED_SHARE = 0.3
const MIN_EFFECT = 0.1
/** An effect must be so many standard errors large to be missed when it is not there within. */
const COULD_BE_SEEN = 3
/** Units that are looked at, beyond which a fixed part of them stands for all. */
const MAX_UNITS = 20_000

/**
 * Simpson's check: the third factor, if there is one, within whose groups a relation goes the other way or is gone. What reverses
 * goes before what vanishes; of equals the larger contrast.
 *
 * @param told columns that the relation is about
 */
export function hiddenFactor(
  units: RelationUnits,
  told: readonly string[],
  direction: DirectionIn,
): HiddenFactor | null {
  const thirds = units.factors.filter(
    ({ name, names }) =>
      // What happens afterwards is no cause of what was there before.
      names.length <= MAX_STRATA &&
      !isOutcomeName(name) &&
      !told.some((column) => units.definedTogether(column, name)),
  )
  const found = thirds.flatMap((factor) => {
    const takesPart = sampled(factor.groups)
    const overall = direction((unit) => (takesPart(unit) ? 0 : -1))
    const within = direction((unit) => (takesPart(unit) ? factor.groups[unit]! : -1))
    if (!overall || !within || overall.pValue > ALPHA || within.strata < 2) return []
    const how = verdict(overall, within, ALPHA / thirds.length)
    return how ? [{ factor, how, overall, within }] : []
  })
  const contrast = ({ how, overall, within }: HiddenFactor) =>
    (how === 'reverses' ? 10 : 0) + Math.abs(overall.effect - within.effect)
  return found.sort((a, b) => contrast(b) - contrast(a))[0] ?? null
}

function verdict(overall: Direction, within: Direction, alpha: number): HiddenFactor['how'] | null {
  const opposite = overall.effect * within.effect < 0
  if (opposite && within.pValue <= alpha && Math.abs(within.effect) >= MIN_EFFECT) return 'reverses'
  const isGone = opposite || Math.abs(within.effect) <= VANISHED_SHARE * Math.abs(overall.effect)
  const couldBeSeen = Math.abs(overall.effect) >= COULD_BE_SEEN * within.standardError
  // Turned round by little, or not surely, it is gone all the same.
  return isGone && couldBeSeen && (opposite || within.pValue > 0.05) ? 'vanishes' : null
}

/** All units with a group, or of very many a fixed part. */
function sampled(groups: Int32Array): (unit: number) => boolean {
  const share = MAX_UNITS / groups.length
  return (unit) => groups[unit]! >= 0 && (share >= 1 || hashShare(unit) < share)
}
