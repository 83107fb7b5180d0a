import type { Association, Difference } from '#schemas/relations.ts'
import type { Finding, Report } from '#schemas/report.ts'
import { placesOf } from '../analysis-index.ts'
import { groupChart } from '../charts/group-chart.ts'
import { shareBar } from '../charts/inline-charts.ts'
import { columnLabel } from '../labels.ts'
import { numberText, percentText } from '../number-text.ts'
import { rowsText } from '../rows-text.ts'
import { rangeOf } from '../wording.ts'
import { findingLinks } from './findings-sections.ts'
import { html, type Markup } from './markup.ts'
import type { ReportView, Section } from './section.ts'
import { placeText } from './series-section.ts'

const MAX_FIGURES = 8
const MAX_GROUPS = 14
const [WIDE_PX, NARROW_PX] = [680, 330]

/** What differs between groups, as findings tell it: medians with the middle half, and shares. */
export function groupsSection(view: ReportView): Section | undefined {
  const { findings, differences = [], associations = [] } = view.report
  const figures = findings
    .filter(({ repeats, selfEvident }) => repeats === undefined && !selfEvident)
    .flatMap((finding) => {
      const difference =
        finding.kind === 'difference'
          ? pairOf(differences, finding, (each) => [each.measure, each.category])
          : undefined
      const association =
        finding.kind === 'association'
          ? pairOf(associations, finding, (each) => [each.outcome, each.by])
          : undefined
      return difference
        ? [differenceFigure(view, difference, finding)]
        : association
          ? [associationFigure(association, finding)]
          : []
    })
  if (figures.length === 0) return undefined
  const beyond = figures.length - MAX_FIGURES
  const body = html`${figures.slice(0, MAX_FIGURES)}${beyond > 0 && html`<p class="note">${beyond} further differences are only in the list of findings.</p>`}`
  return { id: 'groups', title: 'Groups', count: figures.length, body }
}

function pairOf<Pair extends { document: string; table: string }>(
  pairs: readonly Pair[],
  finding: Finding,
  columnsOf: (pair: Pair) => string[],
): Pair | undefined {
  const [a, b] = placesOf(finding)
  return pairs.find((pair) => {
    const columns = columnsOf(pair)
    return (
      a &&
      b &&
      pair.document === a.document &&
      pair.table === a.table &&
      columns.includes(a.column) &&
      columns.includes(b.column)
    )
  })
}

function differenceFigure(view: ReportView, difference: Difference, { id, plain }: Finding): Markup {
  const { measure, category, groups } = difference
  const column = view.column({ ...difference, column: measure })
  const [label, by] = [columnLabel(measure).label, columnLabel(category).label]
  const input = { groups, title: label, unit: column?.unit, range: column && rangeOf(column) }
  const beyond = groups.length - MAX_GROUPS
  return html`<figure class="series-figure"><figcaption><h3>${label} by ${by}${column?.unit && html` <span class="unit">${column.unit}</span>`}</h3>
<p class="meta">${placeText(difference)}${findingLinks([id])}</p></figcaption><p class="note">${plain}</p>
<div class="wide">${groupChart({ ...input, width: WIDE_PX })}</div><div class="narrow">${groupChart({ ...input, width: NARROW_PX })}</div>
<p class="note">Dots are medians, lines the middle half of the values; in brackets the rows of each group.${beyond > 0 && ` ${beyond} further groups are not drawn.`}</p></figure>`
}

function associationFigure(association: Association, { id, plain }: Finding): Markup {
  const { outcome, by, outcomeValue, groups } = association
  const [label, group] = [columnLabel(outcome).label, columnLabel(by).label]
  const beyond = groups.length - MAX_GROUPS
  return html`<figure class="series-figure"><figcaption><h3>${label} is ${outcomeValue}, by ${group}</h3>
<p class="meta">${placeText(association)}${findingLinks([id])}</p></figcaption><p class="note">${plain}</p><table class="bars">
<tbody>${groups
    .slice(0, MAX_GROUPS)
    .map(
      ({ name, count, share }) =>
        html`<tr><th scope="row">${name}</th><td>${shareBar(share)}</td><td class="number">${percentText(share)}</td><td class="number">of ${numberText(count)}</td></tr>`,
    )}</tbody></table>${beyond > 0 && html`<p class="note">and ${beyond} further groups</p>`}</figure>`
}

/** Rules that rows break: which, how often, and where. */
export function rulesSection({ report }: { report: Report }): Section | undefined {
  const broken = (report.constraints ?? []).filter(({ violations }) => violations > 0)
  if (broken.length === 0) return undefined
  const body = html`<ul>${broken.map(
    (each) =>
      html`<li>${placeText(each)}: <b>${each.rule}</b> does not hold in ${numberText(each.violations)} of ${numberText(each.checked)} rows${each.rows.length > 0 && ` (${rowsText(each.rows)}${each.violations > each.rows.length ? ' …' : ''})`}</li>`,
  )}</ul>`
  return { id: 'rules', title: 'Broken rules', count: broken.length, body }
}
