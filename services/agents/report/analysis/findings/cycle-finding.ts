import type { Seasonality } from '#schemas/analysis.ts'
import type { RowAxis } from '../../structure/row-axis.ts'
import { blockMeans } from '../statistics/block-means.ts'
import { leftOver } from '../statistics/course-test.ts'
import { type HiddenCycle, hiddenCycle, isEvenlySpaced } from '../statistics/hidden-cycle.ts'
import { withoutCourse } from '../statistics/phase-effects.ts'
import { usualStep } from './calendar-cycles.ts'
import type { MeasuredSeries } from './measured-series.ts'
import { profileOf, type SeasonalityFinding, SURE_P } from './season-finding.ts'

/** What is asked for a cycle that is none of the calendar's. */
export interface CycleQuestion {
  series: MeasuredSeries
  /** Without the seasons that are known. */
  y: Float64Array
  place: Pick<Seasonality, 'document' | 'table' | 'column' | 'entity'>
  known: readonly SeasonalityFinding[]
}

/** A periodogram costs the square of the values: of longer series the latest, and the means of as many blocks. */
const MAX_VALUES = 1_500
/** Where moments are uneven, every value needs a sine of its own at every frequency. */
const MAX_UNEVEN = 600
/** Phases of a profile at most. */
const MAX_PHASES = 12
/** A wave and its first overtone. */
const OVERTONES = 2

/** The one cycle of any length that stands out most; null where the series is too short for it. */
export function cycleFinding(
  axis: RowAxis,
  { series, y, place, known }: CycleQuestion,
): SeasonalityFinding | null {
  const { x } = series.points
  const cycle = surestCycle(x, y, expectedLengths(axis, known))
  if (!cycle) return null
  const span = x[x.length - 1]! - x[0]!
  if (isOvertone(cycle, { known, cycles: span / cycle.period })) return null
  const found = {
    ...cycle,
    // A length that was to be expected is no accident of the search.
    ...(!cycle.isExpected && { repeats: span / cycle.period }),
    step: usualStep(x),
    length: lengthOf(cycle.period, { axis, cycles: span / cycle.period }),
  }
  return found.pValue <= SURE_P
    ? described(found, { series, y, place })
    : undescribed(found, { series, place })
}

interface FoundCycle extends HiddenCycle {
  repeats?: number
  /** Distance of neighbours, in the units of the period. */
  step: number
  length: NonNullable<Seasonality['length']>
}

/** What is not sure is only counted among what was tested. */
function undescribed(
  { pValue, step, period, length }: FoundCycle,
  { series, place }: Pick<CycleQuestion, 'series' | 'place'>,
): SeasonalityFinding {
  const cycle = { period: Math.max(1, Math.round(period / step)), cycle: nameOf(length), length }
  return {
    seasonality: { ...place, ...cycle, amplitude: 0, profile: [], strength: 0, pValue },
    effects: series.values.subarray(0, 0),
  }
}

function described(
  { pValue, step, period, length, repeats }: FoundCycle,
  { series, y, place }: Pick<CycleQuestion, 'series' | 'y' | 'place'>,
): SeasonalityFinding {
  const { x } = series.points
  const effects = waveOf(x, y, period)
  const count = Math.max(2, Math.min(MAX_PHASES, Math.round(period / step)))
  const profile = fromHighest(x, { effects, period, count })
  const names = profile.map((_, i) => String(rounded((i * length.value) / count)))
  return {
    seasonality: {
      ...place,
      period: Math.max(1, Math.round(period / step)),
      cycle: nameOf(length),
      length,
      ...(series.isRelative && { relative: true }),
      ...profileOf(names, profile, series.isRelative),
      strength: explained(y, effects, Math.round(period / step)),
      pValue,
    },
    effects,
    ...(repeats !== undefined && { repeats }),
  }
}

function nameOf({ value, unit }: FoundCycle['length']): string {
  return `cycle of about ${value} ${unit}${value === 1 ? '' : 's'}`
}

function surestCycle(x: Float64Array, y: Float64Array, expected: readonly number[]): HiddenCycle | null {
  const most = isEvenlySpaced(x.subarray(-MAX_VALUES)) ? MAX_VALUES : MAX_UNEVEN
  const latest = hiddenCycle(x.subarray(-most), y.subarray(-most), expected)
  if (x.length <= most || !latest) return latest
  // Blocks of one size: even moments stay even.
  const size = Math.ceil(x.length / most)
  const [whole, count] = [x.length - (x.length % size), Math.floor(x.length / size)]
  const blocks = hiddenCycle(
    blockMeans(x.subarray(-whole), count),
    blockMeans(y.subarray(-whole), count),
    expected,
  )
  const best = blocks && blocks.pValue < latest.pValue ? blocks : latest
  return { ...best, pValue: Math.min(1, 2 * best.pValue) }
}

