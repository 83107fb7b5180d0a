import type { Insight } from '#schemas/analysis.ts'
import type { Confidence } from '#schemas/report.ts'
import { type AnalysisIndex, placesOf } from './analysis-index.ts'
import { columnLabel } from './labels.ts'
import { countText } from './number-text.ts'
import { confidenceOf } from './plain-sentence.ts'
import { whereText } from './time-text.ts'

/** What a rule says: worded for each confidence, about a target that it is said of once only. */
export interface Advice {
  rule: string
  about: string
  wordings: Record<Confidence, string>
}

/** The advice that follows from an insight, if its kind has a rule and the data behind it are there. */
export function adviceOn(insight: Insight, index: AnalysisIndex): Advice | undefined {
  return RULES[insight.kind]?.(insight, index)
}

/** The rules. Kinds that are absent describe and ask for nothing. */
const RULES: Partial<
  Record<Insight['kind'], (insight: Insight, index: AnalysisIndex) => Advice | undefined>
> = {
  trend: (insight, index) => {
    const trend = index.trendOf(insight)
    if (!trend || trend.direction === 'none') return undefined
    const name = columnLabel(trend.column).label
    const move = trend.direction === 'rising' ? 'rise' : 'fall'
    return {
      rule: 'plan-for-trend',
      about: trend.column,
      wordings: {
        strong: `Treat the ${move} of ${name} as established in these data, and review plans that assume a steady level.`,
        moderate: `Keep watching ${name}: a ${move} is likely, and later values should confirm it before plans are changed.`,
        weak: `Do not act on the ${move} of ${name} yet: collect more values first.`,
      },
    }
  },
  'change-point': (insight, index) => {
    const trend = index.trendOf(insight)
    const rows = insight.provenance.flatMap((from) => from.rows ?? [])
    const change = trend?.changePoints.find(({ row }) => rows.includes(row))
    if (!trend || !change) return undefined
    const name = columnLabel(trend.column).label
    const where = whereText(change, index.column(trend)?.series)
    return {
      rule: 'explain-change',
      about: trend.column,
      wordings: {
        strong: `Find out what changed at ${where}, and compare ${name} before and after it separately.`,
        moderate: `Ask whether something changed at ${where}: ${name} seems to have another level after it.`,
        weak: `Bear in mind that ${name} may have another level after ${where}.`,
      },
    }
  },
  anomaly: (insight, index) => {
    const [anomaly, ...others] = index.anomaliesOf(insight)
    if (!anomaly) return undefined
    const name = columnLabel(anomaly.column).label
    const where =
      others.length === 0
        ? whereText(anomaly, index.column(anomaly)?.series)
        : `the ${countText(others.length + 1, 'unusual value')}`
    return {
      rule: 'check-anomaly',
      about: anomaly.column,
      wordings: {
        strong: `Check ${name} at ${where} against the origin of the data before averages are used: an error would distort them, and a true value deserves an explanation.`,
        moderate: `Look at ${name} at ${where}: unusual enough to be checked once.`,
        weak: `No action on ${name} at ${where} unless more values like it appear.`,
      },
    }
  },
  correlation: (insight, index) => {
    const pair = index.correlationOf(insight)
    if (!pair) return undefined
    const [a, b] = [columnLabel(pair.a).label, columnLabel(pair.b).label]
    return {
      rule: 'examine-relation',
      about: `${pair.a}/${pair.b}`,
      wordings: {
        strong: `Examine why ${a} and ${b} move ${pair.spearman >= 0 ? 'together' : 'in opposite directions'}: the data show the relation, not its cause, and a trend in each would be enough to make it.`,
        moderate: `Test the relation of ${a} and ${b} on other data before it is relied upon.`,
        weak: `Do not rely on the relation of ${a} and ${b}.`,
      },
    }
  },
  distribution: (insight, index) => {
    const column = index.columnOf(insight)
    const shape = column?.numeric?.distribution
    if (!column || !shape || shape === 'symmetric' || shape === 'too few values') return undefined
    const name = columnLabel(column.column).label
    if (shape === 'constant')
      return same('drop-constant', column.column, `Leave ${name} out of comparisons: it never varies.`)
    if (shape === 'bimodal') {
      return same('split-groups', column.column, `Look for two groups in ${name}: one average hides them.`)
    }
    return same(
      'prefer-median',
      column.column,
      `Quote the median of ${name} rather than the mean: the values are ${shape}.`,
    )
  },
  quality: (insight) =>
    same(
      'mend-data',
      insight.id,
      `Before figures are quoted, mend this or say so beside them: ${insight.statement}`,
    ),
  difference: (insight, index) => {
    const [measure, category] = placesOf(insight)
    if (!measure || !category || !index.column(measure)) return undefined
    const [name, group] = [columnLabel(measure.column).label, columnLabel(category.column).label]
    return {
      rule: 'compare-groups',
      about: measure.column,
      wordings: {
        strong: `Report ${name} by ${group}: one figure for all of them hides that they differ.`,
        moderate: `Look at ${name} by ${group} before one figure is quoted for all of them.`,
        weak: `Bear in mind that ${name} may differ by ${group}.`,
      },
    }
  },
  text: (insight) => {
    const { stated, computed } = insight.evidence
    // A statement that the data confirm is a finding of low strength and asks for nothing.
    if (stated === undefined || stated === computed || confidenceOf(insight.strength) === 'weak')
      return undefined
    const document = insight.provenance[0]?.document ?? 'the text'
    return same(
      'settle-contradiction',
      insight.id,
      `Correct ${document} or the data before either is quoted: they contradict each other.`,
    )
  },
  image: (insight) =>
    insight.evidence.original === undefined
      ? same(
          'replace-image',
          insight.id,
          `If the pictures are to be shown, look for better ones: ${insight.statement}`,
        )
      : undefined,
}

function same(rule: string, about: string, text: string): Advice {
  return { rule, about, wordings: { strong: text, moderate: text, weak: text } }
}
