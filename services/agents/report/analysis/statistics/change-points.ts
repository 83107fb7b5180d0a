import { MAD_TO_SD, median, medianAbsoluteDeviation } from '#platform/statistics/median.ts'
import { centred, compensatedSum, moments } from './moments.ts'

export interface ChangePoint {
  /** Position of the first point of the new level. */
  at: number
  /** Median of the stretch before. */
  before: number
  /** Median of the stretch after. */
  after: number
  /** By permutation; at least 0.002. */
  pValue: number
}

export interface LevelModel {
  /** What describes the series best by the Bayesian information criterion. */
  shape: 'constant' | 'line' | 'steps' | 'line with a step'
  changePoints: ChangePoint[]
}

const PERMUTATIONS = 499
const ALPHA = 0.01
const MAX_STEPS = 4
const MIN_SEGMENT = 5

/**
 * Finds where the level of a series changes, and only then: a straight slope has no change points. Four descriptions
 * compete: constant; a line; steps (binary segmentation, each split the largest CUSUM statistic, accepted at p ≤ 0.01
 * by permutation); a line with one step (the same statistic, adjusted for the line). The Bayesian information criterion
 * on squared residuals chooses; values are first drawn in to the median ± 5 scaled MAD of their neighbourhood, so that
 * single outliers make no step. Permutation moves whole blocks when residuals are serially correlated.
 * Cost O(n) a permutation: callers bound n (`blockMedians`).
 *
 * @param y evenly spaced or in order of x; at least 10 points, fewer have no change points
 */
export function findChangePoints(y: Float64Array, seed = 1): LevelModel {
  const n = y.length
  const total = squaresAround(y, null)
  if (n < 2 * MIN_SEGMENT || total === 0) return { shape: 'constant', changePoints: [] }
  const series = drawInOutliers(y)
  const random = seededRandom(seed)
  const steps = segment(series, random)
  const line = straightResiduals(series)
  const jump = testSplit(line, { random, block: blockLength(aroundBestStep(line), 2), aboutLine: true })
  const candidates: { shape: LevelModel['shape']; squares: number; parameters: number; splits: Split[] }[] = [
    { shape: 'constant', squares: squaresAround(series, null), parameters: 1, splits: [] },
    { shape: 'line', squares: squaresAround(line, 0), parameters: 2, splits: [] },
    {
      shape: 'steps',
      squares: squaresOfSegments(series, steps),
      parameters: 1 + 2 * steps.length,
      splits: steps,
    },
  ]
  if (jump) {
    const squares = squaresAround(line, 0) - jump.gain
    candidates.push({ shape: 'line with a step', squares, parameters: 4, splits: [jump] })
  }
  const floor = total * 1e-12
  const score = (c: (typeof candidates)[number]) =>
    n * Math.log(Math.max(c.squares, floor) / n) + c.parameters * Math.log(n)
  const best = candidates.reduce((a, b) => (score(b) < score(a) ? b : a))
  return { shape: best.shape, changePoints: describe(y, best.splits, best.shape) }
}

/** Where one step explains most, tested by nobody yet; null below 10 points or without any spread. */
export function largestStep(y: Float64Array): ChangePoint | null {
  const split = bestSplit(centred(y), false)
  if (!split || !(split.gain > 0)) return null
  const { at } = split
  return { at, before: median(y.subarray(0, at)), after: median(y.subarray(at)), pValue: 1 }
}

interface Split {
  at: number
  pValue: number
  /** Squared residuals that the split explains. */
  gain: number
}

function segment(series: Float64Array, random: () => number): Split[] {
  const block = blockLength(aroundGreedySteps(series), MAX_STEPS + 1)
  const found: Split[] = []
  const open: [number, number][] = [[0, series.length]]
  while (open.length > 0 && found.length < MAX_STEPS) {
    const [start, end] = open.shift()!
    const split = testSplit(centred(series.subarray(start, end)), { random, block, aboutLine: false })
    if (!split) continue
    found.push({ ...split, at: split.at + start })
    open.push([start, start + split.at], [start + split.at, end])
  }
  return found.sort((a, b) => a.at - b.at)
}

