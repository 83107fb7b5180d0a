import { namesShareStem } from '../../structure/name-tokens.ts'
import type { CorrelationFinding } from '../findings/correlation-findings.ts'
import type { RelationFindings } from '../findings/relation-findings.ts'
import { findingStrength } from '../inference/finding-strength.ts'
import { type HiddenFactor, hiddenFactor } from '../relations/hidden-factor.ts'
import { stratifiedCorrelation } from '../relations/stratified-direction.ts'
import { hiddenFactorEvidence, hiddenFactorText } from './hidden-factor-text.ts'
import { columnProvenance, type InsightDraft, tableTitle } from './insight-draft.ts'
import { countText, numberText, pValueText } from './number-text.ts'
import { unitEvidence } from './unit-evidence.ts'

const MIN_RHO = 0.25
const MIN_HUMP = 0.35
/** From here each of two columns is a linear function of the other, up to rounding. */
const SAME_INFORMATION = 0.99999
const SAME_DISCOUNT = 0.4
/** Of the levels of series whose innovations correlate: less would make a sentence that the chart denies. */
const MIN_LEVEL_RHO = 0.1
const MAX_A_TABLE = 5
const BESIDE_SUBJECT = 0.65
/** From here on two columns measure nearly the same: radius and area, city and highway. */
const NEARLY_SAME = 0.95
const NEARLY_SAME_USE = 0.7
/** The same under names of which one holds the other: `price` and `max price`. */
const SAME_WORD = 0.8

/**
 * The strongest correlations. Of columns that all go together only as many pairs are told as connect them: the others follow.
 * @param rateOf false discovery rate of a raw p among everything that was tested
 */
export function correlationInsights(
  found: RelationFindings,
  rateOf: (pValue: number) => number,
): InsightDraft[] {
  const subject = found.units.table.structure?.subject
  const related = found.correlations.findings
    .map((finding) => ({ finding, strength: strengthOf(finding, rateOf) }))
    .filter(({ strength }) => strength > 0)
    .sort(
      (a, b) =>
        b.strength * useOf(b.finding, subject) - a.strength * useOf(a.finding, subject) ||
        // Of sizes that are alike the first column of the table leads.
        sizeStep(b.finding) - sizeStep(a.finding),
    )
  const together = related.filter(({ finding }) => finding.shape === 'together')
  const told = [...connecting(together), ...humpsBeside(related, together)]
  return told.slice(0, MAX_A_TABLE).map(({ finding, strength }, i) => {
    const { a, b } = finding.correlation
    const hidden = finding.shape === 'together' ? hiddenBehind(found, finding) : null
    const more = i === 0 && together.length > MAX_A_TABLE ? restText(found, together.length) : ''
    return draftOf(found, finding, {
      hidden,
      more,
      strength: hidden?.how === 'vanishes' ? strength / 2 : strength,
      rate: rateOf(finding.correlation.pValue),
      columns: [a, b],
    })
  })
}

const SIZE_STEP = 0.02

function sizeStep({ tested }: CorrelationFinding): number {
  return Math.round(Math.abs(tested) / SIZE_STEP)
}

/** Of a column that the table is about more can be made; of two that measure nearly the same thing less. */
function useOf({ correlation: { a, b, spearman } }: CorrelationFinding, subject: string | undefined): number {
  const size = Math.abs(spearman)
  const hasSubject = a === subject || b === subject
  const isSame = (!hasSubject && size >= NEARLY_SAME) || (size >= SAME_WORD && namesShareStem(a, b))
  return (subject === undefined || hasSubject ? 1 : BESIDE_SUBJECT) * (isSame ? NEARLY_SAME_USE : 1)
}

interface RelatedPair {
  finding: CorrelationFinding
  strength: number
}

function strengthOf(finding: CorrelationFinding, rateOf: (pValue: number) => number): number {
  const { correlation, tested, shape } = finding
  const { spearman } = correlation
  const isWorthTelling =
    shape === 'hump'
      ? Math.abs(tested) >= MIN_HUMP && Math.abs(tested) > Math.abs(spearman)
      : Math.abs(tested) >= MIN_RHO && Math.sign(tested) * spearman >= MIN_LEVEL_RHO
  return isWorthTelling ? findingStrength(tested, rateOf(correlation.pValue)) : 0
}

/** A spanning forest: the strongest pairs that connect columns not yet connected. */
function connecting(pairs: readonly RelatedPair[]): RelatedPair[] {
  const parentOf = new Map<string, string>()
  const root = (column: string): string => {
    const parent = parentOf.get(column)
    return parent === undefined ? column : root(parent)
  }
  return pairs.filter(
    ({
      finding: {
        correlation: { a, b },
      },
    }) => {
      const [rootA, rootB] = [root(a), root(b)]
      if (rootA === rootB) return false
      parentOf.set(rootA, rootB)
      return true
    },
  )
}

