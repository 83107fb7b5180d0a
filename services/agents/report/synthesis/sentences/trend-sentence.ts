import type { ColumnFinding, Series, TableStructure, Trend } from '#schemas/analysis.ts'
import type { Confidence } from '#schemas/report.ts'
import { entitiesText } from '../entity-noun.ts'
import { columnLabel } from '../labels.ts'
import { numberText, percentText, quantityText } from '../number-text.ts'
import { axisUnit, timeText } from '../time-text.ts'
import { capital, labelOf, listText, rangeOf } from '../wording.ts'

/** What a sentence about a column needs to know around it. */
export interface SeriesContext {
  column: ColumnFinding | undefined
  structure: TableStructure | undefined
  confidence: Confidence
}

const MOVES: Record<'rising' | 'falling', Record<Confidence, string>> = {
  rising: { strong: 'rose', moderate: 'appears to have risen', weak: 'may have risen' },
  falling: { strong: 'fell', moderate: 'appears to have fallen', weak: 'may have fallen' },
}
const DAY_MS = 86_400_000
const DAYS_A_YEAR = 365.25
/** Of a longer course a change a day or a week says little. */
const LONG_DAYS = 2 * DAYS_A_YEAR
/** Growth that is faster is told in the steps of the axis. */
const MAX_YEARLY = 0.3
/** The ends of a noisy series are told as the median of a few values: a tenth of them, at most so many. */
const MAX_END_VALUES = 5
/** Steps from value to value that are this small beside the whole change make no end doubtful. */
const SMOOTH = 0.05

/** `CO2 rose from about 310 ppm in 1959 to about 415 ppm in 2023, by about 1.6 ppm a year.` Ends are observed, never a line's. */
export function plainTrend(trend: Trend, context: SeriesContext): string {
  const { column, confidence } = context
  const { label, unit } = labelOf(trend.column, column)
  const name = `${capital(label)}${entityText(trend, context)}${jointText(trend, context.structure)}`
  if (trend.direction === 'none') return `${name} shows no trend over ${trend.n} values.`
  const move = MOVES[trend.direction][confidence]
  const series = seriesOf(trend, column)
  const pace = paceText(trend, context)
  const ends = observedEnds(trend, series)
  // The ends of a season or of a curve may lie the other way than the whole: then only the pace is told.
  const agrees = ends && Math.sign(ends.last - ends.first) === (trend.direction === 'rising' ? 1 : -1)
  const place = series && placeText(series, context.structure?.granularity)
  if (!agrees || !series || !place) {
    const change = trend.relativeChange === null ? '' : ` by ${percentText(Math.abs(trend.relativeChange))}`
    return series
      ? `${name} ${move}, ${pace} over ${trend.n} values.`
      : `${name} ${move}${change} over ${trend.n} values.`
  }
  const quantity = (value: number): string => quantityText(value, unit, column && rangeOf(column))
  const [from, to] = [series.points[0]!, series.points.at(-1)!]
  // What is drawn may be joined to fewer points than there are.
  const { values = 1, at: [start, stop] = [from[0], to[0]] } = trend.observed ?? {}
  if (trend.joint?.how === 'mean' && isBeyond(column, ends)) {
    const change = quantityText(Math.abs(ends.last - ends.first), unit, column && rangeOf(column))
    return `${name} ${move} by about ${change} between ${place(start).replace(/^\S+ /, '')} and ${place(stop).replace(/^\S+ /, '')}.`
  }
  const end = (value: number, drawn: number): string =>
    `${values === 1 && value === drawn ? '' : 'about '}${quantity(value)}`
  const told = `${name} ${move} from ${end(ends.first, from[1])} ${place(start)} to ${end(ends.last, to[1])} ${place(stop)}${mediansText(values)}, ${pace}`
  return `${told}${bendText(trend, context)}.`
}

/** What an end of a noisy series stands for. */
function mediansText(values: number): string {
  return values > 1 ? ` (medians of the first and last ${values} values)` : ''
}

/** Means within entities are levels of none: outside what the column holds they would be impossible values. */
function isBeyond(
  column: ColumnFinding | undefined,
  { first, last }: { first: number; last: number },
): boolean {
  const { min, max } = column?.numeric ?? {}
  return (
    min !== undefined && max !== undefined && (Math.min(first, last) < min || Math.max(first, last) > max)
  )
}

