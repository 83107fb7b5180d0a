import type { Insight } from '#schemas/analysis.ts'
import type { Finding } from '#schemas/report.ts'
import { type AnalysisIndex, placeKey, placesOf } from './analysis-index.ts'
import { repeatedInsights } from './redundancy.ts'
import { useOfRelation } from './relation-use.ts'
import { areSameAmount } from './same-amount.ts'
import { changeOf } from './sentences/change-sentence.ts'
import { plainSentence } from './sentences/plain-sentence.ts'
import { observedEnds } from './sentences/trend-sentence.ts'
import { confidenceOf } from './wording.ts'

/** How much a reader can do with a finding of a kind that is as sure as another: 1 is a fact about the subject. */
const USE: Readonly<Record<Insight['kind'], number>> = {
  // A broken rule makes the rest doubtful, and names the rows to look at.
  constraint: 1.3,
  association: 1,
  trend: 1,
  'change-point': 0.98,
  difference: 0.98,
  seasonality: 0.95,
  anomaly: 0.9,
  correlation: 0.88,
  text: 0.7,
  quality: 0.6,
  distribution: 0.5,
  category: 0.4,
  image: 0.4,
  video: 0.4,
  structure: 0.3,
}
/** What is so by definition is listed last and said in no summary. */
const TAUTOLOGY = 0.02
/** The part of a trend's importance that its relative change decides. */
const SIZE_SHARE = 0.05
/** What a step counts that is a detail of a trend, up to which part of its whole change, and how sure the trend must be. */
const STEP_OF_TREND = 0.6
const SMALL_STEP = 1 / 3
const SURE_P = 0.001
/** From here on one column tells the other: a recoding, no relation. */
const RECODED = 0.98
const SAME_LINE = 0.99999
/** A finding is at least moderately sure from here on. */
const MODERATE = 0.5
const AFTER = 0.999
/** A value that nearly every row has says what the file is about, not what is remarkable in it. */
const NEARLY_ALL = 0.95

/** Insights as findings: by effect, sureness (both are in the strength) and use; what repeats another comes last. */
export function rankFindings(insights: readonly Insight[], index: AnalysisIndex): Finding[] {
  const ranked = insights
    .map((insight) => ({
      insight,
      weight: importanceOf(insight, index),
      selfEvident: isTautology(insight, index),
    }))
    .map((each, _, all) => ({ ...each, weight: besideCourse(each, { all, index }) }))
    .sort((a, b) => b.weight - a.weight)
  const repeats = repeatedInsights(
    ranked.map(({ insight }) => insight),
    index,
  )
  const [first, again] = [false, true].map((repeated) =>
    ranked.filter(({ insight }) => repeats.has(insight.id) === repeated),
  )
  return [...first!, ...again!].map(({ insight, selfEvident }, position) => {
    const repeated = repeats.get(insight.id)
    return {
      ...insight,
      rank: position + 1,
      confidence: confidenceOf(insight.strength),
      plain: plainSentence(insight, index),
      ...(repeated !== undefined && { repeats: repeated }),
      ...(selfEvident && { selfEvident }),
    }
  })
}

interface Weighed {
  insight: Insight
  weight: number
}

/** A season that moves a column less than its course does is told after it. */
function besideCourse(
  { insight, weight }: Weighed,
  { all, index }: { all: readonly Weighed[]; index: AnalysisIndex },
): number {
  const season = insight.kind === 'seasonality' ? index.seasonalityOf(insight) : undefined
  if (!season) return weight
  const course = all.find(
    (each) =>
      each.insight.kind === 'trend' &&
      each.insight.strength >= MODERATE &&
      placesOf(each.insight).some((place) => placeKey(place) === placeKey(season)) &&
      index.trendOf(each.insight)?.entity === season.entity,
  )
  const trend = course && index.trendOf(course.insight)
  const ends = trend && observedEnds(trend, trend.series ?? index.column(trend)?.series)
  if (!course || !ends) return weight
  const change = Math.abs(season.relative ? ends.last / ends.first - 1 : ends.last - ends.first)
  return change > season.amplitude ? Math.min(weight, course.weight * AFTER) : weight
}

