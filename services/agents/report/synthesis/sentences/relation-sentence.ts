import type { Insight, TableStructure } from '#schemas/analysis.ts'
import type { Association, Correlation, Difference } from '#schemas/relations.ts'
import type { Confidence } from '#schemas/report.ts'
import { columnLabel } from '../labels.ts'
import { coefficientText, countText, numberText, percentText, quantityText } from '../number-text.ts'
import { capital, labelOf, rangeOf } from '../wording.ts'
import type { SeriesContext } from './trend-sentence.ts'

/** From this size of Pearson's coefficient one column is computed from the other. */
const SAME = 0.99999
const CLOSE = 0.8
const CLEAR = 0.5
const LONG_NUMBER = 8
/** What explains rather than is explained stands second: time and dose before all else. */
const EXPLAINING: readonly RegExp[] = [
  /(?:^|[\s_.])(?:age|time|days?|weeks?|months?|years?|hours?|date|dose)$/i,
  /(?:^|[\s_.])(?:size|education|experience|population|temperature|temp|distance|speed|income|gdp|parent|father|mother)$/i,
]

/** How a correlation is worded. */
export interface CorrelationContext {
  confidence?: Confidence | undefined
  /** Rows that follow each other: columns then rise and fall. */
  inTime?: boolean | undefined
  /** The column that the table is about: it is told first. */
  subject?: string | undefined
  /** What was counted, where it is no row: a column, or `moment`. */
  unit?: string | undefined
}

/** `Heat and sales rise and fall together (Spearman +0.91 over 60 rows).` Of rows in no order: `Tip is higher where total bill is higher …` */
export function plainCorrelation(
  correlation: Correlation,
  { confidence = 'strong', inTime = false, subject, unit }: CorrelationContext = {},
): string {
  const { pearson, spearman, n } = correlation
  const [first, second] =
    correlation.b === subject ||
    (correlation.a !== subject && explains(correlation.a) > explains(correlation.b))
      ? [correlation.b, correlation.a]
      : [correlation.a, correlation.b]
  const [a, b] = [columnLabel(first).label, columnLabel(second).label]
  if (Math.abs(pearson) >= SAME) {
    return `${capital(a)} and ${b} say the same: each is a straight-line function of the other (${n} rows).`
  }
  const size = Math.abs(spearman)
  const figures = `(Spearman ${coefficientText(spearman)} over ${unitsText(n, unit)})`
  if (!inTime) {
    const is = confidence === 'weak' ? 'may be' : size >= CLEAR ? 'is' : 'tends to be'
    return `${capital(a)} ${is} ${spearman >= 0 ? 'higher' : 'lower'} where ${b} is higher ${figures}.`
  }
  const closely = size >= CLOSE ? 'closely ' : size >= CLEAR ? '' : 'loosely '
  const relation =
    spearman >= 0 ? `rise and fall ${closely}together` : `move ${closely}in opposite directions`
  return `${capital(a)} and ${b} ${confidence === 'weak' ? 'may ' : ''}${relation} ${figures}.`
}

/** `48 rows`, `352 moments`, `16 values of country`. */
function unitsText(count: number, unit = 'row'): string {
  if (unit === 'row' || unit === 'moment') return countText(count, unit)
  return `${numberText(count)} values of ${columnLabel(unit).label}`
}

/** How surely a name is that of a cause: 0 for most. */
function explains(name: string): number {
  const place = EXPLAINING.findIndex((pattern) => pattern.test(name))
  return place === -1 ? 0 : EXPLAINING.length - place
}

/** `Tip differs by day: the median is 3.25 for Sun (76 rows) and 2.10 for Fri (19 rows).` */
export function plainDifference(
  { measure, category, groups }: Difference,
  context: SeriesContext & { counted?: string | undefined },
): string | undefined {
  const [high, low] = [groups[0], groups.at(-1)]
  if (!high || !low || groups.length < 2) return undefined
  // Of amounts that are mostly 0 the medians are equal: then the means are told.
  const average = high.median > low.median ? 'median' : 'mean'
  if (high[average] === undefined || low[average] === undefined) return undefined
  const { label, unit } = labelOf(measure, context.column)
  const range = context.column && rangeOf(context.column)
  const differs = context.confidence === 'weak' ? 'may differ' : 'differs'
  const group = ({ name, count, ...values }: Difference['groups'][number]): string =>
    `${quantityText(values[average]!, unit, range)} for ${groupText(category, name)} (${unitsText(count, context.counted)})`
  // Small groups are passed over: one of them may be lower still.
  const isLowest = groups.every((each) => each[average] === undefined || each[average] >= low[average]!)
  const all = numberText(groups.length)
  const between =
    groups.length === 2 ? '' : isLowest ? `, the lowest of ${all} groups` : `; ${all} groups were compared`
  return `${capital(label)} ${differs} by ${columnLabel(category).label}: the ${average} is ${group(high)} and ${group(low)}${between}.`
}

/** `cyl 8`, `airco true`; a name that speaks for itself stays alone: `North`. */
function groupText(category: string, name: string): string {
  const speaks = /\p{L}{2,}/u.test(name) && !/^(true|false|yes|no|none|other|unknown)$/i.test(name)
  const number = Number(name)
  // A code of many digits is a number that was scaled.
  if (name.length > LONG_NUMBER && Number.isFinite(number))
    return `${columnLabel(category).label} ${numberText(number)}`
  return speaks ? name : `${columnLabel(category).label} ${name}`
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

/** Whether the rows of a table follow each other. */
export function isInTime(structure: TableStructure | undefined): boolean {
  return structure?.kind === 'time-series'
}

/** `Temp is highest where solar R is in the middle, and lower towards both of its ends.` Undefined for other relations. */
export function plainHump({
  evidence,
  provenance,
}: Pick<Insight, 'evidence' | 'provenance'>): string | undefined {
  const [a, b] = provenance.map(({ column }) => column)
  if (typeof evidence.bendedness !== 'number' || a === undefined || b === undefined) return undefined
  if (evidence.reversedWithin !== undefined || evidence.vanishesWithin !== undefined) return undefined
  const [middle, ends] = evidence.bendedness < 0 ? ['highest', 'lower'] : ['lowest', 'higher']
  return `${capital(columnLabel(b).label)} is ${middle} where ${columnLabel(a).label} is in the middle of its range, and ${ends} towards both ends.`
}
