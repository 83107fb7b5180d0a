import type { Insight } from '#schemas/analysis.ts'
import type { AnalysisIndex } from '../analysis-index.ts'
import { columnLabel } from '../labels.ts'
import { confidenceOf } from '../wording.ts'
import { plainAnomalies } from './anomaly-sentence.ts'
import { plainChange } from './change-sentence.ts'
import { plainCategory, plainDistribution } from './distribution-sentence.ts'
import {
  isInTime,
  plainAssociation,
  plainCorrelation,
  plainDifference,
  plainHump,
} from './relation-sentence.ts'
import { plainSeasonality } from './seasonality-sentence.ts'
import { plainPanel, plainTrend, type SeriesContext } from './trend-sentence.ts'

/** An insight in words that a manager would repeat; its own statement where the data behind it say nothing plainer. */
export function plainSentence(insight: Insight, index: AnalysisIndex): string {
  return sentenceOf(insight, index) ?? insight.statement
}

function sentenceOf(insight: Insight, index: AnalysisIndex): string | undefined {
  const confidence = confidenceOf(insight.strength)
  switch (insight.kind) {
    case 'trend':
      return trendSentence(insight, index)
    case 'change-point': {
      const trend = index.trendOf(insight)
      return trend && plainChange(trend, insight, contextOf(insight, index, trend))
    }
    case 'anomaly': {
      const anomalies = index.anomaliesOf(insight)
      return anomalies[0] && plainAnomalies(anomalies, contextOf(insight, index, anomalies[0]))
    }
    case 'seasonality': {
      const season = index.seasonalityOf(insight)
      return season && plainSeasonality(season, contextOf(insight, index, season))
    }
    case 'correlation': {
      const pair = index.correlationOf(insight)
      if (!pair || insight.evidence.bendedness !== undefined) return plainHump(insight)
      const structure = index.structure(pair)
      const inTime = insight.evidence.spearmanOfInnovations !== undefined || isInTime(structure)
      return withThird(
        plainCorrelation(pair, { confidence, inTime, subject: structure?.subject, unit: unitOf(insight) }),
        insight,
      )
    }
    case 'distribution':
      return plainDistribution(index.columnOf(insight))
    case 'category':
      return plainCategory(insight)
    case 'difference': {
      const difference = index.differenceOf(insight)
      if (!difference) return undefined
      const ends = namedEnds(difference, insight)
      return withThird(
        plainDifference(ends, {
          ...contextOf(insight, index, { ...difference, column: difference.measure }),
          counted: unitOf(insight),
        }),
        insight,
      )
    }
    case 'association': {
      const association = index.associationOf(insight)
      return association && withThird(plainAssociation(namedEnds(association, insight), confidence), insight)
    }
    default:
      return undefined
  }
}

/** What was counted, where it is no row. */
function unitOf({ evidence }: Insight): string | undefined {
  return evidence.unit === undefined ? undefined : String(evidence.unit)
}

/** What reverses or vanishes within a third column (Simpson's paradox) is said in the same breath: alone it would mislead. */
function withThird(plain: string | undefined, { evidence, kind }: Insight): string | undefined {
  const { reversedWithin, vanishesWithin } = evidence
  const third = reversedWithin ?? vanishesWithin
  if (plain === undefined || third === undefined) return plain
  const name = columnLabel(String(third)).label
  const what = kind === 'correlation' ? 'this' : 'the difference'
  const how = reversedWithin === undefined ? `${what} is gone` : 'it is the other way round'
  return `${plain.replace(/\.$/, '')}; within groups of the same ${name}, however, ${how}.`
}

/** The groups that the analysis compares first and last: it may pass over the smallest ones. */
function namedEnds<Relation extends { groups: { name: string }[] }>(
  relation: Relation,
  { evidence }: Insight,
): Relation {
  const { groups } = relation
  const [high, low] = ['highest', 'lowest'].map((key) => groups.find(({ name }) => name === evidence[key]))
  if (!high || !low || high === low) return relation
  return { ...relation, groups: [high, ...groups.filter((group) => group !== high && group !== low), low] }
}

function trendSentence(insight: Insight, index: AnalysisIndex): string | undefined {
  const trend = index.trendOf(insight)
  const entities = index.entityTrendsOf(insight)
  const directions = new Set(entities.map(({ direction }) => direction))
  const isDivided = directions.has('rising') && directions.has('falling')
  const { entity, entities: looked, joint } = insight.evidence
  const isPanel = looked !== undefined || !trend || (isDivided && joint === undefined)
  if (entity === undefined && entities.length > 1 && isPanel) {
    return plainPanel(entities, contextOf(insight, index, entities[0]!))
  }
  return trend && plainTrend(trend, contextOf(insight, index, trend))
}

function contextOf(
  insight: Insight,
  index: AnalysisIndex,
  place: { document: string; table: string; column: string },
): SeriesContext {
  return {
    column: index.column(place),
    structure: index.structure(place),
    confidence: confidenceOf(insight.strength),
  }
}
