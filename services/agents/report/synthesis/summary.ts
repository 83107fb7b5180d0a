import type { Analysis } from '#schemas/analysis.ts'
import type { Claim, DataQuality, Finding } from '#schemas/report.ts'
import { countText, percentText } from './number-text.ts'

const MAX_FINDINGS = 5
/** Findings about the sources rather than about what they tell: a headline only where there is no other. */
const ABOUT_SOURCES: ReadonlySet<Finding['kind']> = new Set(['quality', 'text', 'image', 'video'])
/** More than two of a kind would crowd out the other kinds. */
const MAX_PER_KIND = 2

/** The one sentence: the strongest finding about the subject; without one, what there is to say at all. */
export function headlineOf(analysis: Analysis, findings: readonly Finding[]): Claim {
  const finding =
    findings.find(({ kind }) => !ABOUT_SOURCES.has(kind)) ??
    findings.find(({ kind }) => kind !== 'quality') ??
    findings[0]
  if (finding) return { text: finding.plain, insightIds: [finding.id] }
  return { text: withoutFindings(analysis), insightIds: [] }
}

/** A few sentences: what was read, the most important findings, and how far the data may be trusted. */
export function summaryOf(analysis: Analysis, findings: readonly Finding[], quality: DataQuality): Claim[] {
  return [
    { text: scopeText(analysis), insightIds: [] },
    ...variedFindings(findings).map(({ plain, id }) => ({ text: plain, insightIds: [id] })),
    { text: qualityText(quality), insightIds: quality.insightIds },
  ]
}

function variedFindings(findings: readonly Finding[]): Finding[] {
  const perKind = new Map<string, number>()
  const chosen: Finding[] = []
  for (const finding of findings) {
    const count = perKind.get(finding.kind) ?? 0
    const repeats = chosen.some(({ plain }) => plain === finding.plain)
    if (finding.kind === 'quality' || count >= MAX_PER_KIND || repeats) continue
    perKind.set(finding.kind, count + 1)
    chosen.push(finding)
    if (chosen.length === MAX_FINDINGS) break
  }
  return chosen
}

function withoutFindings(analysis: Analysis): string {
  const readable = analysis.documents.filter(({ problem }) => !problem)
  if (analysis.documents.length === 0) return 'There was nothing to read.'
  if (readable.length === 0) {
    return analysis.documents.length === 1
      ? 'The only source could not be read.'
      : `None of the ${analysis.documents.length} sources could be read.`
  }
  return `Nothing remarkable was found in ${countText(readable.length, 'source')}.`
}

function scopeText(analysis: Analysis): string {
  const { documents } = analysis
  const of = (kind: string): number => documents.filter((each) => each.kind === kind && !each.problem).length
  const tables = new Set(analysis.columns.map(({ document, table }) => JSON.stringify([document, table])))
    .size
  const data = of('data')
  const parts = [
    data > 0 &&
      `${countText(data, 'data file')} with ${countText(tables, 'table')} and ${countText(analysis.columns.length, 'column')}`,
    of('text') > 0 && countText(of('text'), 'text'),
    of('image') > 0 && countText(of('image'), 'image'),
    of('video') > 0 && countText(of('video'), 'video'),
  ].filter((part) => part !== false)
  const given = `This report rests on ${countText(documents.length, 'source')}`
  return parts.length === 0 ? `${given}; none could be read.` : `${given}: ${listText(parts)}.`
}

function qualityText({ rejected, missing, insightIds }: DataQuality): string {
  const worst = missing[0]
  const parts = [
    rejected.length > 0 &&
      `${countText(rejected.length, 'source')} could not be read (${listText(rejected.slice(0, 3).map(({ document }) => document))}${rejected.length > 3 ? ' and others' : ''})`,
    worst &&
      `${countText(missing.length, 'column has', 'columns have')} empty cells (${missing.length > 1 ? 'most of all ' : ''}${worst.column}, ${percentText(worst.share)})`,
    insightIds.length > 0 &&
      `${countText(insightIds.length, 'note')} on quality ${insightIds.length === 1 ? 'applies' : 'apply'}`,
  ].filter((part) => part !== false && part !== undefined)
  return parts.length === 0
    ? 'Every source could be read, and no cell was empty.'
    : `About the data: ${listText(parts)}.`
}

function listText(parts: readonly string[]): string {
  return new Intl.ListFormat('en-GB', { type: 'conjunction' }).format(parts)
}
