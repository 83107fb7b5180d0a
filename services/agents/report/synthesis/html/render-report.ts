import type { Report } from '#schemas/report.ts'
import { stampText } from '../time-text.ts'
import { categoriesSection, overviewSection } from './columns-sections.ts'
import { panelsSection, seasonsSection } from './courses-sections.ts'
import { distributionsSection } from './distributions-section.ts'
import { imagesSection, sourcesSection, textsSection } from './documents-sections.ts'
import { findingLinks, findingsSection, recommendationsSection, summarySection } from './findings-sections.ts'
import { groupsSection, rulesSection } from './groups-section.ts'
import { html, Markup } from './markup.ts'
import { qualitySection } from './quality-section.ts'
import { drawSection, type Thumbnails, viewReport } from './section.ts'
import { seriesSection } from './series-section.ts'
import { anomaliesSection, correlationsSection, trendsSection } from './statistics-sections.ts'
import { structureSection } from './structure-section.ts'
import { STYLESHEET } from './stylesheet.ts'

/** Nothing may be loaded or run: even if markup slipped through, it could do nothing. */
const CONTENT_SECURITY_POLICY =
  "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

const SECTIONS = [
  summarySection,
  findingsSection,
  recommendationsSection,
  rulesSection,
  groupsSection,
  seriesSection,
  seasonsSection,
  panelsSection,
  trendsSection,
  anomaliesSection,
  correlationsSection,
  distributionsSection,
  categoriesSection,
  structureSection,
  overviewSection,
  textsSection,
  imagesSection,
  qualitySection,
  sourcesSection,
]

/** The report as one HTML page that needs nothing else: no script, no font, no request. Pure. */
export function renderReport(report: Report, thumbnails: Thumbnails = new Map()): string {
  const view = viewReport(report, thumbnails)
  const sections = SECTIONS.flatMap((section) => section(view) ?? [])
  const { title, headline, generatedAtMs } = report
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${CONTENT_SECURITY_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${new Markup(STYLESHEET)}</style>
</head>
<body>
<a class="skip" href="#summary">To the report</a>
<header class="masthead">
<p class="eyebrow">Report · <time datetime="${new Date(generatedAtMs).toISOString()}">${stampText(generatedAtMs)}</time></p><h1 dir="auto">${title}</h1>
<p class="headline">${headline.text}${findingLinks(headline.insightIds)}</p></header>
<div class="page">
<nav class="contents" aria-label="Contents"><h2>Contents</h2>
<ol>${sections.map(({ id, title: name, count }) => html`<li><a href="#${id}">${name}</a>${count !== undefined && html` <span class="count">${count}</span>`}</li>`)}</ol></nav>
<main>${sections.map(drawSection)}</main>
</div>
<footer>
<p>Made by Murmuration from the sources listed above. Numbers are rounded for reading; the JSON of this report holds them in full, with the place each comes from.</p></footer>
</body>
</html>
`
  return page.text
}