/** A pace this small beside that of the whole is none. */
const LEVEL_SHARE = 0.25
/** Paces that differ less are the same for people. */
const OTHER_PACE = 1.5

/** `, levelling off at the end`; `: 0.82 a year at first, 2.4 lately`. Nothing of a line. */
function bendText(trend: Trend, context: SeriesContext): string {
  const { paces, slope } = trend
  if (!paces || slope === 0) return ''
  const [first, last] = [paces.first / slope, paces.last / slope]
  if (Math.abs(last) < LEVEL_SHARE && trend.model === 'saturating') return ', levelling off at the end'
  const isSteady = first > 0 && last > 0 && Math.max(first / last, last / first) < OTHER_PACE
  // Of a course that turns round the two paces would need more words than there is room for.
  if (isSteady || first <= 0 || last <= 0) return ''
  const [early, late] = [paces.first, paces.last].map((pace) =>
    paceText({ ...trend, slope: pace }, context).replace(/^by about /, ''),
  )
  return `: ${early} at first, ${late} lately`
}

/** `Sales: store A rose by 2.0 a month, while store B fell by 2.0 a month.` */
export function plainPanel(trends: readonly Trend[], context: SeriesContext): string | undefined {
  const [rising, falling] = (['rising', 'falling'] as const).map((direction) =>
    trends
      .filter((trend) => trend.direction === direction)
      .sort((a, b) => Math.abs(b.slope) - Math.abs(a.slope)),
  ) as [Trend[], Trend[]]
  const { label } = labelOf(trends[0]?.column ?? '', context.column)
  const told = (trend: Trend): string =>
    `${entityName(trend, context)} ${MOVES[trend.direction as 'rising' | 'falling'][context.confidence]} ${paceText(trend, context)}`
  const [up, down] = [rising[0], falling[0]]
  const entity = context.structure?.entity
  const entities = entitiesText(entity?.count ?? trends.length, entity)
  if (up && down) {
    const counts =
      rising.length + falling.length > 2
        ? ` (${rising.length} of ${entities} rising, ${falling.length} falling)`
        : ''
    return `${capital(label)}: ${told(up)}, while ${told(down)}${counts}.`
  }
  const moving = up ? rising : falling
  if (!moving[0]) return undefined
  const most = moving.slice(0, 2).map(told)
  return `${capital(label)} ${up ? 'rises' : 'falls'} ${countedText(trends, { moving: moving.length, entities, sign: up ? 1 : -1 })}: ${moving.length > 2 ? 'most of all ' : ''}${listText(most)}.`
}

/** `in 69 of 185 countries`; of short series few are sure, and what the others did is told too: `beyond chance in 69 of 185 countries, and is lower at the end in 181`. */
function countedText(
  trends: readonly Trend[],
  { moving, entities, sign }: { moving: number; entities: string; sign: 1 | -1 },
): string {
  const ended = trends.filter(
    ({ observed, joint }) => !joint && observed && Math.sign(observed.last - observed.first) === sign,
  ).length
  if (ended <= moving) return `in ${moving} of ${entities}`
  return `beyond chance in ${moving} of ${entities}, and is ${sign > 0 ? 'higher' : 'lower'} at the end in ${ended}`
}

function entityText(trend: Trend, context: SeriesContext): string {
  return trend.entity === undefined ? '' : ` of ${entityName(trend, context)}`
}

/** `store A`; where the entity's name says enough (`Austria`), the heading of its column still tells what it is. */
function entityName({ entity = '' }: Trend, { structure }: SeriesContext): string {
  const heading = structure?.entity && columnLabel(structure.entity.column).label
  return heading === undefined ? entity : `${heading} ${entity}`
}

/** `, summed over all 12 stores,`; who comes or goes must not look like a trend. */
export function jointText({ joint }: Trend, structure: TableStructure | undefined): string {
  if (!joint) return ''
  const entities = structure?.entity
    ? entitiesText(joint.entities, structure.entity)
    : `${joint.entities} values`
  if (joint.how === 'sum') return `, summed over all ${entities},`
  const changing =
    joint.changing === 0
      ? ''
      : ` (${joint.changing} of them not from first to last; each is compared with its own mean)`
  return `, averaged over ${entities}${changing},`
}

function seriesOf(trend: Trend, column: ColumnFinding | undefined): Series | undefined {
  const series = trend.entity === undefined && !trend.joint ? column?.series : trend.series
  return series && series.points.length >= 2 ? series : undefined
}

