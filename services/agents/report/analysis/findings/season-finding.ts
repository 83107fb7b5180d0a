import type { Seasonality } from '#schemas/analysis.ts'
import type { Phases } from '../statistics/phase-effects.ts'

/** A cycle of a series, whether it shows or not. */
export interface SeasonalityFinding {
  seasonality: Seasonality
  /** How often it comes again within the series, where nobody told its length. */
  repeats?: number
  /** What the season adds at each point, on the scale of the series. */
  effects: Float64Array
  /** Phase of each point, where cycles are whole. */
  phases?: Phases
  /** Course and season that may both change, where STL could tell them apart: what is ordinary at each point. */
  decomposition?: { trend: Float64Array; season: Float64Array }
}

/** A season that is taken out of the series before anything else is asked of it. */
export const SURE_P = 0.001
/** Share of the variance below which a cycle of no known length is a ripple, however sure. */
const MIN_STRENGTH = 0.05

/** Whether a season is sure enough to be taken out and told. */
export function isSeasonal({ seasonality }: SeasonalityFinding): boolean {
  if (seasonality.length && seasonality.strength < MIN_STRENGTH) return false
  return seasonality.pValue <= SURE_P
}

/** Effects for people: amounts, or shares of the level where the series changes by factors. Pure. */
export function profileOf(
  names: readonly string[],
  effects: ArrayLike<number>,
  isRelative: boolean,
): Pick<Seasonality, 'profile' | 'amplitude'> {
  const told = Array.from(effects, (effect) => (isRelative ? Math.expm1(effect) : effect))
  return {
    profile: names.map((phase, i) => ({ phase, effect: told[i]! })),
    amplitude: Math.max(...told) - Math.min(...told),
  }
}