/** The best split of residuals if permutation finds it significant; stops early once it cannot be. */
function testSplit(
  residuals: Float64Array,
  { random, block, aboutLine }: { random: () => number; block: number; aboutLine: boolean },
): Split | null {
  const n = residuals.length
  const lengths = stepLengths(n, aboutLine)
  const best = splitOf(residuals, lengths)
  if (!best || best.gain <= 0) return null
  // Five hundred permutations of each series are most of what a small report costs: they share their memory.
  const [shuffled, scratch] = [new Float64Array(n), new Float64Array(n)]
  const order = new Uint32Array(Math.ceil(n / block))
  let atLeast = 1
  for (let i = 0; i < PERMUTATIONS; i++) {
    permuteBlocks(residuals, { length: block, random, order, into: shuffled })
    if (aboutLine) straighten(shuffled, scratch)
    if ((splitOf(shuffled, lengths)?.gain ?? 0) >= best.gain) atLeast++
    if (atLeast > ALPHA * (PERMUTATIONS + 1)) return null
  }
  return { ...best, pValue: atLeast / (PERMUTATIONS + 1) }
}

function bestSplit(residuals: Float64Array, aboutLine: boolean): { at: number; gain: number } | null {
  return splitOf(residuals, stepLengths(residuals.length, aboutLine))
}

/** By position of a split: the squared length of the step itself, after the mean (and the line, when `aboutLine`) has been taken out of it. */
function stepLengths(n: number, aboutLine: boolean): Float64Array {
  const spreadOfTime = (n * (n * n - 1)) / 12
  const lengths = new Float64Array(n)
  for (let at = MIN_SEGMENT; at <= n - MIN_SEGMENT; at++) {
    const aboutMean = (at * (n - at)) / n
    lengths[at] = aboutLine ? aboutMean - (aboutMean * (n / 2)) ** 2 / spreadOfTime : aboutMean
  }
  return lengths
}

/** The split that explains most: the square of the suffix sum of the residuals over the squared length of the step. */
function splitOf(residuals: Float64Array, lengths: Float64Array): { at: number; gain: number } | null {
  const last = residuals.length - MIN_SEGMENT
  if (last < MIN_SEGMENT) return null
  let prefix = 0
  for (let i = 0; i < MIN_SEGMENT - 1; i++) prefix += residuals[i]!
  let best = 0
  let most = -1
  for (let at = MIN_SEGMENT; at <= last; at++) {
    prefix += residuals[at - 1]!
    const length = lengths[at]!
    const gain = length > 1e-9 ? (prefix * prefix) / length : 0
    if (gain > most) {
      most = gain
      best = at
    }
  }
  return { at: best, gain: most }
}

/** Residuals of the least-squares line over 0, 1, 2 …; those of the mean for a single point. */
function straightResiduals(y: Float64Array): Float64Array {
  const residuals = y.slice()
  straighten(residuals, new Float64Array(y.length))
  return residuals
}

/** `straightResiduals` in place. @param scratch of the same length; what it has is overwritten */
function straighten(y: Float64Array, scratch: Float64Array): void {
  const n = y.length
  const middle = (n - 1) / 2
  const centre = compensatedSum(y) / n
  for (let i = 0; i < n; i++) scratch[i] = (i - middle) * (y[i]! - centre)
  const slope = compensatedSum(scratch) / ((n * (n * n - 1)) / 12 || 1)
  for (let i = 0; i < n; i++) y[i] = y[i]! - centre - slope * (i - middle)
}

/**
 * Deviations from the best steps, tested or not: what is left for judging serial correlation. Had only one step been
 * taken out, a second one would look like correlation and hide itself.
 */
function aroundGreedySteps(series: Float64Array): Float64Array {
  let parts = [series]
  for (let i = 0; i < MAX_STEPS; i++) {
    const splits = parts.map((part) => bestSplit(centred(part), false))
    const gains = splits.map((split) => split?.gain ?? 0)
    const best = gains.indexOf(Math.max(...gains))
    const split = splits[best]
    if (!split) break
    const part = parts[best]!
    parts = parts.toSpliced(best, 1, part.subarray(0, split.at), part.subarray(split.at))
  }
  return concatenated(parts.map(centred))
}