/** As the analysis observed them; else the values at the ends, of noisy series the medians of a few. */
export function observedEnds(
  trend: Pick<Trend, 'observed'>,
  series: Series | undefined,
): { first: number; last: number } | undefined {
  if (trend.observed) return trend.observed
  const ys = series?.points.map(([, y]) => y) ?? []
  if (ys.length < 2) return undefined
  const [first, last] = [ys[0]!, ys.at(-1)!]
  const steps = ys.slice(1).map((y, i) => Math.abs(y - ys[i]!))
  if (median(steps) <= SMOOTH * Math.abs(last - first)) return { first, last }
  const size = Math.max(1, Math.min(MAX_END_VALUES, Math.floor(ys.length / 10)))
  return { first: median(ys.slice(0, size)), last: median(ys.slice(-size)) }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const half = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[half]! : (sorted[half - 1]! + sorted[half]!) / 2
}

/** Days of each step that a pace may be told in. */
const STEP_DAYS = {
  day: 1,
  week: 7,
  month: DAYS_A_YEAR / 12,
  quarter: DAYS_A_YEAR / 4,
  year: DAYS_A_YEAR,
} as const

/** The step in which people would tell the slope: that of the axis, a year for what is long and fine. */
export function paceStep(
  trend: Pick<Trend, 'slopeUnit'>,
  { granularity, days }: { granularity: TableStructure['granularity']; days: number },
): { name: string; days: number } {
  if (trend.slopeUnit === 'row') return { name: 'row', days: 1 }
  const isFine =
    granularity === undefined || granularity === 'time' || granularity === 'day' || granularity === 'week'
  const fine = granularity === 'week' ? 'week' : 'day'
  const name = isFine ? (days > LONG_DAYS ? 'year' : fine) : granularity
  return { name, days: STEP_DAYS[name] }
}

/** `by about 2.0 USD a month`; of what grows by a factor, `by about 3.1 % a year`. */
export function paceText(
  trend: Trend,
  { column, structure }: Pick<SeriesContext, 'column' | 'structure'>,
): string {
  const { unit } = labelOf(trend.column, column)
  const days = spanDays(trend, { column, structure })
  const step = paceStep(trend, { granularity: structure?.granularity, days })
  const ends = observedEnds(trend, seriesOf(trend, column))
  if (trend.model === 'exponential' && ends && ends.first > 0 && ends.last > 0 && days > step.days) {
    const growth =
      trend.growth === undefined
        ? (ends.last / ends.first) ** (step.days / days) - 1
        : (1 + trend.growth) ** step.days - 1
    const aYear = (1 + growth) ** (DAYS_A_YEAR / step.days) - 1
    // `0.77 % a quarter` is what people know as `3.1 % a year`.
    if (trend.slopeUnit === 'day' && days > LONG_DAYS && Math.abs(aYear) < MAX_YEARLY)
      return `by about ${percentText(Math.abs(aYear))} a year`
    return `by about ${percentText(Math.abs(growth))} a ${step.name}`
  }
  const slope = Math.abs(trend.slope) * step.days
  // A change of a percentage by 2 % would be another thing.
  if (unit === '%') return `by about ${numberText(slope, slope)} percentage points a ${step.name}`
  return `by about ${numberText(slope, slope)}${unit === undefined ? '' : `\u00a0${unit}`} a ${step.name}`
}

function spanDays(trend: Trend, { column, structure }: Pick<SeriesContext, 'column' | 'structure'>): number {
  const points = seriesOf(trend, column)?.points
  const perDay = trend.slopeUnit === 'day' ? DAY_MS : 1
  if (points) return (points.at(-1)![0] - points[0]![0]) / perDay
  return structure?.period ? (structure.period.toMs - structure.period.fromMs) / DAY_MS : 0
}

/** `in 1959`, `on 3 Mar 2020`, `in row 7`: how a place on the axis of a series is told. */
export function placeText(series: Series, granularity: TableStructure['granularity']): (x: number) => string {
  if (series.xKind === 'row') return (x) => `in row ${x}`
  const unit = axisUnit(
    granularity,
    series.points.map(([x]) => x),
  )
  const preposition = unit === 'day' || unit === 'minute' ? 'on' : unit === 'week' ? 'in the' : 'in'
  return (x) => `${preposition} ${timeText(x, unit)}`
}
