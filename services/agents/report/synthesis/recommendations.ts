import type { Analysis, Insight } from '#schemas/analysis.ts'
import type { Recommendation } from '#schemas/report.ts'
import type { AnalysisIndex } from './analysis-index.ts'
import { columnLabel } from './labels.ts'
import { countText } from './number-text.ts'
import { confidenceOf, worded } from './plain-sentence.ts'
import { adviceOn } from './recommendation-rules.ts'

const MAX_RECOMMENDATIONS = 10

type Draft = Omit<Recommendation, 'id'> & { weight: number; about: string }

/**
 * What to do next, by explicit rules: one a kind of insight, and rules for broken and duplicate documents.
 * A rule adds no fact; it says what follows from the finding, the more carefully the weaker the finding is.
 */
export function recommend(analysis: Analysis, index: AnalysisIndex): Recommendation[] {
  const drafts = [
    ...rejectedDocuments(analysis),
    ...analysis.insights
      .filter((insight) => !isAboutRejected(insight, analysis))
      .flatMap((insight) => fromInsight(insight, index) ?? []),
    ...duplicateImages(analysis),
  ]
  return mergeByTarget(drafts)
    .sort((a, b) => b.weight - a.weight)
    .slice(0, MAX_RECOMMENDATIONS)
    .map(({ weight: _weight, about: _about, ...recommendation }, position) => ({
      id: `r${position + 1}`,
      ...recommendation,
    }))
}

function fromInsight(insight: Insight, index: AnalysisIndex): Draft | undefined {
  const advice = adviceOn(insight, index)
  if (!advice) return undefined
  const confidence = confidenceOf(insight.strength)
  return {
    rule: advice.rule,
    text: worded(confidence, advice.wordings),
    confidence,
    evidence: [{ statement: insight.statement, insightId: insight.id, provenance: insight.provenance }],
    weight: insight.strength,
    about: advice.about,
  }
}

/** An insight that only says which documents could not be read: those have a rule of their own. */
function isAboutRejected({ kind, provenance }: Insight, { documents }: Analysis): boolean {
  const rejected = new Set(documents.filter(({ problem }) => problem).map(({ name }) => name))
  return (
    kind === 'quality' && provenance.length > 0 && provenance.every(({ document }) => rejected.has(document))
  )
}

function rejectedDocuments(analysis: Analysis): Draft[] {
  return analysis.documents.flatMap(({ name, problem }) => {
    if (!problem) return []
    return {
      rule: 'mend-document',
      text: `Mend or replace ${name} and make the report again: nothing in it could be used.`,
      confidence: 'strong' as const,
      evidence: [
        {
          statement: `${name} could not be read: ${problem.message} (${problem.code})`,
          provenance: [{ document: name, method: 'reading the document' }],
        },
      ],
      weight: 1,
      about: 'documents',
    }
  })
}

function duplicateImages(analysis: Analysis): Draft[] {
  return analysis.images.flatMap(({ document, nearDuplicateOf }) => {
    if (nearDuplicateOf === undefined || nearDuplicateOf === document) return []
    return {
      rule: 'drop-duplicate-image',
      text: `Keep one of ${nearDuplicateOf} and ${document}: they show nearly the same picture.`,
      confidence: 'moderate' as const,
      evidence: [
        {
          statement: `The perceptual hashes of ${document} and ${nearDuplicateOf} differ in few bits.`,
          provenance: [{ document, method: 'difference hash' }],
        },
      ],
      weight: 0.5,
      about: 'images',
    }
  })
}

/** A rule that fires again on the same target adds evidence to its first advice instead of saying it again. */
function mergeByTarget(drafts: readonly Draft[]): Draft[] {
  const merged = new Map<string, Draft>()
  for (const draft of drafts) {
    const key = JSON.stringify([draft.rule, draft.about])
    const first = merged.get(key)
    if (!first) {
      merged.set(key, { ...draft, evidence: [...draft.evidence] })
      continue
    }
    first.evidence.push(...draft.evidence)
    first.text = severalText(first) ?? first.text
  }
  return [...merged.values()]
}

function severalText({ rule, about, evidence }: Draft): string | undefined {
  const count = evidence.length
  const name = columnLabel(about).label
  switch (rule) {
    case 'mend-document':
      return `Mend or replace the ${countText(count, 'document')} that could not be read, and make the report again.`
    case 'drop-duplicate-image':
      return `Keep one of each of the ${countText(count, 'pair')} of images that show nearly the same picture.`
    case 'check-anomaly':
      return `Check the unusual values of ${name} against the origin of the data before averages are used.`
    case 'explain-change':
      return `Find out what changed at the ${countText(count, 'point')} where the level of ${name} shifts, and compare the stretches separately.`
    default:
      return undefined
  }
}
