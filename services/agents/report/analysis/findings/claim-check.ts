import type { ColumnFinding, Trend } from '#schemas/analysis.ts'
import { type StatedClaim, statedClaim } from './claim-grammar.ts'
import type { StatedPeriod } from './claim-periods.ts'
import { isGeneral, onlySubject, ownUnit, subjectOf, wordsOf } from './claim-subject.ts'
import { canonicalUnit, scaledUnit } from './claim-units.ts'
import type { TextFinding } from './document-findings.ts'
import type { Figure } from './figures.ts'
import { type PeriodValues, valuesIn } from './period-values.ts'

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
  /** The sentence names the unit or the period of the column itself, so that another thing can hardly be meant. */
  isExplicit: boolean
}

/** Relative distance from which a stated figure is called wrong rather than loosely rounded. */
const CONTRADICTION = 0.05
/** The same for `about 30`, and how far `about` reaches. */
const ROUGH_CONTRADICTION = 0.2
const ROUGH_MATCH = 0.05
/** A trend that a text is held against must be beyond doubt. */
const SURE_P = 1e-3
const SURE_TAU = 0.3
/** No longer sentence is understood whole. In UTF-16 units. */
const MAX_SENTENCE_LENGTH = 300
/** Beyond this factor another thing or another unit is meant. */
const SAME_THING_FACTOR = 10

/**
 * Sets sentences against the data, and says nothing when in doubt: only where a sentence is understood whole, names one
 * measure of all tables, in its unit, and a period that the data hold.
 */
export function checkClaims(
  texts: readonly TextFinding[],
  columns: readonly ColumnFinding[],
  trends: readonly Trend[],
): ClaimCheck[] {
  const subjects = columns.flatMap(subjectOf)
  const known = new Set(
    columns.flatMap(({ column, document }) => `${wordsOf(column)} ${wordsOf(document)}`.split(' ')),
  )
  return texts.flatMap(({ text, sentences, contexts }) => {
    const said = new Set<string>()
    return sentences.flatMap((sentence, position) => {
      if (said.has(sentence) || sentence.length > MAX_SENTENCE_LENGTH) return []
      said.add(sentence)
      const subject = onlySubject(sentence, subjects)
      const claim = subject && statedClaim(sentence, subject)
      const result = claim && judge(claim, subject.column, trends)
      if (!result) return []
      // Of a panel the figures may be meant of each entity, or of their sum.
      if (result.verdict === 'contradicts' && isOfPanel(subject.column, { columns, trends })) return []
      // Under `Germany` the same words speak of a part.
      if (result.verdict === 'contradicts' && !isGeneral(contexts[position] ?? '', known)) return []
      return [{ document: text.document, sentence, column: subject.column, ...result }]
    })
  })
}

/** A column has no series of its own in a table that has a time: several rows stand at each moment. */
function isOfPanel(
  column: ColumnFinding,
  { columns, trends }: { columns: readonly ColumnFinding[]; trends: readonly Trend[] },
): boolean {
  const isTime = ({ role, document, table }: ColumnFinding): boolean =>
    (role === 'time' || role === 'year') && document === column.document && table === column.table
  return (
    (column.series === undefined && columns.some(isTime)) ||
    trends.some((trend) => trend.entity !== undefined && isOf(trend, column))
  )
}

type Judgement = Pick<ClaimCheck, 'verdict' | 'measure' | 'stated' | 'computed' | 'isExplicit'>

function judge(claim: StatedClaim, column: ColumnFinding, trends: readonly Trend[]): Judgement | undefined {
  if (claim.measure === 'direction') return judgeDirection(claim, column, trends)
  if (claim.measure === 'ends') return judgeEnds(claim, column)
  const [figure] = claim.figures
  const stated =
    figure && claim.figures.length === 1 ? inUnitOf(figure, column, claim.isUnitApart) : undefined
  if (!stated || claim.periods.length > 1) return undefined
  const readings = readingsOf(claim, column)
  if (readings.length === 0) return undefined
  const verdicts = readings.map((computed) => compare(stated, computed, claim))
  const match = verdicts.indexOf('matches')
  const common = { measure: claim.measure, stated: stated.value, isExplicit: isExplicit(claim, stated) }
  if (match >= 0) return { ...common, verdict: 'matches', computed: readings[match]! }
  // Wrong in every way that it can be read.
  const isWrong = verdicts.every((verdict) => verdict === 'contradicts') && stated.isUnitSure
  return isWrong ? { ...common, verdict: 'contradicts', computed: readings[0]! } : undefined
}

interface StatedValue {
  value: number
  tolerance: number
  /** Both or neither state a unit: else the figure may be meant in another one. */
  isUnitSure: boolean
  hasUnit: boolean
}

/** The figure in the unit of the column; undefined where it is stated in another unit. */
function inUnitOf(
  { value, tolerance, unit }: Figure,
  column: ColumnFinding,
  isUnitApart: boolean,
): StatedValue | undefined {
  const own = ownUnit(column)
  const of = own === undefined ? undefined : scaledUnit(own)
  if (isUnitApart)
    return unit === undefined ? { value, tolerance, isUnitSure: true, hasUnit: true } : undefined
  if (unit === undefined) return { value, tolerance, isUnitSure: of === undefined, hasUnit: false }
  if (!of || canonicalUnit(unit) !== of.unit) return undefined
  // `3.57 million km²` of a column in million km²; a figure below the factor was stated in the column's own terms.
  const factor = of.factor > 1 && Math.abs(value) >= of.factor / 10 ? of.factor : 1
  return { value: value / factor, tolerance: tolerance / factor, isUnitSure: true, hasUnit: true }
}

