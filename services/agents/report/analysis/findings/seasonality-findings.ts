import { median } from '#platform/statistics/median.ts'
import type { Seasonality } from '#schemas/analysis.ts'
import type { NumericColumn, PreparedTable } from '../../structure/prepared-table.ts'
import { groupedSeriesTest } from '../statistics/grouped-series-test.ts'
import type { OrderedPoints } from './column-findings.ts'

/** A calendar cycle of a series, whether it shows or not. */
export interface SeasonalityFinding {
  seasonality: Seasonality
  /** What the season adds at each point. */
  effects: Float64Array
}

interface Cycle {
  name: string
  phases: readonly string[]
  /** Of a time in Unix milliseconds. */
  phaseOf(ms: number): number
}

const DAY_MS = 86_400_000
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const MONTH: Cycle = {
  name: 'month of the year',
  phases: MONTHS,
  phaseOf: (ms) => new Date(ms).getUTCMonth(),
}
const QUARTER: Cycle = {
  name: 'quarter of the year',
  phases: ['Q1', 'Q2', 'Q3', 'Q4'],
  phaseOf: (ms) => Math.floor(new Date(ms).getUTCMonth() / 3),
}
const WEEKDAY: Cycle = {
  name: 'day of the week',
  phases: ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'],
  phaseOf: (ms) => new Date(ms).getUTCDay(),
}
const HOUR: Cycle = {
  name: 'hour of the day',
  phases: Array.from({ length: 24 }, (_, hour) => `${hour}:00`),
  phaseOf: (ms) => new Date(ms).getUTCHours(),
}

/** Cycles that must be there, and values a phase: fewer are single years. */
const MIN_CYCLES = 3
/** Neighbours must stay neighbours: of longer series the latest are tested. */
const MAX_TESTED = 5_000
/** A season that is taken out of the series before anything else is asked of it. */
const SURE_P = 0.001

/** Cycles that the spacing of a series allows; the raw p of each is registered by the caller. */
export function seasonalityFindings(
  table: PreparedTable,
  column: NumericColumn,
  { points, entity }: { points: OrderedPoints; entity?: string },
): SeasonalityFinding[] {
  if (table.axis?.kind !== 'time') return []
  let y = points.y
  return cyclesOf(points.x).flatMap((cycle) => {
    const groups = Int32Array.from(points.x, cycle.phaseOf)
    const used = [...new Set(groups)].sort((a, b) => a - b)
    const numbers = groups.map((group) => used.indexOf(group))
    const period = periodOf(numbers)
    if (used.length < 2 || y.length < MIN_CYCLES * period) return []
    const pValue = groupedSeriesTest(y.subarray(-MAX_TESTED), {
      groups: numbers.subarray(-MAX_TESTED),
      groupCount: used.length,
    })
    if (pValue === null) return []
    const season = phaseEffects(y, { groups: numbers, count: used.length, period })
    if (!season) return []
    const effects = Float64Array.from(numbers, (group) => season.effects[group]!)
    if (pValue <= SURE_P) y = y.map((value, i) => value - effects[i]!)
    const seasonality: Seasonality = {
      document: table.document,
      table: table.name,
      column: column.name,
      ...(entity !== undefined && { entity }),
      period: cycle.phases.length,
      cycle: cycle.name,
      amplitude: Math.max(...season.effects) - Math.min(...season.effects),
      profile: used.map((phase, i) => ({ phase: cycle.phases[phase]!, effect: season.effects[i]! })),
      strength: season.strength,
      pValue,
    }
    return [{ seasonality, effects }]
  })
}

/** Whether a season is sure enough to be taken out and told. */
export function isSeasonal({ seasonality }: SeasonalityFinding): boolean {
  return seasonality.pValue <= SURE_P
}

function cyclesOf(x: Float64Array): Cycle[] {
  if (x.length < 2) return []
  const step = median(x.subarray(1).map((at, i) => at - x[i]!)) / DAY_MS
  if (step > 100) return []
  if (step > 80) return [QUARTER]
  if (step > 6) return step > 27 && step < 32 ? [MONTH] : []
  if (step > 0.5) return [WEEKDAY, MONTH]
  return [HOUR, WEEKDAY]
}

/** Observations from one return to the first phase to the next, on average. */
function periodOf(groups: Int32Array): number {
  let returns = 0
  for (let i = 1; i < groups.length; i++) if (groups[i]! < groups[i - 1]!) returns++
  return returns === 0 ? Number.POSITIVE_INFINITY : Math.round(groups.length / (returns + 1))
}

/** Classical decomposition: phase means of what a centred moving average over one cycle leaves. Null where a phase is empty. */
function phaseEffects(
  y: Float64Array,
  { groups, count, period }: { groups: Int32Array; count: number; period: number },
): { effects: Float64Array; strength: number } | null {
  const half = Math.floor(period / 2)
  const sums = new Float64Array(count)
  const counts = new Float64Array(count)
  const detrended = new Float64Array(y.length)
  const total = new Float64Array(y.length + 1)
  for (let i = 0; i < y.length; i++) total[i + 1] = total[i]! + y[i]!
  for (let i = half; i < y.length - half; i++) {
    const inner = total[i + half + 1]! - total[i - half]!
    // Of an even cycle both ends are the same phase and count half.
    const ends = period % 2 === 0 ? (y[i - half]! + y[i + half]!) / 2 : 0
    const left = y[i]! - (inner - ends) / period
    detrended[i] = left
    sums[groups[i]!]! += left
    counts[groups[i]!]! += 1
  }
  if (counts.includes(0)) return null
  const means = sums.map((sum, g) => sum / counts[g]!)
  const centre = means.reduce((sum, value) => sum + value, 0) / count
  const effects = means.map((value) => value - centre)
  let before = 0
  let after = 0
  for (let i = half; i < y.length - half; i++) {
    const left = detrended[i]!
    before += left * left
    after += (left - effects[groups[i]!]!) ** 2
  }
  return { effects, strength: before > 0 ? Math.max(0, 1 - after / before) : 0 }
}
