import type { AssociationFinding } from '../findings/association-findings.ts'
import type { RelationFindings } from '../findings/relation-findings.ts'
import { findingStrength } from '../inference/finding-strength.ts'
import { type ComparedGroups, isExplained, sideOf } from '../relations/explained-difference.ts'
import { type HiddenFactor, hiddenFactor } from '../relations/hidden-factor.ts'
import { stratifiedDifference } from '../relations/stratified-direction.ts'
import { extremeGroups, namedGroupText } from './group-text.ts'
import { hiddenFactorEvidence, hiddenFactorText } from './hidden-factor-text.ts'
import { columnProvenance, type InsightDraft, tableTitle } from './insight-draft.ts'
import { numberText, percentText, pValueText } from './number-text.ts'

/** A small effect (Cohen). */
const MIN_V = 0.1
/** Shares that differ by less help nobody. */
const MIN_SHARE_DIFFERENCE = 0.05
/** The same of an outcome. */
const MIN_OUTCOME_V = 0.04
const MIN_OUTCOME_RATIO = 1.25
const MIN_OUTCOME_DIFFERENCE = 0.01
const MAX_A_TABLE = 5
/** Factors that one outcome is told with. */
const MAX_AN_OUTCOME = 2
/** That two traits go together helps less than what an outcome goes with. */
const NO_OUTCOME = 0.85

/** @param rateOf false discovery rate of a raw p among everything that was tested */
export function associationInsights(
  { units, associations }: RelationFindings,
  rateOf: (pValue: number) => number,
): InsightDraft[] {
  const told: (AssociationFinding & { hidden: HiddenFactor | null })[] = []
  const strengthOf = ({ association: { cramersV, pValue, happens } }: AssociationFinding) =>
    findingStrength(cramersV, rateOf(pValue)) * (happens ? 1 : NO_OUTCOME)
  const candidates = associations.findings
    .filter(isWorthTelling)
    .filter((finding) => strengthOf(finding) > 0)
    .sort((a, b) => strengthOf(b) - strengthOf(a))
  for (const finding of candidates) {
    if (told.length >= MAX_A_TABLE) break
    const others = told.filter(({ outcome }) => outcome.name === finding.outcome.name)
    if (others.length >= MAX_AN_OUTCOME) continue
    const hidden = hiddenBehind(units, finding)
    // That a difference in an outcome comes from a third column is told all the same: alone it would mislead.
    const misleads = finding.association.happens && hidden !== null
    if (!misleads && others.some(({ by }) => isExplained(comparedGroups(finding), by))) continue
    told.push({ ...finding, hidden })
  }
  return told.map((finding) =>
    draftOf(units.table, finding, {
      hidden: finding.hidden,
      strength: strengthOf(finding),
      rate: rateOf(finding.association.pValue),
    }),
  )
}

/** Of what happens rarely a small difference is a large part: 9 % or 15 % who buy. */
function isWorthTelling(finding: AssociationFinding): boolean {
  const { cramersV, happens } = finding.association
  if (cramersV >= MIN_V && spreadOf(finding) >= MIN_SHARE_DIFFERENCE) return true
  const [high, low] = extremes(finding)
  return (
    happens === true &&
    cramersV >= MIN_OUTCOME_V &&
    high.share >= MIN_OUTCOME_RATIO * low.share &&
    spreadOf(finding) >= MIN_OUTCOME_DIFFERENCE
  )
}

function hiddenBehind(units: RelationFindings['units'], finding: AssociationFinding): HiddenFactor | null {
  const { outcome, by, unit } = finding
  // Rows of one cluster are no observations of their own: then there is nothing to stratify.
  if (unit !== 'row' || units.dependence.kind !== 'independent') return null
  const compared = comparedGroups(finding)
  return hiddenFactor(units, [outcome.name, by.name], (stratumOf) =>
    stratifiedDifference(compared.values, sideOf(compared), stratumOf),
  )
}

function draftOf(
  table: RelationFindings['units']['table'],
  finding: AssociationFinding,
  { hidden, strength, rate }: { hidden: HiddenFactor | null; strength: number; rate: number },
): InsightDraft {
  const { association } = finding
  const { outcome, by, outcomeValue, cramersV, pValue, groups, method } = association
  const [high, low] = extremes(finding)
  const [highText, lowText] = [
    namedGroupText(by, high.name),
    groups.length === 2 ? low.name : namedGroupText(by, low.name),
  ]
  const shares = shareTexts(high.share, low.share)
  const statement =
    `${outcome} in ${tableTitle(table)} is ${outcomeValue} for ${shares[0]} of ${highText}, ` +
    `but for ${shares[1]} of ${lowText} (${numberText(high.count)} and ${numberText(low.count)} rows` +
    `${groups.length > 2 ? `, ${groups.length} groups` : ''}; Cramér’s V ${cramersV.toFixed(2)}, ${pValueText(pValue)}).` +
    (hidden ? hiddenFactorText(hidden, `the share is higher for ${low.name} than for ${high.name}`) : '')
  return {
    kind: 'association',
    statement,
    strength: hidden?.how === 'vanishes' && !association.happens ? strength / 2 : strength,
    qValue: rate,
    evidence: {
      cramersV,
      pValue,
      value: outcomeValue,
      highest: high.name,
      highestShare: high.share,
      lowest: low.name,
      lowestShare: low.share,
      ...(hidden && hiddenFactorEvidence(hidden)),
    },
    provenance: [outcome, by].map((column) => columnProvenance(table, column, { method })),
  }
}

/** The groups with the highest and the lowest share, of those that are large enough to stand for the factor. */
function extremes({ association: { groups } }: AssociationFinding) {
  return extremeGroups(groups)
}

/** Whole per cent where the shares are far apart. */
function shareTexts(high: number, low: number): [string, string] {
  const text =
    high - low >= 0.1 && low >= 0.005 ? (share: number) => `${Math.round(share * 100)} %` : percentText
  return [text(high), text(low)]
}

function spreadOf(finding: AssociationFinding): number {
  const [high, low] = extremes(finding)
  return high.share - low.share
}

/** 1 where the outcome has its telling value. */
function indicator({ outcome, association }: AssociationFinding): Float64Array {
  const telling = outcome.names.indexOf(association.outcomeValue)
  return Float64Array.from(outcome.groups, (group) => (group < 0 ? Number.NaN : group === telling ? 1 : 0))
}

function comparedGroups(finding: AssociationFinding): ComparedGroups {
  const [high, low] = extremes(finding)
  return { values: indicator(finding), factor: finding.by, high: high.name, low: low.name }
}