function compare(
  { value, tolerance }: StatedValue,
  computed: number,
  { isRough }: StatedClaim,
): ClaimCheck['verdict'] | undefined {
  const distance = Math.abs(computed - value)
  // A little more than half a unit: 12.345 is 12.34 or 12.35, by whoever rounded.
  if (distance <= Math.max(tolerance * 1.01, isRough ? ROUGH_MATCH * Math.abs(computed) : 0)) return 'matches'
  const isFarOff = value * computed <= 0 || Math.abs(Math.log(value / computed)) > Math.log(SAME_THING_FACTOR)
  if (isFarOff) return undefined
  const limit = (isRough ? ROUGH_CONTRADICTION : CONTRADICTION) * Math.abs(computed)
  return distance > tolerance * 2 && distance > limit ? 'contradicts' : undefined
}

/** The numbers that the sentence may mean: of the period that it names, and of an extreme also that of all that lies there. */
function readingsOf(claim: StatedClaim, column: ColumnFinding): number[] {
  const values = valuesIn(column, claim.periods[0])
  if (!values || (claim.cadence !== undefined && claim.cadence !== values.cadence)) return []
  const computed = measureOf(claim, values, column)
  if (computed === undefined) return []
  const isExtreme = claim.measure === 'maximum' || claim.measure === 'minimum'
  const all = isExtreme && claim.periods[0] ? valuesIn(column, undefined) : undefined
  const whole = all && measureOf(claim, all, column)
  return whole === undefined || whole === computed ? [computed] : [computed, whole]
}

function measureOf(
  { measure, cadence }: StatedClaim,
  values: PeriodValues,
  column: ColumnFinding,
): number | undefined {
  switch (measure) {
    case 'mean':
      return values.mean
    case 'median':
      return values.median
    case 'maximum':
      return values.max
    case 'minimum':
      return values.min
    case 'total':
      // With cells missing nobody knows the total.
      return cadence !== undefined || (column.missing ?? column.numeric?.missing ?? 0) > 0
        ? undefined
        : values.total
    case 'value':
      return values.count === 1 ? values.mean : undefined
    default:
      return undefined
  }
}

function judgeDirection(
  claim: StatedClaim,
  column: ColumnFinding,
  trends: readonly Trend[],
): Judgement | undefined {
  const trend = trends.find((each) => each.entity === undefined && isOf(each, column))
  const { direction: stated, periods, figures } = claim
  if (!stated || !trend || trend.direction === 'none' || figures.length > 0 || periods.length > 1)
    return undefined
  if (trend.pValue > SURE_P || Math.abs(trend.tau) < SURE_TAU || !isWhole(periods[0], column))
    return undefined
  const verdict = stated === trend.direction ? 'matches' : 'contradicts'
  if (verdict === 'contradicts' && claim.isEvent) return undefined
  return { verdict, measure: 'direction', stated, computed: trend.direction, isExplicit: periods.length > 0 }
}

/** `from 100 in January 2019 to 224 in December 2023`: both ends must be right; without periods they are the first and last. */
function judgeEnds(claim: StatedClaim, column: ColumnFinding): Judgement | undefined {
  const [from, to] = claim.figures.map((figure) => inUnitOf(figure, column, claim.isUnitApart))
  if (!from || !to || claim.figures.length !== 2 || claim.periods.length === 1) return undefined
  const points = valuesIn(column, undefined)
  const ends =
    claim.periods.length === 2
      ? claim.periods.map((period) => singleValue(column, period))
      : points && [points.first, points.last]
  const [first, last] = ends ?? []
  if (first === undefined || last === undefined) return undefined
  const verdicts = [compare(from, first, claim), compare(to, last, claim)]
  const common = { measure: 'value', isExplicit: claim.periods.length === 2 }
  if (verdicts.every((verdict) => verdict === 'matches'))
    return { ...common, verdict: 'matches', stated: to.value, computed: last }
  const wrong = verdicts.indexOf('contradicts')
  if (wrong < 0 || claim.periods.length !== 2 || !from.isUnitSure || !to.isUnitSure) return undefined
  const [stated, computed] = wrong === 0 ? [from.value, first] : [to.value, last]
  return { ...common, verdict: 'contradicts', stated, computed }
}

function singleValue(column: ColumnFinding, period: StatedPeriod): number | undefined {
  const values = valuesIn(column, period)
  return values?.count === 1 ? values.mean : undefined
}

/** Whether a period covers the whole series: without one the sentence speaks of all that there is. */
function isWhole(period: StatedPeriod | undefined, column: ColumnFinding): boolean {
  if (!period?.range) return true
  const all = valuesIn(column, undefined)
  const part = valuesIn(column, period)
  return all !== undefined && part !== undefined && part.count === all.count
}

function isExplicit(claim: StatedClaim, { hasUnit }: StatedValue): boolean {
  return hasUnit || claim.periods.length > 0
}

function isOf(trend: Trend, { document, table, column }: ColumnFinding): boolean {
  return trend.document === document && trend.table === table && trend.column === column
}
