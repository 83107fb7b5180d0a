import { filtered, fitAutoregression } from './autoregression.ts'
import { phasesTakenOut, seriesResiduals } from './series-residuals.ts'

/** What a series does that its own past does not tell: by position in time, NaN where not known. */
export interface Innovations {
  values: Float64Array
  /** Parameters that were fitted to get them. */
  fitted: number
}

/** Below, an autoregression can't be told from chance. */
export const MIN_SERIES = 20

/** What the median of a phase takes of the freedom that a mean would: its efficiency with normal values, 2 / π. */
const MEDIAN_SHARE = 2 / Math.PI

/**
 * Takes line, season and autoregression out of a series, so that what is left has no memory and can be tested like independent
 * observations (Haugh 1976). Without this two random walks correlate as a rule.
 *
 * @param y in order of time
 * @returns null below 20 values, or when nothing is left.
 */
export function innovationsOf(y: Float64Array, period?: number): Innovations | null {
  if (y.length < MIN_SERIES) return null
  const residuals = seriesResiduals(y, period)
  if (!residuals) return null
  const model = fitAutoregression(residuals)
  const left = filtered(residuals, model)
  if (left.every((value) => value === left[0])) return null
  const values = new Float64Array(y.length).fill(Number.NaN)
  values.set(left, model.coefficients.length)
  const levels = 1 + Math.ceil(MEDIAN_SHARE * Math.max(0, phasesTakenOut(y.length, period) - 1))
  return { values, fitted: model.coefficients.length + levels }
}
