import type { Association, Correlation, Difference } from '#schemas/relations.ts'
import type { Confidence } from '#schemas/report.ts'
import { columnLabel } from '../labels.ts'
import { coefficientText, countText, numberText, percentText, quantityText } from '../number-text.ts'
import { capital, labelOf, rangeOf } from '../wording.ts'
import type { SeriesContext } from './trend-sentence.ts'

/** From this size of Pearson's coefficient one column is computed from the other. */
const SAME = 0.99999

/** `Heat and sales rise and fall together (Spearman +0.91 over 60 rows).` */
export function plainCorrelation(correlation: Correlation, confidence: Confidence = 'strong'): string {
  const [a, b] = [columnLabel(correlation.a).label, columnLabel(correlation.b).label]
  if (Math.abs(correlation.pearson) >= SAME) {
    return `${capital(a)} and ${b} say the same: each is a straight-line function of the other (${correlation.n} rows).`
  }
  const size = Math.abs(correlation.spearman)
  const closely = size >= 0.8 ? 'closely ' : size >= 0.5 ? '' : 'loosely '
  const relation =
    correlation.spearman >= 0 ? `rise and fall ${closely}together` : `move ${closely}in opposite directions`
  const may = confidence === 'weak' ? 'may ' : ''
  return `${capital(a)} and ${b} ${may}${relation} (Spearman ${coefficientText(correlation.spearman)} over ${correlation.n} rows).`
}

/** `Tip differs by day: the median is 3.25 for Sun (76 rows) and 2.10 for Fri (19 rows).` */
export function plainDifference(
  { measure, category, groups }: Difference,
  context: SeriesContext,
): string | undefined {
  const [high, low] = [groups[0], groups.at(-1)]
  if (!high || !low || groups.length < 2) return undefined
  const { label, unit } = labelOf(measure, context.column)
  const range = context.column && rangeOf(context.column)
  const differs = context.confidence === 'weak' ? 'may differ' : 'differs'
  const group = ({ name, count, median }: Difference['groups'][number]): string =>
    `${quantityText(median, unit, range)} for ${name} (${countText(count, 'row')})`
  const between = groups.length > 2 ? `, the lowest of ${numberText(groups.length)} groups` : ''
  return `${capital(label)} ${differs} by ${columnLabel(category).label}: the median is ${group(high)} and ${group(low)}${between}.`
}

/** Shares that are compared have the same digits: whole per cents, below one per cent what is left. */
function wholePercentText(share: number): string {
  return percentText(share >= 0.01 && share <= 0.99 ? Math.round(share * 100) / 100 : share)
}

/** `Churn is yes in 48 % of the 125 rows with plan basic, but in 10 % of the 175 with plan pro.` */
export function plainAssociation(
  association: Association,
  confidence: Confidence = 'strong',
): string | undefined {
  const { outcome, by, outcomeValue, groups } = association
  const [high, low] = [groups[0], groups.at(-1)]
  if (!high || !low || groups.length < 2) return undefined
  const name = columnLabel(by).label
  const share = ({ share, count, name: group }: Association['groups'][number], noun: string): string =>
    `${wholePercentText(share)} of the ${numberText(count)} ${noun}with ${name} ${group}`
  const hedge = confidence === 'weak' ? ', which may be chance' : ''
  return `${capital(columnLabel(outcome).label)} is ${outcomeValue} in ${share(high, 'rows ')}, but in ${share(low, '')}${hedge}.`
}