const DAY_MS = 86_400_000
const YEAR_DAYS = 365.25
/** Lengths of the calendar's cycles in days. */
const CALENDAR_DAYS: Readonly<Record<string, number>> = {
  'month of the year': YEAR_DAYS,
  'quarter of the year': YEAR_DAYS,
  'day of the week': 7,
  'hour of the day': 1,
}
const EXPECTED_DAYS: readonly number[] = [YEAR_DAYS, 7, 1]
const SAME_LENGTH = 0.015
/** Cycles by which two lengths must differ over the whole time to be told apart. */
const RESOLUTION = 1.5
const MAX_OVERTONE = 24

/** Lengths that anybody would ask for along time, in milliseconds: those that are not found yet. */
function expectedLengths({ kind }: RowAxis, known: readonly SeasonalityFinding[]): number[] {
  if (kind !== 'time') return []
  const found = new Set(known.map(({ seasonality }) => CALENDAR_DAYS[seasonality.cycle]))
  return EXPECTED_DAYS.filter((days) => !found.has(days)).map((days) => days * DAY_MS)
}

/** What a known season leaves about its own length, or at whole fractions of it, is its own shape. */
function isOvertone(
  { period }: HiddenCycle,
  { known, cycles }: { known: readonly SeasonalityFinding[]; cycles: number },
): boolean {
  return known.some(({ seasonality }) => {
    const days = CALENDAR_DAYS[seasonality.cycle]
    if (days === undefined) return false
    const times = (days * DAY_MS) / period
    const whole = Math.round(times)
    const near = Math.max(SAME_LENGTH, RESOLUTION / cycles)
    return whole >= 1 && whole <= MAX_OVERTONE && Math.abs(times / whole - 1) < near
  })
}

/** Least squares of a wave and its overtone, beside a line. */
function waveOf(x: Float64Array, y: Float64Array, period: number): Float64Array {
  const line = x.map((at) => (at - x[0]!) / (x[x.length - 1]! - x[0]!))
  const plain = leftOver([new Float64Array(x.length).fill(1), line], y)
  const oscillations = Array.from({ length: OVERTONES }, (_, k) => (2 * Math.PI * (k + 1)) / period).flatMap(
    (omega) => [x.map((at) => Math.cos(omega * (at - x[0]!))), x.map((at) => Math.sin(omega * (at - x[0]!)))],
  )
  const left = leftOver(oscillations, plain)
  return plain.map((value, i) => value - left[i]!)
}

/** Mean effects of equal parts of the cycle, the highest first. */
function fromHighest(
  x: Float64Array,
  { effects, period, count }: { effects: Float64Array; period: number; count: number },
): number[] {
  const sums = new Float64Array(count)
  const counts = new Float64Array(count)
  for (let i = 0; i < x.length; i++) {
    const turn = (x[i]! - x[0]!) / period
    const part = Math.min(count - 1, Math.floor((turn - Math.floor(turn)) * count))
    sums[part]! += effects[i]!
    counts[part]! += 1
  }
  const means = Array.from(sums, (sum, part) => (counts[part]! > 0 ? sum / counts[part]! : 0))
  const highest = means.indexOf(Math.max(...means))
  return means.map((_, part) => means[(highest + part) % count]!)
}

/** Share of the variance about the course, a moving average over one cycle. */
function explained(y: Float64Array, effects: Float64Array, period: number): number {
  const detrended = withoutCourse(y, period)
  const half = Math.floor(period / 2)
  let [before, after] = [0, 0]
  for (let i = half; i < y.length - half; i++) {
    before += detrended[i]! ** 2
    after += (detrended[i]! - effects[i]!) ** 2
  }
  return before > 0 ? Math.max(0, 1 - after / before) : 0
}

const UNITS: readonly [days: number, unit: string][] = [
  [YEAR_DAYS, 'year'],
  [YEAR_DAYS / 12, 'month'],
  [1, 'day'],
  [1 / 24, 'hour'],
  [1 / 1440, 'minute'],
  [1 / 86_400, 'second'],
]
/** Columns whose name is what they count. */
const COUNTED =
  /^(sample|step|cycle|frame|tick|iteration|epoch|trial|round|day|week|month|quarter|hour|minute|second)s?$/i

/** In the coarsest unit of which there are two or more, or just one. */
function lengthOf(
  period: number,
  { axis: { kind, columns }, cycles }: { axis: RowAxis; cycles: number },
): { value: number; unit: string } {
  // As exact as the cycles are many.
  const digits = cycles < MANY_CYCLES ? 2 : 3
  const told = (value: number): number => Number(value.toPrecision(digits))
  if (kind === 'sequence') {
    const name = COUNTED.exec(columns[0] ?? '')?.[1]?.toLowerCase()
    return { value: told(period), unit: name ?? 'row' }
  }
  const days = period / DAY_MS
  const [size, unit] =
    UNITS.find(([size]) => days >= 2 * size || Math.abs(days / size - 1) <= SAME_LENGTH) ?? UNITS.at(-1)!
  const value = days / size
  return { value: Math.abs(value - 1) <= SAME_LENGTH ? 1 : told(value), unit }
}

const MANY_CYCLES = 20

function rounded(value: number): number {
  return Number(value.toPrecision(3))
}
