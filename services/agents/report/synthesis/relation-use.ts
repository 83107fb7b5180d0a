import type { Insight } from '#schemas/analysis.ts'
import { type AnalysisIndex, placesOf } from './analysis-index.ts'
import { columnLabel } from './labels.ts'

const ABOUT_COLUMN: ReadonlySet<Insight['kind']> = new Set([
  'trend',
  'change-point',
  'seasonality',
  'anomaly',
])
const RELATIONS: ReadonlySet<Insight['kind']> = new Set(['association', 'difference', 'correlation'])
/** Relations that are as sure as can be still differ in size: the part of their importance that it decides. */
const SIZE_SHARE = 0.15
/** Of a relation that leaves the column aside that the table is about. */
const BESIDE_SUBJECT = 0.65
/** Of what a single other column does. */
const OTHER_COLUMN = 0.85
/** Two columns that measure nearly the same thing go together: so close, or that close under names with a word in common. */
const NEARLY_SAME = 0.95
const SAME_WORD = 0.8
const SAME_USE = 0.5
/** A curve without a direction is looked at last. */
const HUMP_USE = 0.8
/** A figure that others would quote and that a third column takes away or turns round is told before it misleads. */
const MISLEADING = 1.4
/** Sizes that differ less are alike: then the order of the analysis stays. */
const SIZE_STEP = 0.02
const SHORT_WORD = 2

/** How much a reader can do with a relation beside others that are as sure: 1 for every other kind. */
export function useOfRelation(insight: Insight, index: AnalysisIndex): number {
  if (ABOUT_COLUMN.has(insight.kind)) return ofSubject(insight, index) ? 1 : OTHER_COLUMN
  if (!RELATIONS.has(insight.kind)) return 1
  const size = 1 - SIZE_SHARE * (1 - Math.min(1, effectOf(insight, index)))
  const hump = insight.evidence.bendedness === undefined ? 1 : HUMP_USE
  const about = ofSubject(insight, index) ? 1 : BESIDE_SUBJECT
  const same = isSameThing(insight, index) ? SAME_USE : 1
  return size * hump * about * same * misleadingUse(insight, index)
}

/** On the scale of a correlation. */
function effectOf(insight: Insight, index: AnalysisIndex): number {
  const { etaSquared, spearman, bendedness } = insight.evidence
  if (insight.kind === 'association') return index.associationOf(insight)?.cramersV ?? 0
  if (insight.kind === 'difference') return Math.sqrt(Number(etaSquared ?? 0))
  return Math.round(Math.abs(Number(bendedness ?? spearman ?? 0)) / SIZE_STEP) * SIZE_STEP
}

/** Whether the column that the table is about takes part, or none is known. */
function ofSubject(insight: Insight, index: AnalysisIndex): boolean {
  const places = placesOf(insight)
  const subject = places[0] && index.structure(places[0])?.subject
  return subject === undefined || places.some(({ column }) => column === subject)
}

function isSameThing(insight: Insight, index: AnalysisIndex): boolean {
  const pair = insight.kind === 'correlation' ? index.correlationOf(insight) : undefined
  if (!pair || insight.evidence.bendedness !== undefined) return false
  const subject = index.structure(pair)?.subject
  const size = Math.abs(pair.spearman)
  const hasSubject = pair.a === subject || pair.b === subject
  return (!hasSubject && size >= NEARLY_SAME) || (size >= SAME_WORD && shareWord(pair.a, pair.b))
}

/** `temp max` and `temp min`; a word of a unit or of a letter says nothing. */
function shareWord(a: string, b: string): boolean {
  const words = (name: string) =>
    columnLabel(name)
      .label.toLowerCase()
      .split(/[^\p{L}]+/u)
      .filter((word) => word.length > SHORT_WORD)
  const known = new Set(words(a))
  return words(b).some((word) => known.has(word))
}

function misleadingUse(insight: Insight, index: AnalysisIndex): number {
  const { reversedWithin, vanishesWithin } = insight.evidence
  if (reversedWithin === undefined && vanishesWithin === undefined) return 1
  return insight.kind === 'association' && index.associationOf(insight)?.happens ? MISLEADING : 1
}
