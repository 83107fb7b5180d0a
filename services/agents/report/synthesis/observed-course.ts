import type { Analysis, Trend } from '#schemas/analysis.ts'
import { type AnalysisIndex, indexAnalysis } from './analysis-index.ts'
import { entitiesText } from './entity-noun.ts'
import { columnLabel } from './labels.ts'
import { quantityText } from './number-text.ts'
import { jointText, placeText } from './sentences/trend-sentence.ts'
import { capital, labelOf, rangeOf } from './wording.ts'

/** Of more measures no single course stands for the table. */
const MAX_MEASURES = 3
const MIN_VALUES = 8
/** From the start to the end it moved by so much of all that its values spread over; noise about a level ends where it began. */
const MIN_MOVED = 0.5

/**
 * Where no trend is beyond chance, what was observed all the same: `Value went from 580 in 1875 to 579 in 1972; its highest was 582 in
 * 1876.` Of a panel the entity that changed most. None of more than three measures, or where rows have no time. Pure.
 */
export function observedCourses(analysis: Analysis): string[] {
  const index = indexAnalysis(analysis)
  const courses = Map.groupBy(
    analysis.trends.filter((trend) => trend.n >= MIN_VALUES),
    ({ document, table, column }) => JSON.stringify([document, table, column]),
  )
  if (courses.size === 0 || courses.size > MAX_MEASURES) return []
  return [...courses.values()]
    .flatMap((trends) => toldOf(trends) ?? [])
    .sort((a, b) => changeOf(b.most) - changeOf(a.most))
    .flatMap(({ most, of }) => courseText(most, { index, of }) ?? [])
}

/** Of a panel the entity that changed most; where the courses of entities are not drawn, that of all together. */
function toldOf(trends: readonly Trend[]): { most: Trend; of: number } | undefined {
  const single = trends.filter(({ joint }) => joint === undefined)
  const drawn = single.filter(({ entity, series }) => entity === undefined || series)
  if (drawn.length > 0 && drawn.length === single.length)
    return { most: mostChanged(drawn), of: drawn.length }
  const together = trends.find(({ joint }) => joint !== undefined)
  return together && { most: together, of: 1 }
}

function mostChanged(trends: readonly Trend[]): Trend {
  return trends.reduce((most, trend) => (changeOf(trend) > changeOf(most) ? trend : most))
}

/** As a ratio, so that a ninefold rise counts as much as a fall to a ninth. */
function changeOf({ observed }: Trend): number {
  if (!observed) return 0
  const { first, last } = observed
  return first > 0 && last > 0 ? Math.abs(Math.log(last / first)) : 0
}

function courseText(trend: Trend, { index, of }: { index: AnalysisIndex; of: number }): string | undefined {
  const [column, structure] = [index.column(trend), index.structure(trend)]
  const series = trend.entity === undefined && !trend.joint ? column?.series : trend.series
  if (!trend.observed || !series || series.points.length < 2 || series.xKind !== 'time') return undefined
  const { points } = series
  if (!hasMoved(trend.observed, points)) return undefined
  const place = placeText(series, structure?.granularity)
  const { label, unit } = labelOf(trend.column, column)
  const heading = structure?.entity ? `${columnLabel(structure.entity.column).label} ` : ''
  const entity = trend.joint
    ? jointText(trend, structure)
    : trend.entity === undefined
      ? ''
      : ` of ${heading}${trend.entity}`
  const quantity = (value: number): string => quantityText(value, unit, column && rangeOf(column))
  const end = (value: number, [, seen]: readonly [number, number]): string =>
    `${value === seen ? '' : 'about '}${quantity(value)}`
  const [from, to] = [points[0]!, points.at(-1)!]
  const among = of > 1 ? `, the largest change among ${entitiesText(of, structure?.entity)}` : ''
  const ends = `from ${end(trend.observed.first, from)} ${place(from[0])} to ${end(trend.observed.last, to)} ${place(to[0])}`
  return `${capital(label)}${entity} went ${ends}${among}${peakText(trend, { points, place, quantity })}.`
}

function hasMoved(
  { first, last }: NonNullable<Trend['observed']>,
  points: readonly (readonly [number, number])[],
): boolean {
  const values = points.map(([, y]) => y)
  const spread = values.reduce((a, b) => Math.max(a, b)) - values.reduce((a, b) => Math.min(a, b))
  return spread > 0 && Math.abs(last - first) >= MIN_MOVED * spread
}

/** `; its highest was 582 in 1876`, where the highest value is neither end and every value is known. */
function peakText(
  trend: Trend,
  {
    points,
    place,
    quantity,
  }: {
    points: readonly (readonly [number, number])[]
    place(x: number): string
    quantity(value: number): string
  },
): string {
  if (points.length !== trend.n) return ''
  const highest = points.reduce((most, point) => (point[1] > most[1] ? point : most))
  const isOnce = points.filter(([, y]) => y === highest[1]).length === 1
  return !isOnce || highest === points[0] || highest === points.at(-1)
    ? ''
    : `; its highest was ${quantity(highest[1])} ${place(highest[0])}`
}
