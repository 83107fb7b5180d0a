import { leftOver } from './course-test.ts'
import { squares } from './dot-product.ts'

/** How a series goes: in a line, bending to a level, or bending otherwise. */
export interface CourseModel {
  shape: 'line' | 'saturating' | 'smooth'
  /** What describes it beside a constant, at each point. */
  columns: Float64Array[]
  /** Shapes of it that were tried: 0 for a line or a polynomial. */
  searched: number
}

/** A curve must beat the line by this much of the criterion: less says little (Burnham & Anderson 2002). */
const CLEARLY_BETTER = 6
/** Places of the middle and widths of an S-curve, as shares of the time. */
const MIDDLES = [0.15, 0.25, 0.35, 0.45, 0.55, 0.65, 0.75]
const WIDTHS = [0.04, 0.07, 0.11, 0.16]
/** Times after which 63 % of the way to the level is made. */
const DECAYS = [0.06, 0.1, 0.17, 0.28]

/**
 * Chooses among line, S-curve and curve towards a level, and polynomials of degree 2 and 3, by the corrected Akaike criterion with errors of
 * lag-1 memory. The line wins unless a curve is clearly better. Pure.
 *
 * @param x ascending
 */
export function courseModel(x: Float64Array, y: Float64Array): CourseModel {
  const [from, to] = [x[0]!, x[x.length - 1]!]
  const u = x.map((at) => (at - from) / (to - from))
  const ones = new Float64Array(u.length).fill(1)
  const models = [lineOf(u), ...smoothOf(u), ...saturatingOf(u, y)].map((model) => ({
    model,
    criterion: criterionOf([ones, ...model.columns], y, model.columns.length + model.searched),
  }))
  const [line] = models as [(typeof models)[number]]
  const best = models.reduce((a, b) => (b.criterion < a.criterion ? b : a))
  return best.criterion < line.criterion - CLEARLY_BETTER ? best.model : line.model
}

function lineOf(u: Float64Array): CourseModel {
  return { shape: 'line', columns: [u], searched: 0 }
}

function smoothOf(u: Float64Array): CourseModel[] {
  const square = u.map((at) => at * at)
  const cube = u.map((at) => at * at * at)
  return [
    { shape: 'smooth', columns: [square, u], searched: 2 },
    { shape: 'smooth', columns: [cube, square, u], searched: 2 },
  ]
}

/** The S-curve and the curve towards a level that leave least. */
function saturatingOf(u: Float64Array, y: Float64Array): CourseModel[] {
  const ones = new Float64Array(u.length).fill(1)
  const best = (curves: Float64Array[]) =>
    curves
      .map((curve) => ({ curve, left: squares(leftOver([ones, curve], y)) }))
      .reduce((a, b) => (b.left < a.left ? b : a)).curve
  const sigmoids = MIDDLES.flatMap((middle) =>
    WIDTHS.map((width) => u.map((at) => 1 / (1 + Math.exp((middle - at) / width)))),
  )
  const decays = DECAYS.map((decay) => u.map((at) => 1 - Math.exp(-at / decay)))
  return [
    { shape: 'saturating', columns: [best(sigmoids)], searched: 2 },
    { shape: 'saturating', columns: [best(decays)], searched: 1 },
  ]
}

/** AICc of a regression with errors of lag-1 memory (Cochrane & Orcutt 1949). */
function criterionOf(columns: readonly Float64Array[], y: Float64Array, curves: number): number {
  const n = y.length
  const left = leftOver(columns, y)
  const memory = lagOne(left)
  const ahead = (values: Float64Array) =>
    Float64Array.from({ length: n - 1 }, (_, i) => values[i + 1]! - memory * values[i]!)
  const innovations = leftOver(columns.map(ahead), ahead(y))
  // Constant, curves, memory, variance.
  const parameters = curves + 3
  if (n - parameters - 2 <= 0) return Number.POSITIVE_INFINITY
  const correction = (2 * parameters * (parameters + 1)) / (n - parameters - 2)
  return (n - 1) * Math.log(squares(innovations) / (n - 1) + TINY) + 2 * parameters + correction
}

const TINY = 1e-300

function lagOne(left: Float64Array): number {
  let products = 0
  for (let i = 1; i < left.length; i++) products += left[i]! * left[i - 1]!
  const size = squares(left)
  return size > 0 ? Math.max(-0.9, Math.min(0.98, products / size)) : 0
}
