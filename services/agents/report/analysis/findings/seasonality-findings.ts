import type { Seasonality } from '#schemas/analysis.ts'
import type { NumericColumn, PreparedTable } from '../../structure/prepared-table.ts'
import { groupedSeriesTest, smoothSeasonTest } from '../statistics/grouped-series-test.ts'
import { type Phases, periodOf, phaseEffects } from '../statistics/phase-effects.ts'
import { seasonalDecomposition } from '../statistics/seasonal-decomposition.ts'
import { type CalendarCycle, cyclesOf } from './calendar-cycles.ts'
import { cycleFinding } from './cycle-finding.ts'
import type { MeasuredSeries } from './measured-series.ts'
import { isSeasonal, profileOf, type SeasonalityFinding } from './season-finding.ts'

/** Cycles that must be there, and values a phase: fewer are single years. */
const MIN_CYCLES = 3
/** Neighbours must stay neighbours: of longer series the latest are tested. */
const MAX_TESTED = 5_000
/** Fewer cycles than this leave the levels of so many phases too little to be compared with. */
const MAX_HARMONIC_CYCLES = 6
const MIN_HARMONIC_PHASES = 8
/** Cycles of the calendar that the spacing allows, then one of any other length; the raw p of each is registered by the caller. */
export function seasonalityFindings(
  table: PreparedTable,
  column: NumericColumn,
  series: MeasuredSeries,
): SeasonalityFinding[] {
  if (!table.axis) return []
  const place = {
    document: table.document,
    table: table.name,
    column: column.name,
    ...(series.entity !== undefined && { entity: series.entity }),
  }
  const found: SeasonalityFinding[] = []
  let y = series.values
  const cycles = table.axis.kind === 'time' ? cyclesOf(series.points.x) : []
  for (const cycle of cycles) {
    const isAsked =
      cycle.within === undefined ||
      found.some((one) => isSeasonal(one) && one.seasonality.cycle === cycle.within)
    const season = isAsked ? calendarFinding(series, y, { cycle, place }) : null
    if (!season) continue
    if (isSeasonal(season)) y = without(y, season.effects)
    found.push(season)
  }
  // Of a panel all entities together show it better than each.
  const other =
    series.entity === undefined
      ? cycleFinding(table.axis, { series, y, place, known: found.filter(isSeasonal) })
      : null
  return decomposed(other ? [...found, other] : found, series)
}

type Place = Pick<Seasonality, 'document' | 'table' | 'column' | 'entity'>

function without(y: Float64Array, effects: Float64Array): Float64Array {
  const left = new Float64Array(y.length)
  for (let i = 0; i < y.length; i++) left[i] = y[i]! - effects[i]!
  return left
}

function calendarFinding(
  { points, isRelative }: MeasuredSeries,
  y: Float64Array,
  { cycle, place }: { cycle: CalendarCycle; place: Place },
): SeasonalityFinding | null {
  const { x } = points
  if (cycle.minSpanMs !== undefined && x[x.length - 1]! - x[0]! < cycle.minSpanMs) return null
  const { groups, used } = numbered(x, cycle)
  const phases: Phases = { groups, count: used.length, period: periodOf(groups) }
  if (used.length < 2 || y.length < MIN_CYCLES * phases.period) return null
  const pValue = seasonPValue(y, phases)
  const season = pValue === null ? null : phaseEffects(y, phases)
  if (pValue === null || !season) return null
  const effects = new Float64Array(y.length)
  for (let i = 0; i < y.length; i++) effects[i] = season.effects[groups[i]!]!
  const names = used.map((phase) => cycle.phases[phase]!)
  return {
    seasonality: {
      ...place,
      period: cycle.phases.length,
      cycle: cycle.name,
      ...(isRelative && { relative: true }),
      ...profileOf(names, season.effects, isRelative),
      strength: season.strength,
      pValue,
    },
    effects,
    phases,
  }
}

/** By the levels of the phases; of few cycles of many phases by harmonics, too. */
function seasonPValue(y: Float64Array, { groups, count, period }: Phases): number | null {
  const tested = { groups: groups.subarray(-MAX_TESTED), groupCount: count }
  const byLevels = groupedSeriesTest(y.subarray(-MAX_TESTED), tested)
  const isShort = period >= MIN_HARMONIC_PHASES && period === count && y.length < MAX_HARMONIC_CYCLES * period
  const byHarmonics = isShort ? smoothSeasonTest(y, tested) : null
  return byLevels === null || byHarmonics === null
    ? (byLevels ?? byHarmonics)
    : Math.min(byLevels, byHarmonics)
}

/** Phases that occur, numbered in order. */
function numbered(x: Float64Array, cycle: CalendarCycle): { groups: Int32Array; used: number[] } {
  const phases = new Int32Array(x.length)
  const counts = new Int32Array(cycle.phases.length)
  for (let i = 0; i < x.length; i++) {
    phases[i] = cycle.phaseOf(x[i]!)
    counts[phases[i]!]! += 1
  }
  const used = [...counts.keys()].filter((phase) => counts[phase]! > 0)
  if (used.length === cycle.phases.length) return { groups: phases, used }
  const numbers = Int32Array.from(counts, (_, phase) => used.indexOf(phase))
  return { groups: phases.map((phase) => numbers[phase]!), used }
}

/** STL costs as many passes as a cycle has values. */
const MAX_DECOMPOSED = 5_000
/** Odd, in cycles: seasons change little from one to the next. */
const SEASONAL_WINDOW = 13
const ROBUST_PASSES = 5

/** Of one season in a series without gaps: course and season told apart by STL, so that neither a bend nor a value far out moves the season. */
function decomposed(
  found: SeasonalityFinding[],
  { values, isRelative }: MeasuredSeries,
): SeasonalityFinding[] {
  const sure = found.filter(isSeasonal)
  const [season] = sure
  if (sure.length !== 1 || !season?.phases || !isGapless(season.phases)) return found
  const { groups, count, period } = season.phases
  if (values.length > MAX_DECOMPOSED || values.length < MIN_CYCLES * period) return found
  const jump = Math.max(1, Math.ceil(period / 5))
  const decomposition = seasonalDecomposition(values, {
    period,
    seasonal: SEASONAL_WINDOW,
    outer: ROBUST_PASSES,
    jumps: { seasonal: 1, trend: jump, lowPass: jump },
  })
  const sums = new Float64Array(count)
  const counts = new Float64Array(count)
  decomposition.season.forEach((effect, i) => {
    sums[groups[i]!]! += effect
    counts[groups[i]!]! += 1
  })
  const means = sums.map((sum, g) => sum / counts[g]!)
  const names = season.seasonality.profile.map(({ phase }) => phase)
  const seasonality = { ...season.seasonality, ...profileOf(names, means, isRelative) }
  return found.map((one) => (one === season ? { ...one, seasonality, decomposition } : one))
}

/** Every value one phase after the one before. */
function isGapless({ groups, count, period }: Phases): boolean {
  if (period !== count) return false
  for (let i = 1; i < groups.length; i++) if (groups[i] !== (groups[i - 1]! + 1) % count) return false
  return true
}