/** Strength times use; next to nothing for what could not be otherwise. */
export function importanceOf(insight: Insight, index: AnalysisIndex): number {
  const discount = isTautology(insight, index) ? TAUTOLOGY : isStepOfTrend(insight, index) ? STEP_OF_TREND : 1
  return (
    insight.strength * USE[insight.kind] * discount * sizeOf(insight, index) * useOfRelation(insight, index)
  )
}

/** Of cycles of one column the one that moves it more counts a little more. */
function sizeOfSeason(insight: Insight, index: AnalysisIndex): number {
  const season = index.seasonalityOf(insight)
  const range = season && index.column(season)?.numeric
  if (!season || season.relative || !range || range.max === range.min) return 1
  return 1 - SIZE_SHARE * (1 - Math.min(1, season.amplitude / (range.max - range.min)))
}

/** Of trends that are as sure as each other, the one that changes more counts a little more. */
function sizeOf(insight: Insight, index: AnalysisIndex): number {
  if (insight.kind === 'seasonality') return sizeOfSeason(insight, index)
  const trend = insight.kind === 'trend' ? index.trendOf(insight) : undefined
  const ends = trend && observedEnds(trend, trend.series ?? index.column(trend)?.series)
  if (!ends || ends.first === 0) return 1
  return 1 - SIZE_SHARE * (1 - Math.min(1, Math.abs(ends.last / ends.first - 1)))
}

/** A step against a sure trend of the same column, or a small part of it, is a detail of that course. */
function isStepOfTrend(insight: Insight, index: AnalysisIndex): boolean {
  const trend = insight.kind === 'change-point' ? index.trendOf(insight) : undefined
  const step = trend && changeOf(trend, insight)
  if (!trend || !step || step.of === 'spread' || trend.direction === 'none' || trend.pValue > SURE_P)
    return false
  const ends = observedEnds(trend, index.column(trend)?.series)
  if (!ends) return false
  const jump = (step.after - step.before) * (trend.direction === 'rising' ? 1 : -1)
  return jump < SMALL_STEP * Math.abs(ends.last - ends.first)
}

/** Whether an insight says only how its columns are made: a recoding, a copy, the skew of a code. */
export function isTautology(insight: Insight, index: AnalysisIndex): boolean {
  switch (insight.kind) {
    case 'difference': {
      const share = index.differenceOf(insight)?.etaSquared ?? insight.evidence.etaSquared
      return isComputedFromOther(insight, index) || Number(share) >= RECODED
    }
    case 'association': {
      const size = index.associationOf(insight)?.cramersV ?? insight.evidence.cramersV
      return isComputedFromOther(insight, index) || Number(size) >= RECODED
    }
    case 'correlation': {
      const pair = index.correlationOf(insight)
      const isOrdered = insight.provenance.length > 1 && index.areOrdered(placesOf(insight))
      return (
        isOrdered ||
        areSameAmount(placesOf(insight).map(({ column }) => column)) ||
        isComputedFromOther(insight, index) ||
        Math.abs(pair?.pearson ?? 0) >= SAME_LINE
      )
    }
    case 'distribution': {
      const role = index.columnOf(insight)?.role
      return role !== undefined && role !== 'measure'
    }
    case 'category':
      return Number(insight.evidence.share) >= NEARLY_ALL
    default:
      return false
  }
}

/** Whether one of the columns is computed from another that the insight names. */
function isComputedFromOther(insight: Insight, index: AnalysisIndex): boolean {
  const places = placesOf(insight)
  const names = new Set(places.map(({ column }) => column))
  return places.some((place) => index.column(place)?.derivedFrom?.columns.some((column) => names.has(column)))
}
