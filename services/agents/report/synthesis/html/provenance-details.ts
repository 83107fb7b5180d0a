import type { Provenance } from '#schemas/analysis.ts'
import { tableLabel } from '../labels.ts'
import { numberText, pValueText } from '../number-text.ts'
import { rowsText } from '../rows-text.ts'
import { html, type Markup } from './markup.ts'

const MAX_PLACES = 30

/** Where numbers come from, folded away: evidence by name, then document, table, column, rows and method. */
export function provenanceDetails(
  provenance: readonly Provenance[],
  evidence: Readonly<Record<string, number | string>> = {},
): Markup {
  const numbers = Object.entries(evidence)
  const beyond = provenance.length - MAX_PLACES
  return html`<details class="provenance"><summary>Where this comes from</summary>${
    numbers.length > 0 &&
    html`<dl class="evidence">${numbers.map(
      ([name, value]) => html`<div><dt>${wordsOf(name)}</dt>
<dd>${evidenceText(name, value)}</dd></div>`,
    )}</dl>`
  }<ul>${provenance.slice(0, MAX_PLACES).map(placeItem)}${beyond > 0 && html`<li>and ${beyond} more</li>`}</ul></details>`
}

function placeItem({ document, table, column, rows, method }: Provenance): Markup {
  const path = [document, tableLabel({ document, table }), column].filter((part) => part !== undefined)
  return html`<li>${path.map((part, index) => html`${index > 0 && html` <span class="path">›</span> `}<span class="name">${part}</span>`)}${rows && rows.length > 0 && html`, ${rowsText(rows)}`}<span class="method">${method}</span></li>`
}

function evidenceText(name: string, value: number | string): string {
  if (typeof value === 'string') return value
  return /^[pq](-?value)?$/i.test(name)
    ? pValueText(value).replace('p = ', '').replace('p < ', '< ')
    : numberText(value)
}

/** `robustZ` reads as `robust z`. */
function wordsOf(name: string): string {
  return name
    .replace(/[_-]+/g, ' ')
    .replace(/([a-z0-9])([A-Z])/g, (_, before: string, after: string) => `${before} ${after.toLowerCase()}`)
    .trim()
}