function aroundBestStep(residuals: Float64Array): Float64Array {
  const split = bestSplit(residuals, true)
  if (!split) return residuals
  return concatenated([centred(residuals.subarray(0, split.at)), centred(residuals.subarray(split.at))])
}

function concatenated(parts: readonly Float64Array[]): Float64Array {
  return Float64Array.from(parts.flatMap((part) => [...part]))
}

/**
 * 1 for independent residuals, else Carlstein's length (1986), at most an eighth of the series. The estimate of the
 * correlation is corrected for the means that were taken out, Kendall's (1 + 3ρ)/n for each.
 */
function blockLength(residuals: Float64Array, means: number): number {
  const n = residuals.length
  const estimate = moments(residuals).autocorrelation ?? 0
  const rho = Math.min(0.99, estimate + ((1 + 3 * estimate) * means) / n)
  if (!(rho > 1.96 / Math.sqrt(n))) return 1
  const length = Math.ceil(((2 * rho) / (1 - rho * rho)) ** (2 / 3) * Math.cbrt(n))
  return Math.max(1, Math.min(Math.floor(n / 8), length))
}

/**
 * Fisher–Yates over blocks of consecutive values; the last block may be shorter.
 * @param order room for the number of each block; what it has is overwritten
 * @param into where the values go
 */
function permuteBlocks(
  values: Float64Array,
  {
    length,
    random,
    order,
    into,
  }: { length: number; random: () => number; order: Uint32Array; into: Float64Array },
): void {
  for (let i = 0; i < order.length; i++) order[i] = i
  let filled = 0
  for (let i = order.length - 1; i >= 0; i--) {
    const j = Math.floor(random() * (i + 1))
    const start = order[j]! * length
    order[j] = order[i]!
    const end = Math.min(start + length, values.length)
    for (let k = start; k < end; k++) into[filled++] = values[k]!
  }
}

/** A value far from its eleven neighbours is replaced by the nearest bound; steps and slopes stay as they are. */
function drawInOutliers(y: Float64Array): Float64Array {
  const overall = median(y)
  const local = y.map((_, i) => median(y.subarray(Math.max(0, i - 5), i + 6)))
  const noise =
    MAD_TO_SD *
    medianAbsoluteDeviation(
      y.map((value, i) => value - local[i]!),
      0,
    )
  const bound = 5 * (noise || medianAbsoluteDeviation(y, overall) || Number.POSITIVE_INFINITY)
  return y.map((value, i) => Math.max(local[i]! - bound, Math.min(local[i]! + bound, value)))
}

function squaresAround(y: Float64Array, centre: number | null): number {
  const middle = centre ?? compensatedSum(y) / y.length
  return compensatedSum(y.map((value) => (value - middle) ** 2))
}

function squaresOfSegments(y: Float64Array, splits: readonly Split[]): number {
  return segmentsOf(y, splits).reduce((sum, part) => sum + squaresAround(part, null), 0)
}

function segmentsOf(y: Float64Array, splits: readonly Split[]): Float64Array[] {
  const edges = [0, ...splits.map(({ at }) => at), y.length]
  return edges.slice(1).map((end, i) => y.subarray(edges[i]!, end))
}

/** About a line the levels are those right at the step: the medians of up to five points on each side. */
function describe(y: Float64Array, splits: readonly Split[], shape: LevelModel['shape']): ChangePoint[] {
  const segments = segmentsOf(y, splits)
  const local = shape === 'line with a step' ? MIN_SEGMENT : y.length
  return splits.map(({ at, pValue }, i) => ({
    at,
    before: median(segments[i]!.subarray(-Math.min(local, segments[i]!.length))),
    after: median(segments[i + 1]!.subarray(0, local)),
    pValue,
  }))
}

/** Uniform numbers in [0, 1) that are the same for the same seed (mulberry32), so that an analysis can be repeated. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296
  }
}
