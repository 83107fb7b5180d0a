import type { CorrelationFinding } from '../findings/correlation-findings.ts'
import type { DifferenceFinding } from '../findings/difference-findings.ts'
import type { RelationFindings } from '../findings/relation-findings.ts'
import { findingStrength } from '../inference/finding-strength.ts'
import { type ComparedGroups, isExplained, sideOf } from '../relations/explained-difference.ts'
import { type HiddenFactor, hiddenFactor } from '../relations/hidden-factor.ts'
import { stratifiedDifference } from '../relations/stratified-direction.ts'
import { extremeGroups, groupText } from './group-text.ts'
import { hiddenFactorEvidence, hiddenFactorText } from './hidden-factor-text.ts'
import { columnProvenance, type InsightDraft, tableTitle } from './insight-draft.ts'
import { listText, numberText, percentText, pValueText } from './number-text.ts'
import { unitEvidence } from './unit-evidence.ts'

/** Between a small and a medium effect (Cohen): about a third of a standard deviation between two halves. */
const MIN_ETA_SQUARED = 0.03
const MAX_A_TABLE = 5
/** Factors that one measure is told with. */
const MAX_A_MEASURE = 2
/** Of two that are as sure, the one about the column that the table is about is told first. */
const BESIDE_SUBJECT = 0.65
/** Measures that correlate so closely tell the same difference. */
const SAME_COURSE = 0.8
/** A coarser factor that explains nearly as much is the better answer. */
const NEARLY_AS_MUCH = 0.9

/** @param rateOf false discovery rate of a raw p among everything that was tested */
export function differenceInsights(
  { units, differences, correlations }: RelationFindings,
  rateOf: (pValue: number) => number,
): InsightDraft[] {
  const strengthOf = ({ difference: { etaSquared, pValue } }: DifferenceFinding) =>
    findingStrength(Math.sqrt(etaSquared), rateOf(pValue))
  const subject = units.table.structure?.subject
  const weightOf = (finding: DifferenceFinding) =>
    strengthOf(finding) *
    (subject === undefined || [finding.measure.name, finding.factor.name].includes(subject)
      ? 1
      : BESIDE_SUBJECT)
  const candidates = differences.findings
    .filter(({ difference }) => difference.etaSquared >= MIN_ETA_SQUARED)
    .filter((finding) => strengthOf(finding) > 0)
    .sort((a, b) => weightOf(b) - weightOf(a) || b.difference.etaSquared - a.difference.etaSquared)
  const told: ToldDifference[] = []
  for (const finding of coarsestFirst(candidates)) place(finding, told, correlations.findings)
  return told.slice(0, MAX_A_TABLE).map(({ finding, likewise }) => {
    const compared = comparedGroups(finding)
    const hidden =
      finding.units.dependence.kind === 'independent'
        ? hiddenFactor(finding.units, [finding.measure.name, finding.factor.name], (stratumOf) =>
            stratifiedDifference(compared.values, sideOf(compared), stratumOf),
          )
        : null
    const rate = rateOf(finding.difference.pValue)
    return draftOf({ units }, finding, { likewise, hidden, strength: strengthOf(finding), rate })
  })
}

interface Likewise {
  name: string
  /** High where the other is low. */
  opposite: boolean
}

function likewiseText(likewise: readonly Likewise[]): string {
  const names = (opposite: boolean) =>
    likewise.filter((each) => each.opposite === opposite).map(({ name }) => name)
  const [same, other] = [names(false), names(true)]
  return (
    (same.length > 0 ? ` Likewise ${listText(same)}.` : '') +
    (other.length > 0 ? ` The other way round ${listText(other)}.` : '')
  )
}

interface ToldDifference {
  finding: DifferenceFinding
  /** Measures that differ in the same way, because they go with this one. */
  likewise: Likewise[]
}

/** Where a factor with fewer groups explains a measure nearly as well, it goes first: country before city. */
function coarsestFirst(candidates: readonly DifferenceFinding[]): DifferenceFinding[] {
  const better = (a: DifferenceFinding, b: DifferenceFinding) =>
    a.measure.name === b.measure.name &&
    a.difference.groups.length < b.difference.groups.length &&
    a.difference.etaSquared >= NEARLY_AS_MUCH * b.difference.etaSquared
  const ordered = [...candidates]
  for (let i = 0; i < ordered.length; i++) {
    const rival = ordered.findIndex((other, j) => j > i && better(other, ordered[i]!))
    if (rival > 0) ordered.splice(i, 0, ...ordered.splice(rival, 1))
  }
  return ordered
}

