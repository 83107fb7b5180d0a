import type { Anomaly } from '#schemas/analysis.ts'
import { quantityText } from '../number-text.ts'
import { whereText } from '../time-text.ts'
import { capital, labelOf, listText, rangeOf } from '../wording.ts'
import type { SeriesContext } from './trend-sentence.ts'

const MAX_PLACES = 3

/** One anomaly in full; several of one column by their places; of several columns nothing, the statement is plainer. */
export function plainAnomalies(anomalies: readonly Anomaly[], context: SeriesContext): string | undefined {
  const [first, ...others] = anomalies
  if (!first) return undefined
  if (others.length === 0) return plainAnomaly(first, context)
  if (others.some(({ column }) => column !== first.column)) return undefined
  const { label, unit } = labelOf(first.column, context.column)
  const range = context.column && rangeOf(context.column)
  const places = anomalies
    .slice(0, MAX_PLACES)
    .map(
      (each) =>
        `${whereText(each, context.column?.series, context.structure?.granularity)} (${quantityText(each.value, unit, range)})`,
    )
  const beyond = anomalies.length - places.length
  const all = beyond > 0 ? [...places, `${beyond} more`] : places
  return `${capital(label)} stands out at ${listText(all)}.`
}

/** `Sales stands out at May 2021: 940, where 210 to 330 would be ordinary.` */
export function plainAnomaly(anomaly: Anomaly, { column, structure }: SeriesContext): string {
  const { label, unit } = labelOf(anomaly.column, column)
  const where = whereText(anomaly, column?.series, structure?.granularity)
  const { low, high } = anomaly.expected
  // As fine as the bounds need, and no finer than a thousandth of the value.
  const width = Math.max(high - low, Math.abs(anomaly.value - high), Math.abs(anomaly.value - low))
  const range = Math.max(
    Math.min((column && rangeOf(column)) ?? width, width),
    Math.abs(anomaly.value) / 1000,
  )
  const rounding = range > 0 ? range : undefined
  const quantity = (value: number): string => quantityText(value, unit, rounding)
  return `${capital(label)} stands out at ${where}: ${quantity(anomaly.value)}, where ${ordinaryText(anomaly, { lowest: column?.numeric?.min, quantity })} would be ordinary.`
}

/** What has never been negative would not be so ordinarily: then only the upper bound is told. */
function ordinaryText(
  { value, expected: { low, high } }: Anomaly,
  { lowest, quantity }: { lowest: number | undefined; quantity: (value: number) => string },
): string {
  if (low < 0 && lowest !== undefined && lowest >= 0 && value > high) return `up to ${quantity(high)}`
  return `${quantity(low)} to ${quantity(high)}`
}
