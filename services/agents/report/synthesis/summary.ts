import type { Analysis } from '#schemas/analysis.ts'
import type { Claim, DataQuality, Finding } from '#schemas/report.ts'
import { describedMeasures, nothingFoundText } from './nothing-found.ts'
import { observedCourses } from './observed-course.ts'
import { isGraveLoss, qualityClaims } from './quality-sentences.ts'
import { scopeOf, sourcesText } from './scope.ts'

const MAX_FINDINGS = 5
/** Findings about the sources rather than about what they tell: a headline only where there is no other. */
const ABOUT_SOURCES: ReadonlySet<Finding['kind']> = new Set([
  'quality',
  'text',
  'image',
  'video',
  'structure',
])
const TESTED: ReadonlySet<Finding['kind']> = new Set([
  'trend',
  'change-point',
  'anomaly',
  'correlation',
  'difference',
  'association',
  'seasonality',
])
/** More than two of a kind would crowd out the other kinds. */
const MAX_PER_KIND = 2
/** What describes a single column, and asks for nothing: one is enough. */
const DESCRIBING: ReadonlySet<Finding['kind']> = new Set(['distribution', 'category', 'structure'])
/** Below this a finding is so by definition, or says nothing: see the ranking. */
const MIN_STRENGTH = 0.05
/** From this share of sources that could not be read, the headline says so too. */
const GRAVE_UNREAD = 1 / 3

export interface SummaryInput {
  analysis: Analysis
  /** By rank. */
  findings: readonly Finding[]
  quality: DataQuality
}

/**
 * The one sentence: what an analyst would lead with. A finding about the subject that is at least moderately sure;
 * without one, what was looked at. What makes the rest doubtful is said in the same breath.
 */
export function headlineOf(input: SummaryInput): Claim {
  const { analysis, quality } = input
  const worth = worthTelling(input)
  const isSure = ({ confidence }: Finding): boolean => confidence !== 'weak'
  const lead =
    worth.find((finding) => !ABOUT_SOURCES.has(finding.kind) && isSure(finding)) ??
    worth.find((finding) => ABOUT_SOURCES.has(finding.kind) && finding.kind !== 'quality' && isSure(finding))
  if (lead) {
    const caveat = caveatOf(analysis, quality) ?? mixedUnits(lead, quality)
    const text = caveat === undefined ? lead.plain : `${lead.plain} Mind: ${caveat}`
    return { text, insightIds: [lead.id] }
  }
  if (scopeOf(analysis).columns === 0 && quality.losses?.length === 0) {
    // Texts and pictures alone: what they are about is all that there is to lead with.
    const about = worth.find(({ kind }) => kind !== 'quality') ?? worth[0]
    if (about && analysis.documents.some(({ problem }) => !problem))
      return { text: about.plain, insightIds: [about.id] }
  }
  const observed = observedCourses(analysis)[0]
  const text = [nothingFoundText(input), ...(observed === undefined ? [] : [observed])].join(' ')
  return { text, insightIds: [] }
}

/** A few sentences: what was read, the most important findings, and how far the data may be trusted. */
export function summaryOf(input: SummaryInput): Claim[] {
  const { analysis, quality } = input
  const findings = variedFindings(
    worthTelling(input).filter((finding) => !isTopicBesideData(finding, analysis)),
  )
  const hasSubject = findings.some(
    ({ kind, confidence }) => !ABOUT_SOURCES.has(kind) && confidence !== 'weak',
  )
  const hasColumns = scopeOf(analysis).columns > 0
  const nothing =
    hasSubject || !hasColumns
      ? []
      : [
          nothingFoundText(input, { besideLosses: true }),
          ...observedCourses(analysis),
          ...describedMeasures(analysis),
        ]
  return [
    { text: sourcesText(analysis), insightIds: [] },
    ...nothing.map((text) => ({ text, insightIds: [] })),
    ...findings.map(({ plain, id }) => ({ text: plain, insightIds: [id] })),
    ...qualityClaims(analysis, quality),
  ]
}

function worthTelling({ findings }: SummaryInput): Finding[] {
  return findings.filter(
    ({ repeats, strength, selfEvident }) => repeats === undefined && strength >= MIN_STRENGTH && !selfEvident,
  )
}

function variedFindings(findings: readonly Finding[]): Finding[] {
  const perKind = new Map<string, number>()
  const chosen: Finding[] = []
  for (const finding of findings) {
    const count = perKind.get(finding.kind) ?? 0
    const repeats = chosen.some(({ plain }) => plain === finding.plain)
    if (
      finding.kind === 'quality' ||
      isChance(finding) ||
      count >= (DESCRIBING.has(finding.kind) ? 1 : MAX_PER_KIND) ||
      repeats
    )
      continue
    perKind.set(finding.kind, count + 1)
    chosen.push(finding)
  }
  // What a text and the data say differently is for whoever reads the text: it keeps a place.
  const dispute = chosen.find(
    ({ evidence, confidence }) => evidence.verdict === 'contradicts' && confidence !== 'weak',
  )
  const first = chosen.slice(0, MAX_FINDINGS)
  return dispute && !first.includes(dispute) ? [...first.slice(0, -1), dispute] : first
}

/** A tested finding that is weak may be chance: it stands in the list of findings, and in no summary. */
function isChance({ kind, confidence }: Finding): boolean {
  return confidence === 'weak' && TESTED.has(kind)
}

/** What a text is about matters where it is all that there is; beside data its words are no summary of them. */
function isTopicBesideData({ kind, evidence }: Finding, analysis: Analysis): boolean {
  return kind === 'text' && evidence.stated === undefined && scopeOf(analysis).columns > 0
}

/** Amounts in several currencies are no one amount: a sentence on them says so. */
function mixedUnits({ provenance }: Finding, { notes }: DataQuality): string | undefined {
  const columns = provenance.flatMap(({ document, column }) =>
    column === undefined ? [] : [{ document, column }],
  )
  return notes.find(
    ({ document, note }) =>
      NOT_CONVERTED.test(note) &&
      columns.some((at) => at.document === document && note.startsWith(`"${at.column}"`)),
  )?.note
}

const NOT_CONVERTED = /the numbers were not converted/

/** What makes the rest doubtful: a large part that was not read. */
function caveatOf(analysis: Analysis, quality: DataQuality): string | undefined {
  const grave = quality.losses?.find(({ loss }) => isGraveLoss(loss))
  if (grave) return `${grave.document}: ${grave.loss}`
  const unread = quality.rejected.length
  return unread > 0 && unread >= GRAVE_UNREAD * analysis.documents.length
    ? `${unread} of ${analysis.documents.length} sources could not be read.`
    : undefined
}
