import type { Analysis } from '#schemas/analysis.ts'
import { isFileFault } from '#schemas/document.ts'
import type { DataQuality, Finding, Recommendation } from '#schemas/report.ts'
import type { AnalysisIndex } from './analysis-index.ts'
import { columnLabel } from './labels.ts'
import { countText } from './number-text.ts'
import { isGraveLoss } from './quality-sentences.ts'
import { adviceOn } from './recommendation-rules.ts'

const MAX_RECOMMENDATIONS = 10
/** The same advice on a third column is read by nobody. */
const MAX_A_RULE = 2

type Draft = Omit<Recommendation, 'id'> & { weight: number; about: string }

export interface RecommendationInput {
  analysis: Analysis
  /** By rank. */
  findings: readonly Finding[]
  quality: DataQuality
}

/**
 * What to do next, by explicit rules: who could do what about what. A rule adds no fact; findings that are weak, that
 * repeat another or that could not be otherwise give none.
 */
export function recommend(input: RecommendationInput, index: AnalysisIndex): Recommendation[] {
  const { analysis, findings, quality } = input
  const drafts = [
    ...rejectedDocuments(analysis),
    ...graveLosses(quality),
    ...findings
      .filter((finding) => finding.repeats === undefined && !finding.selfEvident)
      .filter((finding) => !isAboutRejected(finding, analysis))
      .flatMap((finding) => fromFinding(finding, { index, of: findings.length })),
    ...duplicateImages(analysis),
  ]
  return mergeByTarget(drafts)
    .sort((a, b) => b.weight - a.weight)
    .filter(atMostOfRule())
    .slice(0, MAX_RECOMMENDATIONS)
    .map(({ weight: _weight, about: _about, ...recommendation }, position) => ({
      id: `r${position + 1}`,
      ...recommendation,
    }))
}

function atMostOfRule(): (draft: Draft) => boolean {
  const given = new Map<string, number>()
  return ({ rule }) => {
    const count = (given.get(rule) ?? 0) + 1
    given.set(rule, count)
    return count <= MAX_A_RULE
  }
}

/** In the order of the findings. */
function fromFinding(finding: Finding, { index, of }: { index: AnalysisIndex; of: number }): Draft[] {
  const { confidence, statement, id, provenance, rank } = finding
  const advice = adviceOn(finding, index, confidence)
  if (!advice) return []
  const evidence = [{ statement, insightId: id, provenance }]
  return [{ ...advice, confidence, evidence, weight: 1 - rank / (of + 1) }]
}

/** An insight that only says which documents could not be read: those have a rule of their own. */
function isAboutRejected({ kind, provenance }: Finding, { documents }: Analysis): boolean {
  const rejected = new Set(documents.filter(({ problem }) => problem).map(({ name }) => name))
  return (
    kind === 'quality' && provenance.length > 0 && provenance.every(({ document }) => rejected.has(document))
  )
}

function rejectedDocuments(analysis: Analysis): Draft[] {
  return analysis.documents.flatMap(({ name, problem }) => {
    if (!problem) return []
    const isFile = isFileFault(problem.code)
    return {
      rule: isFile ? 'mend-document' : 'try-again',
      text: isFile
        ? `Whoever sent ${name} should send it again in a form that can be read: nothing in it could be used.`
        : `Make the report again: ${name} could not be fetched or worked on, which says nothing against the file.`,
      confidence: 'strong' as const,
      evidence: [
        {
          statement: `${name}: ${problem.message} (${problem.code})`,
          provenance: [{ document: name, method: 'reading the document' }],
        },
      ],
      weight: 1,
      about: 'documents',
    }
  })
}

function graveLosses({ losses = [] }: DataQuality): Draft[] {
  return losses
    .filter(({ loss }) => isGraveLoss(loss))
    .map(({ document, table, loss }) => ({
      rule: 'complete-source',
      text: `Whoever needs all of ${document} should send it in parts or mended, and make the report again: ${loss}`,
      confidence: 'strong' as const,
      evidence: [
        {
          statement: loss,
          provenance: [{ document, ...(table !== undefined && { table }), method: 'reading the document' }],
        },
      ],
      weight: 0.99,
      about: document,
    }))
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
      return `Whoever sent the ${countText(count, 'document')} that could not be read should send them again in a form that can be.`
    case 'try-again':
      return `Make the report again: ${countText(count, 'document')} could not be fetched or worked on, which says nothing against the files.`
    case 'drop-duplicate-image':
      return `Keep one of each of the ${countText(count, 'pair')} of images that show nearly the same picture.`
    case 'check-anomaly':
      return `Ask whoever records ${name} whether its unusual values are right before averages are used.`
    case 'explain-change':
      return `Ask whoever records ${name} what changed at the ${countText(count, 'point')} where it shifts, and compare the stretches separately.`
    default:
      return undefined
  }
}
