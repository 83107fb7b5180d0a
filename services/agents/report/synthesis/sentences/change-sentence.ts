import type { Insight, Trend } from '#schemas/analysis.ts'
import { numberText, percentText, quantityText } from '../number-text.ts'
import { atWhereText, whereText } from '../time-text.ts'
import { labelOf, rangeOf } from '../wording.ts'
import type { SeriesContext } from './trend-sentence.ts'

/** The change that an insight speaks of: the one in a row of its provenance. */
export function changeOf(
  trend: Trend,
  insight: Pick<Insight, 'provenance'>,
): Trend['changePoints'][number] | undefined {
  const rows = insight.provenance.flatMap((from) => from.rows ?? [])
  return trend.changePoints.find(({ row }) => rows.includes(row))
}

/** `The level of sales shifted in Mar 2020, from about 310 to about 190.` Of the spread: how many times as wide. */
export function plainChange(
  trend: Trend,
  insight: Pick<Insight, 'provenance'>,
  { column, structure, confidence }: SeriesContext,
): string | undefined {
  const change = changeOf(trend, insight)
  if (!change) return undefined
  const { label, unit } = labelOf(trend.column, column)
  const where = whereText(change, column?.series, structure?.granularity)
  const { before, after } = change
  if (change.of === 'spread') {
    const larger = Math.max(before, after) / Math.min(before, after)
    const times = Number.isFinite(larger)
      ? ` about ${numberText(Number(larger.toPrecision(2)))} times as`
      : ''
    const scale = Math.max(before, after)
    const how = confidence === 'weak' ? 'may scatter' : 'scatters'
    const size = (value: number) =>
      change.isRelative ? `${percentText(value)} of its level` : quantityText(value, unit, scale)
    return `From ${where} on ${label} ${how}${times} ${after > before ? 'widely' : 'narrowly'}: its spread (standard deviation) is ${size(before)} before and ${size(after)} after.`
  }
  const range = column && rangeOf(column)
  const shifted = confidence === 'weak' ? 'may have shifted' : 'shifted'
  const entity = trend.entity === undefined ? '' : ` of ${trend.entity}`
  return (
    `The level of ${label}${entity} ${shifted} ${atWhereText(change, column?.series, structure?.granularity)}, from about ${quantityText(before, unit, range)} ` +
    `to about ${quantityText(after, unit, range)}.`
  )
}
