import { type TimeUnit, timeText } from '../time-text.ts'

export type Domain = readonly [number, number]

/** From the smallest to the largest of some values. */
export function extent(values: readonly number[]): Domain {
  return [Math.min(...values), Math.max(...values)]
}

/** Maps a domain linearly to a range of pixels; a domain without extent goes to the middle. */
export function linearScale([d0, d1]: Domain, [r0, r1]: Domain): (value: number) => number {
  if (d1 === d0) return () => (r0 + r1) / 2
  // One decimal of a pixel is finer than any screen, and keeps the file small.
  return (value) => Math.round((r0 + ((value - d0) / (d1 - d0)) * (r1 - r0)) * 10) / 10
}

/** Round numbers (1, 2, 5 times a power of ten) inside a domain, about as many as wanted. */
export function niceTicks([low, high]: Domain, wanted: number): number[] {
  const step = niceStep((high - low) / Math.max(1, wanted))
  if (!(step > 0) || !Number.isFinite(step)) return [low]
  const first = Math.ceil(low / step - 1e-9)
  const last = Math.floor(high / step + 1e-9)
  return Array.from({ length: last - first + 1 }, (_, index) => rounded((first + index) * step))
}

/** The domain widened to round numbers at both ends. */
export function niceDomain([low, high]: Domain, wanted: number): Domain {
  if (low === high) {
    const margin = Math.abs(low) * 0.1 || 1
    return [low - margin, high + margin]
  }
  const step = niceStep((high - low) / Math.max(1, wanted))
  return [rounded(Math.floor(low / step) * step), rounded(Math.ceil(high / step) * step)]
}

/** Decimals that tell the ticks apart. */
export function tickDecimals(ticks: readonly number[]): number {
  const step = ticks.length > 1 ? Math.abs(ticks[1]! - ticks[0]!) : Math.abs(ticks[0] ?? 1)
  if (step === 0 || !Number.isFinite(step)) return 0
  return Math.min(10, Math.max(0, -Math.floor(Math.log10(step) + 1e-9)))
}

function niceStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough))
  const factor = [1, 2, 5, 10].find((each) => each * power >= rough * (1 - 1e-9)) ?? 10
  return factor * power
}

/** Takes away the tail that multiplying by a fraction leaves: 0.30000000000000004. */
function rounded(value: number): number {
  return Number(value.toPrecision(15))
}

const MINUTE_MS = 60_000
const HOUR_MS = 60 * MINUTE_MS
const DAY_MS = 24 * HOUR_MS

export interface Tick {
  at: number
  label: string
}

interface Step {
  unit: TimeUnit
  months?: number
  ms?: number
}

/** From fine to coarse; the first that gives few enough ticks is taken. */
const STEPS: readonly Step[] = [
  ...[1, 5, 15, 30].map((minutes): Step => ({ unit: 'minute', ms: minutes * MINUTE_MS })),
  ...[1, 3, 6, 12].map((hours): Step => ({ unit: 'minute', ms: hours * HOUR_MS })),
  ...[1, 2, 7, 14].map((days): Step => ({ unit: 'day', ms: days * DAY_MS })),
  ...[1, 3, 6].map((months): Step => ({ unit: 'month', months })),
  ...[1, 2, 5, 10, 20, 50, 100, 200, 500, 1000].map((years): Step => ({ unit: 'year', months: 12 * years })),
]

/** Room for a label of each unit and the air around it. */
const LABEL_PX: Readonly<Record<TimeUnit, number>> = {
  year: 58,
  quarter: 72,
  month: 90,
  week: 150,
  day: 112,
  minute: 170,
}

/** Ticks at round dates (UTC) inside a domain of Unix milliseconds, as many as there is room for. */
export function timeTicks([low, high]: Domain, widthPx: number): Tick[] {
  const span = high - low
  const step =
    STEPS.find(
      ({ unit, ms, months }) => (span / (ms ?? months! * 30.44 * DAY_MS)) * LABEL_PX[unit] <= widthPx,
    ) ?? STEPS.at(-1)!
  const times =
    step.ms === undefined ? monthTimes([low, high], step.months!) : evenTimes([low, high], step.ms)
  return times.map((at) => ({ at, label: timeText(at, step.unit) }))
}

function evenTimes([low, high]: Domain, stepMs: number): number[] {
  const first = Math.ceil(low / stepMs)
  const count = Math.max(0, Math.floor(high / stepMs) - first + 1)
  return Array.from({ length: count }, (_, index) => (first + index) * stepMs)
}

function monthTimes([low, high]: Domain, stepMonths: number): number[] {
  const times: number[] = []
  const year = new Date(low).getUTCFullYear()
  // Counted from year 0, so that decades fall on round years.
  let month = Math.floor((year * 12) / stepMonths) * stepMonths
  for (let at = monthStart(month); at <= high; month += stepMonths, at = monthStart(month)) {
    if (at >= low) times.push(at)
  }
  return times
}

function monthStart(monthsSinceYear0: number): number {
  const start = new Date(0)
  // Date.UTC would read the years 0 to 99 as 1900 to 1999.
  start.setUTCFullYear(Math.floor(monthsSinceYear0 / 12), monthsSinceYear0 % 12, 1)
  return start.getTime()
}