/** Humps of pairs that don't also rise or fall together; of both ways round the clearer one. */
function humpsBeside(related: readonly RelatedPair[], together: readonly RelatedPair[]): RelatedPair[] {
  const key = ({
    finding: {
      correlation: { a, b },
    },
  }: RelatedPair) => JSON.stringify([a, b].sort())
  const seen = new Set(together.map(key))
  return related.filter((pair) => {
    if (pair.finding.shape !== 'hump' || seen.has(key(pair))) return false
    seen.add(key(pair))
    return true
  })
}

function hiddenBehind(
  { units, correlations }: RelationFindings,
  { correlation }: CorrelationFinding,
): HiddenFactor | null {
  if (units.dependence.kind !== 'independent' || correlations.findings.length === 0) return null
  const [a, b] = [correlation.a, correlation.b].map((name) =>
    units.measures.find((measure) => measure.name === name),
  )
  if (!a || !b) return null
  return hiddenFactor(units, [a.name, b.name], (stratumOf) =>
    stratifiedCorrelation(a.values, b.values, stratumOf),
  )
}

/** How many more there are: a list that is cut says so. */
function restText({ correlations }: RelationFindings, related: number): string {
  const among = correlations.pValues.length + correlations.humpPValues.length
  return ` It is the closest of ${numberText(related)} related pairs; ${numberText(among)} were tested.`
}

interface ToldCorrelation {
  hidden: HiddenFactor | null
  more: string
  strength: number
  rate: number
  columns: readonly [string, string]
}

function draftOf(found: RelationFindings, finding: CorrelationFinding, told: ToldCorrelation): InsightDraft {
  const { table } = found.units
  const { n, pearson, spearman, pValue } = finding.correlation
  const { hidden } = told
  const same = isSame(finding)
  const otherWay = spearman > 0 ? 'one falls where the other rises' : 'both rise together'
  return {
    kind: 'correlation',
    statement:
      sentenceOf(finding, tableTitle(table)) + told.more + (hidden ? hiddenFactorText(hidden, otherWay) : ''),
    // That two columns say the same helps less than that two things go together.
    strength: same ? told.strength * SAME_DISCOUNT : told.strength,
    qValue: told.rate,
    evidence: {
      spearman,
      pearson,
      pValue,
      n,
      ...unitEvidence(found.units, finding.unit),
      ...(finding.shape === 'hump' && { bendedness: finding.tested }),
      ...(finding.unit === 'moment' && { spearmanOfInnovations: finding.tested }),
      ...(hidden && hiddenFactorEvidence(hidden)),
    },
    provenance: told.columns.map((column) => columnProvenance(table, column, { method: methodOf(finding) })),
  }
}

/** A linear function, or one that orders all rows alike, such as a logarithm. */
function isSame({ correlation, shape }: CorrelationFinding): boolean {
  const { pearson, spearman } = correlation
  return shape === 'together' && Math.max(Math.abs(pearson), Math.abs(spearman)) >= SAME_INFORMATION
}

function methodOf({ shape, unit }: CorrelationFinding): string {
  if (shape === 'hump') return 'rank correlation with the distance from the middle rank'
  return unit === 'moment' ? 'Spearman rank correlation of the innovations' : 'Spearman rank correlation'
}

function sentenceOf(finding: CorrelationFinding, place: string): string {
  const { a, b, n, pearson, spearman, pValue } = finding.correlation
  const size =
    finding.unit === 'row' || finding.unit === 'moment'
      ? countText(n, finding.unit)
      : `${numberText(n)} values of ${finding.unit}`
  if (finding.shape === 'hump') {
    const [middle, ends] = finding.tested < 0 ? ['high', 'low'] : ['low', 'high']
    return `${b} in ${place} is ${middle} where ${a} is in the middle and ${ends} at both of its ends: rank correlation ${finding.tested.toFixed(2)} with the distance from the middle over ${size} (${pValueText(pValue)}).`
  }
  if (isSame(finding)) {
    const how =
      Math.abs(pearson) >= SAME_INFORMATION
        ? `each is a linear function of the other (r = ${pearson.toFixed(3)}, ${size})`
        : `they order all ${size} alike, one is a function of the other`
    return `${a} and ${b} in ${place} carry the same information: ${how}.`
  }
  const together = spearman > 0 ? `is high where ${b} is high` : `is low where ${b} is high`
  if (finding.unit === 'moment') {
    const way = spearman > 0 ? 'move together' : 'move in opposite directions'
    return `${a} and ${b} in ${place} ${way}, also in what their own courses leave: rank correlation ${finding.tested.toFixed(2)} of the innovations and ${spearman.toFixed(2)} of the levels over ${size} (${pValueText(pValue)}).`
  }
  return `${a} ${together} in ${place}: rank correlation ${spearman.toFixed(2)} over ${size} (${pValueText(pValue)}).`
}
