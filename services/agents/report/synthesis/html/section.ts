import type { TableStructure } from '#schemas/analysis.ts'
import type { Finding, Report, ReportColumn } from '#schemas/report.ts'
import { type ColumnPlace, placeKey, type TablePlace, tableKey } from '../analysis-index.ts'
import { rangeOf } from '../wording.ts'
import { html, type Insertable, type Markup } from './markup.ts'

/** Pictures as `data:` addresses, by the key of their blob. */
export type Thumbnails = ReadonlyMap<string, string>

/** A report with what its sections look up again and again. */
export interface ReportView {
  report: Report
  thumbnails: Thumbnails
  column(place: ColumnPlace): ReportColumn | undefined
  structure(place: TablePlace): TableStructure | undefined
  finding(id: string): Finding | undefined
  /** The range of a column, for rounding its numbers. */
  range(place: ColumnPlace): number | undefined
}

export function viewReport(report: Report, thumbnails: Thumbnails): ReportView {
  const columns = new Map(report.columns.map((column) => [placeKey(column), column]))
  const structures = new Map((report.tables ?? []).map((table) => [tableKey(table), table]))
  const findings = new Map(report.findings.map((finding) => [finding.id, finding]))
  const column = (place: ColumnPlace): ReportColumn | undefined => columns.get(placeKey(place))
  return {
    report,
    thumbnails,
    column,
    structure: (place) => structures.get(tableKey(place)),
    finding: (id) => findings.get(id),
    range: (place) => {
      const found = column(place)
      return found && rangeOf(found)
    },
  }
}

/** A part of the page that the table of contents lists. */
export interface Section {
  id: string
  title: string
  /** How many things are in it, shown in the contents. */
  count?: number
  body: Markup
}

/** Draws a section under its heading. */
export function drawSection({ id, title, body }: Section): Markup {
  return html`<section id="${id}" aria-labelledby="${id}-title"><h2 id="${id}-title">${title}</h2>${body}</section>`
}

/** A table that scrolls by itself where the screen is narrow, so that the page never does. */
export function wideTable(caption: string, head: readonly Insertable[], rows: readonly Markup[]): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table>
<thead><tr>${head.map((cell) => (typeof cell === 'string' ? html`<th scope="col">${cell}</th>` : cell))}</tr></thead>
<tbody>${rows}</tbody></table></div>`
}

/** The head of a column of numbers. */
export function numberHead(text: string): Markup {
  return html`<th scope="col" class="number">${text}</th>`
}

/** The first entries in the open, the others one click away, and beyond a limit only counted: the JSON has them all. */
export function foldAfter<Entry>(
  entries: readonly Entry[],
  bounds: { open: number; max: number; noun: string },
  draw: (entries: readonly Entry[]) => Markup,
): Markup {
  const folded = entries.slice(bounds.open, bounds.max)
  const beyond = entries.length - bounds.max
  return html`${draw(entries.slice(0, bounds.open))}${
    folded.length > 0 &&
    html`<details class="more"><summary>${folded.length} more ${bounds.noun}</summary>${draw(folded)}</details>`
  }${beyond > 0 && html`<p class="note">${beyond} further ${bounds.noun} are left out here; the JSON of this report holds all of them.</p>`}`
}
