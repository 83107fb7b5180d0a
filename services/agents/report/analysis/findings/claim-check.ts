import type { ColumnFinding, NumericSummary, Trend } from '#schemas/analysis.ts'
import type { StatedFigure, TextFinding } from './document-findings.ts'

/** A statement of a text set against the column it speaks of. */
export interface ClaimCheck {
  document: string
  sentence: string
  verdict: 'matches' | 'contradicts'
  column: ColumnFinding
  /** What was compared: `mean`, `total`, `direction` … */
  measure: string
  stated: number | 'rising' | 'falling'
  computed: number | 'rising' | 'falling'
}

const MEASURES: { name: string; words: RegExp; of(summary: NumericSummary): number }[] = [
  { name: 'mean', words: /\b(average|averages|averaged|mean)\b/i, of: ({ mean }) => mean },
  { name: 'median', words: /\bmedian\b/i, of: ({ median }) => median },
  {
    name: 'total',
    words: /\b(total|totals|totalled|totaled|sum|altogether|overall)\b/i,
    of: (s) => s.mean * s.count,
  },
  { name: 'maximum', words: /\b(maximum|highest|largest|peak|peaked)\b/i, of: ({ max }) => max },
  { name: 'minimum', words: /\b(minimum|lowest|smallest)\b/i, of: ({ min }) => min },
]
const RISING = /\b(rose|rises|rising|grew|grows|growing|increased|increases|increasing|climbed|upward)\b/i
const FALLING =
  /\b(fell|falls|falling|declined|declines|declining|decreased|decreases|decreasing|dropped|shrank|downward)\b/i
const HEDGED =
  /\b(not|never|no|if|would|could|should|expected|expect|forecast|target|planned|plan|goal|except)\b/i
/** A part of the rows is spoken of: then the whole column says nothing. */
const PARTIAL =
  /\b(in|during|since|until|before|after|between|last|first|previous|next)\s+((the|this|last|first|second|third|fourth|previous|next|early|late)\s+)*(q[1-4]|quarter|half|month|week|year|day|jan\p{L}*|feb\p{L}*|mar\p{L}*|apr\p{L}*|may|jun\p{L}*|jul\p{L}*|aug\p{L}*|sep\p{L}*|oct\p{L}*|nov\p{L}*|dec\p{L}*|(1[5-9]|20)\d\d)\b|\b(daily|weekly|monthly|yearly|annual|per)\b/iu
/** Relative distance from which a stated figure is called wrong rather than loosely rounded. */
const CONTRADICTION = 0.05

/**
 * Sets sentences against the data, and says nothing when in doubt: a sentence counts only when it names exactly one
 * measure column of all tables in words, is not hedged and not about a part of the rows. A figure is compared when it is
 * the sentence's only one, no percentage, and one word of aggregation says which number it is; rising and falling are
 * compared with a significant trend.
 */
export function checkClaims(
  texts: readonly TextFinding[],
  columns: readonly ColumnFinding[],
  trends: readonly Trend[],
): ClaimCheck[] {
  const subjects = columns.filter(({ numeric, series }) => numeric !== undefined && series !== undefined)
  return texts.flatMap(({ text, sentences, stated }) => {
    const figures = stated.flatMap((figure) => checkFigure(text.document, figure, subjects))
    const directions = [...new Set(sentences)].flatMap((sentence) =>
      checkDirection({ document: text.document, sentence }, subjects, trends),
    )
    return [...figures, ...directions]
  })
}

function checkFigure(
  document: string,
  figure: StatedFigure,
  subjects: readonly ColumnFinding[],
): ClaimCheck[] {
  const { sentence, value, tolerance } = figure
  if (figure.together > 1 || figure.unit === '%' || isUncertain(sentence)) return []
  const measures = MEASURES.filter(({ words }) => words.test(sentence))
  const column = onlySubject(sentence, subjects)
  const measure = measures[0]
  if (!measure || measures.length > 1 || !column?.numeric) return []
  const computed = measure.of(column.numeric)
  const distance = Math.abs(computed - value)
  const common = { document, sentence, column, measure: measure.name, stated: value, computed }
  // A little more than half a unit: 12.345 is 12.34 or 12.35, by whoever rounded.
  if (distance <= tolerance * 1.01) return [{ ...common, verdict: 'matches' }]
  const contradicts = distance > tolerance * 2 && distance > CONTRADICTION * Math.abs(computed)
  return contradicts ? [{ ...common, verdict: 'contradicts' }] : []
}

function checkDirection(
  { document, sentence }: { document: string; sentence: string },
  subjects: readonly ColumnFinding[],
  trends: readonly Trend[],
): ClaimCheck[] {
  const rising = RISING.test(sentence)
  if (rising === FALLING.test(sentence) || isUncertain(sentence)) return []
  const column = onlySubject(sentence, subjects)
  const trend = trends.find((t) => column && isOf(t, column))
  if (!column || !trend || trend.direction === 'none' || trend.pValue > 0.01) return []
  const stated = rising ? 'rising' : 'falling'
  const verdict = stated === trend.direction ? 'matches' : 'contradicts'
  return [{ document, sentence, verdict, column, measure: 'direction', stated, computed: trend.direction }]
}

function isUncertain(sentence: string): boolean {
  return HEDGED.test(sentence) || PARTIAL.test(sentence)
}

function isOf(trend: Trend, { document, table, column }: ColumnFinding): boolean {
  return trend.document === document && trend.table === table && trend.column === column
}

/** The one column whose name stands in the sentence; of names that contain each other the longest counts. */
function onlySubject(sentence: string, subjects: readonly ColumnFinding[]): ColumnFinding | undefined {
  const text = ` ${words(sentence)} `
  const named = subjects.filter(
    ({ column }) => words(column).length >= 3 && text.includes(` ${words(column)} `),
  )
  const longest = named.filter(
    ({ column }) =>
      !named.some((other) => other.column !== column && words(other.column).includes(words(column))),
  )
  return longest.length === 1 ? longest[0] : undefined
}

/** Lower case, `unit_price` and `unitPrice` as `unit price`, brackets with units dropped. */
function words(text: string): string {
  return text
    .replace(/[([][^)\]]*[)\]]/g, ' ')
    .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, ' ')
    .trim()
}
