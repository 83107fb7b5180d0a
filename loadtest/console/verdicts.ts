/** What was measured, beside what it may be. */
export interface Verdict {
  readonly what: string
  readonly unit: string
  readonly value: number
  readonly budget: number
  /** Whether the value may not be above the budget, or not below it. */
  readonly is: 'at most' | 'at least'
  readonly holds: boolean
}

/** Judges a value. One that could not be measured holds nothing. Pure. */
export function judge(
  what: string,
  value: number,
  is: 'at most' | 'at least',
  budget: number,
  unit = 'ms',
): Verdict {
  const holds = is === 'at most' ? value <= budget : value >= budget
  return { what, unit, value, budget, is, holds }
}

/** A line for people. Pure. */
export function verdictLine({ what, unit, value, budget, is, holds }: Verdict): string {
  return `${holds ? 'holds ' : 'BROKEN'}  ${what}: ${value} ${unit}, ${is} ${budget} ${unit}`
}

export interface FrameFigures {
  /** Frames a second, on average. */
  readonly fps: number
  /** Of 1: frames that came no later than the next picture of a screen of 60 Hz, and no later than the one after. */
  readonly within17: number
  readonly within34: number
  readonly p95Ms: number
  readonly maxMs: number
}

/** One frame of 60 Hz, and two, with what a timer is off by. Milliseconds. */
const ONE_FRAME_MS = 17.7
const TWO_FRAMES_MS = 34.4

/** What a row of times between frames says. Milliseconds. Pure. */
export function frameFigures(gapsMs: readonly number[]): FrameFigures {
  const sorted = gapsMs.toSorted((a, b) => a - b)
  const totalMs = gapsMs.reduce((sum, ms) => sum + ms, 0)
  const share = (limitMs: number) => rounded(gapsMs.filter((ms) => ms <= limitMs).length / gapsMs.length, 4)
  return {
    fps: rounded((gapsMs.length * 1000) / totalMs),
    within17: share(ONE_FRAME_MS),
    within34: share(TWO_FRAMES_MS),
    p95Ms: rounded(sorted[Math.ceil(sorted.length * 0.95) - 1] ?? Number.NaN),
    maxMs: rounded(sorted.at(-1) ?? Number.NaN),
  }
}

export interface HeapFigures {
  readonly firstMb: number
  readonly maxMb: number
  readonly lastMb: number
  /** From the middle of the run to its end. */
  readonly grownMb: number
}

/** What a row of heap sizes says, oldest first. Bytes; MB are 10^6 of them. The middle and the end are medians of three. Pure. */
export function heapFigures(bytes: readonly number[]): HeapFigures {
  const middle = Math.floor(bytes.length / 2)
  const around = (at: number) => middleOfThree(bytes.slice(Math.max(0, at - 1), at + 2))
  return {
    firstMb: mb(bytes[0]!),
    maxMb: mb(Math.max(...bytes)),
    lastMb: mb(bytes.at(-1)!),
    grownMb: mb(around(bytes.length - 2) - around(middle)),
  }
}

function middleOfThree(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}

function mb(bytes: number): number {
  return rounded(bytes / 1e6)
}

function rounded(value: number, digits = 1): number {
  return Number(value.toFixed(digits))
}
