/** Which phase of a cycle each value belongs to. */
export interface Phases {
  /** From 0, in order of time. */
  groups: Int32Array
  count: number
  /** Values a cycle, on average. */
  period: number
}

/** What a cycle adds in each phase. */
export interface PhaseEffects {
  /** Means of each phase less their mean. */
  effects: Float64Array
  /** Share of the variance that the course leaves which they explain, 0 to 1. */
  strength: number
}

/** Values from one return to the first phase to the next, on average; infinite without a return. Pure. */
export function periodOf(groups: Int32Array): number {
  let returns = 0
  for (let i = 1; i < groups.length; i++) if (groups[i]! < groups[i - 1]!) returns++
  return returns === 0 ? Number.POSITIVE_INFINITY : Math.round(groups.length / (returns + 1))
}

/** Classical decomposition: phase means of what a centred moving average over one cycle leaves. Null where a phase is empty. Pure. */
export function phaseEffects(y: Float64Array, { groups, count, period }: Phases): PhaseEffects | null {
  const half = Math.floor(period / 2)
  const sums = new Float64Array(count)
  const counts = new Float64Array(count)
  const detrended = withoutCourse(y, period)
  for (let i = half; i < y.length - half; i++) {
    sums[groups[i]!]! += detrended[i]!
    counts[groups[i]!]! += 1
  }
  if (counts.includes(0)) return null
  const means = sums.map((sum, g) => sum / counts[g]!)
  const centre = means.reduce((sum, value) => sum + value, 0) / count
  const effects = means.map((value) => value - centre)
  let before = 0
  let after = 0
  for (let i = half; i < y.length - half; i++) {
    before += detrended[i]! ** 2
    after += (detrended[i]! - effects[groups[i]!]!) ** 2
  }
  return { effects, strength: before > 0 ? Math.max(0, 1 - after / before) : 0 }
}

/** What a centred moving average over one cycle leaves; 0 at the ends, where there is none. Pure. */
export function withoutCourse(y: Float64Array, period: number): Float64Array {
  const half = Math.floor(period / 2)
  const total = new Float64Array(y.length + 1)
  for (let i = 0; i < y.length; i++) total[i + 1] = total[i]! + y[i]!
  const left = new Float64Array(y.length)
  for (let i = half; i < y.length - half; i++) {
    const inner = total[i + half + 1]! - total[i - half]!
    // Of an even cycle both ends are the same phase and count half.
    const ends = period % 2 === 0 ? (y[i - half]! + y[i + half]!) / 2 : 0
    left[i] = y[i]! - (inner - ends) / period
  }
  return left
}
