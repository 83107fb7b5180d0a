import type { ColumnFinding, Insight } from '#schemas/analysis.ts'
import { columnLabel } from '../labels.ts'
import { countText, numberText, percentText, quantityText } from '../number-text.ts'
import { capital, labelOf, rangeOf } from '../wording.ts'

/** `Half of the values of ozone lie between 18 and 63, and the largest is 168: the mean (42.1) is above the median (31.5).` */
export function plainDistribution(column: ColumnFinding | undefined): string | undefined {
  const numeric = column?.numeric
  if (!numeric) return undefined
  const { label, unit } = labelOf(column.column, column)
  const range = rangeOf(column)
  const quantity = (value: number): string => quantityText(value, unit, range)
  const number = (value: number): string => numberText(value, range)
  const { q1, q3, min, max, mean, median } = numeric
  const middle =
    q1 === q3
      ? `at least half of the values of ${label} are ${quantity(q1)}`
      : `the middle half of ${label} lies between ${number(q1)} and ${quantity(q3)}`
  switch (numeric.distribution) {
    case 'bimodal':
      return `${capital(label)} falls into two groups: a quarter lies below ${quantity(q1)}, a quarter above ${quantity(q3)}, and little in between.`
    case 'right-skewed':
      return `${capital(label)} is uneven: ${middle}, but values reach ${quantity(max)}; the mean is ${quantity(mean)}, the median ${quantity(median)}.`
    case 'left-skewed':
      return `${capital(label)} is uneven: ${middle}, but values go down to ${quantity(min)}; the mean is ${quantity(mean)}, the median ${quantity(median)}.`
    case 'heavy-tailed':
      return `${capital(label)} has extremes on both sides: ${middle}, but values go from ${number(min)} to ${quantity(max)}.`
    default:
      return undefined
  }
}

/** `Sex is male in 64 % of 1309 rows.` */
export function plainCategory({
  evidence,
  provenance,
}: Pick<Insight, 'evidence' | 'provenance'>): string | undefined {
  const column = provenance[0]?.column
  const { value, share, count } = evidence
  if (column === undefined || value === undefined || typeof share !== 'number') return undefined
  return `${capital(columnLabel(column).label)} is ${value} in ${percentText(share)} of ${countText(Math.round(Number(count) / share), 'row')}.`
}
