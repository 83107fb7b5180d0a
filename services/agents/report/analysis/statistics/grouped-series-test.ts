import { type Autoregression, filtered, fitAutoregression } from './autoregression.ts'
import type { Grouping } from './contingency-table.ts'
import { dot } from './dot-product.ts'
import { centred } from './moments.ts'
import { fisherFUpper } from './probability.ts'
import { quadraticForm } from './quadratic-form.ts'
import { seriesResiduals } from './series-residuals.ts'

/** Coefficients that sum to more than this are too near a unit root to be trusted: the series is differenced first. */
const NEARLY_UNIT_ROOT = 0.7
const MIN_DEGREES = 10

/**
 * Whether the level of a series differs between groups of its moments: generalised least squares with autoregressive errors. Values
 * and group indicators are filtered alike, then compared by F, so that neighbours do not count as independent and groups that stand
 * in long runs are worth as little as their number of runs.
 *
 * @param y in order of time, without its robust line and with outliers pulled in before anything is compared
 * @param grouping group of each value, none negative
 * @param period observations a cycle: the season is taken out, unless the groups are made of its phases, such as weekdays
 * @returns p; null where too few degrees of freedom are left, or nothing differs.
 */
export function groupedSeriesTest(y: Float64Array, grouping: Grouping, period?: number): number | null {
  const residuals = residualsOf(y, period !== undefined && !isOfPhase(grouping, period) ? period : 0)
  if (!residuals) return null
  const indicators: Float64Array[] = Array.from(
    { length: grouping.groupCount - 1 },
    () => new Float64Array(residuals.length),
  )
  for (let i = 0; i < residuals.length; i++) {
    const indicator = indicators[grouping.groups[i]!]
    if (indicator) indicator[i] = 1
  }
  // Fitted to what the groups leave: of a difference that comes and goes regularly nothing else would be left to compare.
  return compared(residuals, indicators, { left: withoutLevels(residuals, grouping), price: 2 })
}

/** Waves that a season of few cycles is sought as: one a cycle, and two. */
const HARMONICS = [1, 2] as const
/** Beside so few regressors the coefficients of the noise are what is uncertain: with these prices p is right for white noise up to random walks. */
const HARMONIC_PRICE = 2.5
/** A season is sought by its levels and by its harmonics. */
const TRIED = 2

/**
 * The same for a season that is smooth, by its first two harmonics: with three cycles of twelve phases a level for each phase leaves too little
 * to compare with. Pure.
 *
 * @param phases of each value, 0 to `groupCount` − 1
 * @returns p; null where too few degrees of freedom are left, or nothing differs.
 */
export function smoothSeasonTest(y: Float64Array, { groups, groupCount }: Grouping): number | null {
  const residuals = residualsOf(y, 0)
  if (!residuals) return null
  const harmonics = HARMONICS.flatMap((harmonic) =>
    [Math.sin, Math.cos].map((form) =>
      Float64Array.from(residuals, (_, i) => form((2 * Math.PI * harmonic * groups[i]!) / groupCount)),
    ),
  )
  // Over whole cycles the harmonics are at right angles to each other.
  let left: Float64Array = centred(residuals)
  for (const harmonic of harmonics) {
    const share = dot(left, harmonic) / dot(harmonic, harmonic)
    left = left.map((value, i) => value - share * harmonic[i]!)
  }
  const pValue = compared(residuals, harmonics, { left, price: HARMONIC_PRICE })
  return pValue === null ? null : Math.min(1, TRIED * pValue)
}

/**
 * @param left what the regressors leave of the values
 * @param price degrees of freedom that each coefficient costs
 */
function compared(
  residuals: Float64Array,
  regressors: readonly Float64Array[],
  { left, price }: { left: Float64Array; price: number },
): number | null {
  let [series, indicators, within] = [residuals, regressors, left]
  let model = fitAutoregression(within)
  if (model.coefficients.reduce((sum, c) => sum + c, 0) > NEARLY_UNIT_ROOT) {
    series = differences(series)
    within = differences(within)
    indicators = indicators.map(differences)
    model = fitAutoregression(within)
  }
  return filteredComparison(series, indicators, { model, price })
}

/** By the array itself: one series is compared by many groupings, and what is left of it is the same. */
const known = new WeakMap<Float64Array, Map<number, Float64Array | null>>()

/** @param period 0 without a season */
function residualsOf(y: Float64Array, period: number): Float64Array | null {
  const byPeriod = known.get(y) ?? new Map<number, Float64Array | null>()
  known.set(y, byPeriod)
  const found = byPeriod.get(period)
  if (found !== undefined) return found
  const residuals = seriesResiduals(y, period > 0 ? period : undefined)
  byPeriod.set(period, residuals)
  return residuals
}

function isOfPhase({ groups }: Grouping, period: number): boolean {
  for (let i = period; i < groups.length; i++) if (groups[i] !== groups[i - period]) return false
  return true
}

function withoutLevels(values: Float64Array, { groups, groupCount }: Grouping): Float64Array {
  const sums = new Float64Array(groupCount)
  const counts = new Float64Array(groupCount)
  values.forEach((value, i) => {
    sums[groups[i]!]! += value
    counts[groups[i]!]! += 1
  })
  return values.map((value, i) => value - sums[groups[i]!]! / counts[groups[i]!]!)
}

function filteredComparison(
  series: Float64Array,
  indicators: readonly Float64Array[],
  { model, price }: { model: Autoregression; price: number },
): number | null {
  const e = centred(filtered(series, model))
  const d = indicators.map((indicator) => centred(filtered(indicator, model)))
  const size = d.length
  const products = new Float64Array(size * size)
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++) {
      products[i * size + j] = dot(d[i]!, d[j]!)
      products[j * size + i] = products[i * size + j]!
    }
  const explained = quadraticForm(
    products,
    d.map((indicator) => dot(indicator, e)),
  )
  const spent = explained.rank + 1 + model.coefficients.length
  const degrees = e.length - price * spent
  const left = dot(e, e) - explained.value
  if (explained.rank === 0 || degrees < MIN_DEGREES / (price / 2) ** 2 || !(left > 0)) return null
  return fisherFUpper(explained.value / explained.rank / (left / degrees), explained.rank, degrees)
}

function differences(values: Float64Array): Float64Array {
  const steps = new Float64Array(values.length - 1)
  for (let i = 0; i < steps.length; i++) steps[i] = values[i + 1]! - values[i]!
  return steps
}
