import { isFileFault } from '#schemas/document.ts'
import type { DataQuality } from '#schemas/report.ts'
import { shareBar } from '../charts/inline-charts.ts'
import { isSpotless } from '../data-quality.ts'
import { tableLabel } from '../labels.ts'
import { numberText, percentText } from '../number-text.ts'
import { findingLinks } from './findings-sections.ts'
import { html, type Markup } from './markup.ts'
import { foldAfter, numberHead, type ReportView, type Section, wideTable } from './section.ts'

const MAX_SENTENCES = 100

/** What is wrong with the data. Always there: that nothing is wrong is news too. */
export function qualitySection({ report, finding }: ReportView): Section {
  const { rejected, missing, insightIds, notes, losses = [] } = report.dataQuality
  const findings = insightIds.flatMap((id) => finding(id) ?? [])
  const body = html`${isSpotless(report.dataQuality) && html`<p>Nothing was left out, and nothing is wrong as far as it could be checked.</p>`}${
    rejected.length > 0 &&
    html`<h3>Could not be read</h3>
<ul class="rejected">${rejected.map(rejectedItem)}</ul>`
  }${
    losses.length > 0 &&
    html`<h3>Left out of this report</h3>
${sentenceList(losses.map(({ loss, ...place }) => ({ ...place, text: loss })))}`
  }${
    findings.length > 0 &&
    html`<h3>Findings on quality</h3>
<ul>${findings.map(({ id, statement }) => html`<li>${statement}${findingLinks([id])}</li>`)}</ul>`
  }${
    missing.length > 0 &&
    html`<h3>Empty cells</h3>${foldAfter(missing, { open: 12, max: 200, noun: 'columns' }, missingTable)}`
  }${
    notes.length > 0 &&
    html`<h3>Noticed on reading</h3>
${sentenceList(notes.map(({ note, ...place }) => ({ ...place, text: note })))}`
  }`
  return { id: 'quality', title: 'Data quality', body }
}

/** A fault on the way to a file says nothing against it, and goes away by itself. */
function rejectedItem({ document, code, message }: DataQuality['rejected'][number]): Markup {
  const advice = isFileFault(code) ? '' : ' It could not be fetched or worked on; try again.'
  return html`<li><span class="name">${document}</span>: ${message.replace(/[.]$/, '')}.${advice} <span class="kind">${code}</span></li>`
}

function sentenceList(
  entries: readonly { document: string; table?: string | undefined; text: string }[],
): Markup {
  const beyond = entries.length - MAX_SENTENCES
  return html`<ul>${entries.slice(0, MAX_SENTENCES).map(({ document, table, text }) => {
    const label = tableLabel({ document, table })
    return html`<li><span class="name">${document}</span>${label !== undefined && html` <span class="path">›</span> <span class="name">${label}</span>`}: ${text}</li>`
  })}</ul>${beyond > 0 && html`<p class="note">${beyond} more are in the JSON of this report.</p>`}`
}

function missingTable(rows: readonly DataQuality['missing'][number][]): Markup {
  return wideTable(
    'Empty cells',
    ['Column', 'Document', numberHead('Empty'), numberHead('Rows'), 'Share'],
    rows.map(
      (each) =>
        html`<tr><th scope="row">${each.column}</th><td><span class="name">${each.document}</span></td>
<td class="number">${numberText(each.missing)}</td><td class="number">${numberText(each.rows)}</td>
<td class="with-bar">${shareBar(each.share, 'missing')} ${percentText(each.share)}</td></tr>`,
    ),
  )
}
