import type { Claim, Confidence, Finding, Recommendation } from '#schemas/report.ts'
import { bytesText, countText, numberText } from '../number-text.ts'
import { html, type Markup } from './markup.ts'
import { provenanceDetails } from './provenance-details.ts'
import { foldAfter, type ReportView, type Section } from './section.ts'

const CONFIDENCE_MARKS: Record<Confidence, string> = { strong: '●●●', moderate: '●●○', weak: '●○○' }

/** The executive summary with the few counts that frame it. */
export function summarySection({ report }: ReportView): Section {
  const bytes = report.sources.reduce((sum, source) => sum + source.bytes, 0)
  const tiles: [string, number | string][] = [
    ['Sources', numberText(report.sources.length)],
    ['Read', bytesText(bytes)],
    ['Columns', numberText(report.columns.length)],
    ['Findings', numberText(report.findings.length)],
    ['Unusual values', numberText(report.anomalies.length)],
  ]
  const body = html`<ul class="summary">${report.summary.map(drawClaim)}</ul>
<dl class="tiles">${tiles.map(([name, value]) => html`<div><dt>${name}</dt><dd>${value}</dd></div>`)}</dl>`
  return { id: 'summary', title: 'Executive summary', body }
}

/** Findings, ranked. */
export function findingsSection({ report }: ReportView): Section | undefined {
  if (report.findings.length === 0) return undefined
  const draw = (findings: readonly Finding[]): Markup =>
    html`<ol class="cards" start="${findings[0]?.rank ?? 1}">${findings.map(drawFinding)}</ol>`
  const isNews = ({ repeats, selfEvident }: Finding): boolean => repeats === undefined && !selfEvident
  const first = report.findings.filter(isNews)
  const again = report.findings.filter((finding) => !isNews(finding))
  const body = html`<p class="lead">Ranked by the size of the effect, how sure it is, and what a reader can do with it.</p>${foldAfter(first, { open: 10, max: 120, noun: 'findings' }, draw)}${
    again.length > 0 &&
    html`<details class="more"><summary>${countText(again.length, 'more that says', 'more that say')} nothing new</summary>${draw(again.slice(0, 60))}</details>`
  }`
  return { id: 'findings', title: 'Findings', count: report.findings.length, body }
}

/** What to do next, each with what it rests on. */
export function recommendationsSection({ report }: ReportView): Section | undefined {
  if (report.recommendations.length === 0) return undefined
  const body = html`<p class="lead">Derived from the findings by fixed rules; the wording is as firm as the evidence.</p>
<ol class="cards">${report.recommendations.map(drawRecommendation)}</ol>`
  return { id: 'recommendations', title: 'Recommendations', count: report.recommendations.length, body }
}

/** Small links to the findings that a sentence rests on. */
export function findingLinks(ids: readonly string[]): Markup {
  const beyond = ids.length - 6
  return html`${ids.slice(0, 6).map((id) => html` <a class="ref" href="#finding-${id}">${id}</a>`)}${beyond > 0 && html` <span class="ref">+${beyond}</span>`}`
}

function drawClaim({ text, insightIds }: Claim): Markup {
  return html`<li>${text}${findingLinks(insightIds)}</li>`
}

function drawFinding(finding: Finding): Markup {
  const { id, rank, kind, plain, statement, confidence, strength, evidence, provenance } = finding
  return html`<li class="card" id="finding-${id}"><span class="rank" aria-hidden="true">${rank}</span><div>
<p class="meta"><span class="kind">${kind.replace('-', ' ')}</span> ${confidenceBadge(confidence, strength)}${finding.repeats !== undefined && html` <span>follows from${findingLinks([finding.repeats])}</span>`}${finding.selfEvident && html` <span>so by definition</span>`} <span class="id">${id}</span></p>
<p class="claim">${plain}</p>${statement !== plain && html`<p class="statement">${statement}</p>`}${provenanceDetails(provenance, { ...evidence, ...(finding.qValue !== undefined && { qValue: finding.qValue }) })}</div></li>`
}

function drawRecommendation(recommendation: Recommendation, index: number): Markup {
  const { id, text, confidence, rule, evidence } = recommendation
  const ids = evidence.flatMap(({ insightId }) => insightId ?? [])
  return html`<li class="card" id="recommendation-${id}"><span class="rank" aria-hidden="true">${index + 1}</span>
<div><p class="meta"><span class="kind">${rule.replace(/-/g, ' ')}</span> ${confidenceBadge(confidence)}</p>
<p class="claim">${text}${findingLinks(ids)}</p><details class="provenance"><summary>Evidence</summary>
<ul>${evidence.slice(0, 30).map(({ statement }) => html`<li>${statement}</li>`)}</ul></details></div></li>`
}

function confidenceBadge(confidence: Confidence, strength?: number): Markup {
  const title = strength === undefined ? '' : `strength ${strength.toFixed(2)} of 1`
  return html`<span class="confidence ${confidence}" title="${title}"><span aria-hidden="true">${CONFIDENCE_MARKS[confidence]}</span> ${confidence}</span>`
}
