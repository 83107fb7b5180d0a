import { normalTwoSided } from './probability.ts'

export interface SeasonalMannKendall {
  /** Sum of the phases' s. */
  s: number
  /** Of s, with the covariances between phases. */
  variance: number
  /** Two-sided. */
  pValue: number
}

/** Hirsch & Slack recommend ten cycles: with fewer the covariances are guesses. */
const MIN_CYCLES = 10

/**
 * Seasonal Mann–Kendall test (Hirsch, Slack & Smith 1982): each phase of the cycle is compared with itself only, and the covariances between phases
 * (Dietz & Killeen 1981, as in Hirsch & Slack 1984) allow for memory within a cycle.
 *
 * @param y evenly spaced, in order of time
 * @returns null below ten whole cycles, or without spread; values before the first whole cycle are left out.
 */
export function seasonalMannKendall(y: Float64Array, period: number): SeasonalMannKendall | null {
  const cycles = Math.floor(y.length / period)
  if (cycles < MIN_CYCLES) return null
  const from = y.length - cycles * period
  const phases = Array.from({ length: period }, (_, phase) =>
    phaseOrder(Float64Array.from({ length: cycles }, (_, i) => y[from + i * period + phase]!)),
  )
  const s = phases.reduce((sum, phase) => sum + phase.s, 0)
  let variance = 0
  for (const g of phases) for (const h of phases) variance += covariance(g, h, cycles)
  if (!(variance > 0)) return null
  return { s, variance, pValue: normalTwoSided(Math.max(0, Math.abs(s) - 1) / Math.sqrt(variance)) }
}

interface PhaseOrder {
  s: number
  /** Of each pair (j later than i) −1, 0 or 1. */
  signs: Int8Array
  /** Mid-ranks. */
  ranks: Float64Array
}

function phaseOrder(values: Float64Array): PhaseOrder {
  const n = values.length
  const signs = new Int8Array((n * (n - 1)) / 2)
  const ranks = new Float64Array(n).fill((n + 1) / 2)
  let s = 0
  let pair = 0
  for (let i = 0; i < n; i++) {
    for (let j = i + 1; j < n; j++) {
      const sign = Math.sign(values[j]! - values[i]!)
      signs[pair++] = sign
      s += sign
      ranks[j]! += sign / 2
      ranks[i]! -= sign / 2
    }
  }
  return { s, signs, ranks }
}

/** Dietz & Killeen's estimate for phases without gaps: (K + 4 Σ R R − n (n + 1)²) / 3. */
function covariance(g: PhaseOrder, h: PhaseOrder, n: number): number {
  let concordance = 0
  for (let pair = 0; pair < g.signs.length; pair++) concordance += g.signs[pair]! * h.signs[pair]!
  let products = 0
  for (let i = 0; i < n; i++) products += g.ranks[i]! * h.ranks[i]!
  return (concordance + 4 * products - n * (n + 1) ** 2) / 3
}
