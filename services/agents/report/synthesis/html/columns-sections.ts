import type { ReportColumn } from '#schemas/report.ts'
import { miniHistogram, shareBar, sparkline } from '../charts/inline-charts.ts'
import { missingCounts } from '../data-quality.ts'
import { numberText, percentText, quantityText } from '../number-text.ts'
import { timeText } from '../time-text.ts'
import { rangeOf } from '../wording.ts'
import { html, type Markup } from './markup.ts'
import { foldAfter, numberHead, type ReportView, type Section, wideTable } from './section.ts'
import { placeText } from './series-section.ts'

const MAX_CATEGORIES = 12
const MAX_VALUES = 8

/** Every column in a line of its own: kind, course, typical value, range, gaps. */
export function overviewSection(view: ReportView): Section | undefined {
  const { columns } = view.report
  if (columns.length === 0) return undefined
  const tables = [
    ...Map.groupBy(columns, ({ document, table }) => JSON.stringify([document, table])).values(),
  ]
  const draw = (rows: readonly ReportColumn[]): Markup =>
    wideTable(
      'Columns',
      [
        'Column',
        'Role',
        'Course or shape',
        numberHead('Median'),
        numberHead('Range'),
        numberHead('Missing'),
        'Shape',
      ],
      rows.map((column) => columnRow(view, column)),
    )
  const drawTable = (table: readonly ReportColumn[]): Markup =>
    html`<h3 class="table-name">${placeText(table[0]!)}</h3>${foldAfter(table, { open: 25, max: 400, noun: 'columns' }, draw)}`
  const body = foldAfter(tables, { open: 8, max: 40, noun: 'tables' }, (some) => html`${some.map(drawTable)}`)
  return { id: 'columns', title: 'All columns', count: columns.length, body }
}

const NAMING: ReadonlySet<string> = new Set(['identifier', 'code'])

function columnRow(view: ReportView, column: ReportColumn): Markup {
  const { label, unit, kind, role, numeric, category, spark, derivedFrom } = column
  const range = rangeOf(column)
  const granularity = view.structure(column)?.granularity
  const unitOfTime = granularity === undefined || granularity === 'time' ? 'day' : granularity
  // Times are Unix milliseconds, which nobody reads.
  const isTime = kind === 'temporal'
  const bound = (value: number): string => (isTime ? timeText(value, unitOfTime) : numberText(value, range))
  const top = category?.top[0]
  // Numbers that name things have no middle and no shape.
  const isName = role !== undefined && NAMING.has(role)
  const typical = numeric && !isTime && !isName ? quantityText(numeric.median, unit, range) : '–'
  const spread = numeric
    ? `${bound(numeric.min)} to ${bound(numeric.max)}`
    : category
      ? `${numberText(category.distinct)} distinct`
      : '–'
  const counts = missingCounts(column)
  // Of a column whose cells nobody counted it is not known.
  const missing =
    counts === undefined ? '?' : counts.missing === 0 ? '–' : percentText(counts.missing / counts.rows)
  const bins = isTime || isName ? undefined : numeric?.histogram
  const picture = spark && !isName ? sparkline(spark, label) : bins && miniHistogram(bins, label)
  const shape =
    (isTime || isName ? undefined : numeric?.distribution) ?? (top ? `most often ${top.value}` : '–')
  return html`<tr><th scope="row">${label}${unit !== undefined && html` <span class="unit">${unit}</span>`}</th><td>${role ?? kind}${derivedFrom && html`<small>${derivedFrom.how} of ${derivedFrom.columns.join(', ')}</small>`}</td>
<td>${picture ?? '–'}</td><td class="number">${typical}</td>
<td class="number">${spread}</td><td class="number">${missing}</td><td class="long">${shape}</td></tr>`
}

/** Columns of categories as bars, the least even first, for those say most. */
export function categoriesSection(view: ReportView): Section | undefined {
  const columns = view.report.columns
    .filter(({ category }) => category && category.distinct > 1)
    .sort((a, b) => a.category!.evenness - b.category!.evenness)
  if (columns.length === 0) return undefined
  const beyond = columns.length - MAX_CATEGORIES
  const body = html`<div class="grid">${columns.slice(0, MAX_CATEGORIES).map(categoryFigure)}</div>${
    beyond > 0 && html`<p class="note">${beyond} further columns of categories are only in the overview.</p>`
  }`
  return { id: 'categories', title: 'Categories', count: columns.length, body }
}

function categoryFigure(column: ReportColumn): Markup {
  const { top, distinct, count } = column.category!
  const shown = top.slice(0, MAX_VALUES)
  const beyond = distinct - shown.length
  const largest = Math.max(...shown.map(({ share }) => share))
  return html`<figure class="card"><figcaption><h3>${column.label}</h3>
<p class="meta">${placeText(column)} · ${numberText(count)} values</p></figcaption><table class="bars">
<tbody>${shown.map(
    (entry) =>
      html`<tr><th scope="row">${entry.value}</th><td>${shareBar(entry.share / largest)}</td>
<td class="number">${numberText(entry.count)}</td><td class="number">${percentText(entry.share)}</td></tr>`,
  )}</tbody></table>${beyond > 0 && html`<p class="note">and ${numberText(beyond)} rarer values</p>`}</figure>`
}