function place(
  finding: DifferenceFinding,
  told: ToldDifference[],
  correlations: readonly CorrelationFinding[],
): void {
  const { measure, factor } = finding
  const ofMeasure = told.filter(
    (known) =>
      known.finding.measure.name === measure.name || known.likewise.some(({ name }) => name === measure.name),
  )
  if (ofMeasure.length >= MAX_A_MEASURE) return
  const compared = comparedGroups(finding)
  if (ofMeasure.some((known) => isExplained(compared, known.finding.factor))) return
  const twin = told.find(
    (known) =>
      known.finding.factor.name === factor.name &&
      Math.abs(closeness(correlations, known.finding.measure.name, measure.name)) >= SAME_COURSE,
  )
  const opposite = twin !== undefined && closeness(correlations, twin.finding.measure.name, measure.name) < 0
  if (twin) twin.likewise.push({ name: measure.name, opposite })
  else told.push({ finding, likewise: [] })
}

function closeness(correlations: readonly CorrelationFinding[], a: string, b: string): number {
  const pair = correlations.find(
    ({ shape, correlation: c }) =>
      shape === 'together' && ((c.a === a && c.b === b) || (c.a === b && c.b === a)),
  )
  return pair?.correlation.spearman ?? 0
}

function comparedGroups(finding: DifferenceFinding): ComparedGroups {
  const [high, low] = extremes(finding)
  return { values: finding.measure.values, factor: finding.factor, high: high.name, low: low.name }
}

interface ShownGroup {
  name: string
  count: number
  median: number
  mean: number
}

/** The groups with the highest and the lowest median, of those that are large enough to stand for the factor. */
function extremes({ difference: { groups }, means }: DifferenceFinding): readonly [ShownGroup, ShownGroup] {
  return extremeGroups(groups.map((group, i) => ({ ...group, mean: means[i]! })))
}

function draftOf(
  found: Pick<RelationFindings, 'units'>,
  finding: DifferenceFinding,
  about: { likewise: readonly Likewise[]; hidden: HiddenFactor | null; strength: number; rate: number },
): InsightDraft {
  const { difference, h, unit } = finding
  const { table } = found.units
  const { category, measure, groups, pValue, etaSquared, method } = difference
  const { hidden, likewise } = about
  const [high, low] = extremes(finding)
  // Of ratings and of amounts that are mostly 0 the medians are often equal.
  const average = high.median > low.median ? 'median' : 'mean'
  const of = (group: ShownGroup) => `${numberText(group[average])} for ${groupText(category, group.name)}`
  const statement =
    `${measure} in ${tableTitle(table)} differs by ${category}: the ${average} is ${of(high)} and ${of(low)} ` +
    `(${numberText(high.count)} and ${numberText(low.count)} ${observations(unit)}` +
    `${groups.length > 2 ? `, ${groups.length} groups` : ''}; ${percentText(etaSquared)} of the ranks’ variance, ${pValueText(pValue)}).` +
    likewiseText(likewise) +
    (hidden ? hiddenFactorText(hidden, `${low.name} is above ${high.name}`) : '')
  return {
    kind: 'difference',
    statement,
    strength: hidden?.how === 'vanishes' ? about.strength / 2 : about.strength,
    qValue: about.rate,
    evidence: {
      etaSquared,
      h,
      pValue,
      groups: groups.length,
      highest: high.name,
      highestMedian: high.median,
      lowest: low.name,
      lowestMedian: low.median,
      ...unitEvidence(found.units, unit),
      ...(hidden && hiddenFactorEvidence(hidden)),
    },
    provenance: [measure, category].map((column) => columnProvenance(table, column, { method })),
  }
}

/** `rows`, `moments`, or `values of customer_id`. */
function observations(unit: string): string {
  return unit === 'row' || unit === 'moment' ? `${unit}s` : `values of ${unit}`
}
