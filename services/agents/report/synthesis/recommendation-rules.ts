import type { Insight } from '#schemas/analysis.ts'
import type { Confidence } from '#schemas/report.ts'
import { type AnalysisIndex, placesOf } from './analysis-index.ts'
import { columnLabel } from './labels.ts'
import { countText, numberText, percentText } from './number-text.ts'
import { rowsText } from './rows-text.ts'
import { changeOf } from './sentences/change-sentence.ts'
import { amplitudeText } from './sentences/seasonality-sentence.ts'
import { paceText } from './sentences/trend-sentence.ts'
import { atWhereText, whereText } from './time-text.ts'
import { labelOf } from './wording.ts'

/** What a rule says, about a target that it is said of once only. */
export interface Advice {
  rule: string
  about: string
  text: string
}

/** A large effect (Cohen): smaller ones are worth a look, no habit. */
const LARGE_ETA_SQUARED = 0.14

type Rule = (insight: Insight, index: AnalysisIndex) => Advice | undefined

/**
 * The advice that follows from an insight: who could do what about what. Undefined for kinds that describe and ask for
 * nothing, for what is too weak to act on, and where the data behind it are not there.
 */
export function adviceOn(insight: Insight, index: AnalysisIndex, confidence: Confidence): Advice | undefined {
  if (confidence === 'weak') return undefined
  if (insight.kind === 'trend' && confidence !== 'strong') return undefined
  return RULES[insight.kind]?.(insight, index)
}

const RULES: Partial<Record<Insight['kind'], Rule>> = {
  constraint: (insight, index) => {
    const broken = index.constraintOf(insight)
    if (!broken) return undefined
    const rows =
      broken.rows.length > 0 ? rowsText(broken.rows.slice(0, 5)) : countText(broken.violations, 'row')
    const beyond = broken.violations - Math.min(5, broken.rows.length)
    return {
      rule: 'mend-rows',
      about: `${broken.document}/${broken.rule}`,
      text: `Whoever keeps ${broken.document} should check ${rows}${beyond > 0 && broken.rows.length > 0 ? ` and ${numberText(beyond)} more` : ''}, where ${broken.rule} does not hold, before figures of ${broken.columns.join(', ')} are quoted.`,
    }
  },
  trend: (insight, index) => {
    const trend = index.trendOf(insight)
    if (!trend || trend.direction === 'none' || trend.slopeUnit === 'row') return undefined
    // What single entities do is told of them all.
    if (insight.evidence.entities !== undefined) return undefined
    const name = columnLabel(trend.column).label
    const pace = paceText(trend, { column: index.column(trend), structure: index.structure(trend) })
    return {
      rule: 'plan-for-trend',
      about: trend.column,
      text: `Whoever plans with ${name} should reckon with a ${trend.direction === 'rising' ? 'rise' : 'fall'} ${pace} rather than with a steady level, and test it with the next values.`,
    }
  },
  seasonality: (insight, index) => {
    const season = index.seasonalityOf(insight)
    if (!season) return undefined
    const name = columnLabel(season.column).label
    const { unit } = labelOf(season.column, index.column(season))
    const moves = amplitudeText(season, unit)
    if (season.length) {
      const { value, unit: step } = season.length
      const whole = value === 1 ? step : `${value} ${step}s`
      return {
        rule: 'compare-same-season',
        about: season.column,
        text: `Whoever judges a change of ${name} should look at a whole cycle of about ${whole}: within one it moves by ${moves}.`,
      }
    }
    return {
      rule: 'compare-same-season',
      about: season.column,
      text: `Whoever compares ${name} over time should compare the same ${season.cycle}, or take the season out first: from the lowest to the highest it alone makes ${moves}.`,
    }
  },
  'change-point': (insight, index) => {
    const trend = index.trendOf(insight)
    const change = trend && changeOf(trend, insight)
    if (!trend || !change) return undefined
    const name = columnLabel(trend.column).label
    const where = atWhereText(change, index.column(trend)?.series, index.structure(trend)?.granularity)
    return {
      rule: 'explain-change',
      about: trend.column,
      text: `Ask whoever records ${name} what changed ${where}, and compare what lies before and after it separately.`,
    }
  },
  anomaly: (insight, index) => {
    const [anomaly, ...others] = index.anomaliesOf(insight)
    if (!anomaly) return undefined
    const name = columnLabel(anomaly.column).label
    const where =
      others.length === 0
        ? whereText(anomaly, index.column(anomaly)?.series, index.structure(anomaly)?.granularity)
        : `the ${countText(others.length + 1, 'unusual value')}`
    return {
      rule: 'check-anomaly',
      about: anomaly.column,
      text: `Ask whoever records ${name} whether ${others.length === 0 ? `the value at ${where} is` : `${where} are`} right: an error would distort averages, and a true value deserves an explanation.`,
    }
  },
  difference: (insight, index) => {
    const [measure, category] = placesOf(insight)
    const difference = index.differenceOf(insight)
    if (!measure || !category || !difference || difference.etaSquared < LARGE_ETA_SQUARED) return undefined
    // What the table is about is reported; of its other columns nobody knows.
    const subject = index.structure(measure)?.subject
    if (subject !== undefined && subject !== measure.column) return undefined
    const [name, group] = [columnLabel(measure.column).label, columnLabel(category.column).label]
    return {
      rule: 'compare-groups',
      about: category.column,
      text: `Whoever reports ${name} should show it by ${group}: one figure for all hides that they differ.`,
    }
  },
  association: (insight, index) => {
    const association = index.associationOf(insight)
    const [high, low] = [association?.groups[0], association?.groups.at(-1)]
    if (!association?.happens || !high || !low) return undefined
    const [outcome, by] = [columnLabel(association.outcome).label, columnLabel(association.by).label]
    const third = insight.evidence.reversedWithin ?? insight.evidence.vanishesWithin
    if (third !== undefined) {
      const name = columnLabel(String(third)).label
      return {
        rule: 'quote-within-groups',
        about: association.outcome,
        text: `Whoever quotes ${outcome} by ${by} should quote it for each ${name} too: the shares of all together say something else.`,
      }
    }
    return {
      rule: 'ask-for-causes',
      about: association.outcome,
      text: `Whoever wants to change ${outcome} should ask what else differs between ${by} ${high.name} (${percentText(high.share)}) and ${low.name} (${percentText(low.share)}) before ${by} is called the cause.`,
    }
  },
  quality: (insight) => ({
    rule: 'mend-data',
    about: insight.id,
    text: `Whoever keeps ${insight.provenance[0]?.document ?? 'the data'} should mend this at its source, or say so beside every figure: ${insight.statement}`,
  }),
  text: (insight) => {
    const { stated, computed } = insight.evidence
    // A statement that the data confirm asks for nothing.
    if (stated === undefined || stated === computed || insight.evidence.verdict === 'matches')
      return undefined
    const document = insight.provenance[0]?.document ?? 'the text'
    return {
      rule: 'settle-contradiction',
      about: insight.id,
      text: `Ask whoever wrote ${document} which figures are meant before either is quoted: ${insight.statement}`,
    }
  },
}
