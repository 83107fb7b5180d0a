import type { TableStructure } from '#schemas/analysis.ts'
import { countText, numberText } from '../number-text.ts'
import { axisUnit, timeText } from '../time-text.ts'
import { listText } from '../wording.ts'
import { html, type Markup } from './markup.ts'
import { foldAfter, numberHead, type ReportView, type Section, wideTable } from './section.ts'
import { placeText } from './series-section.ts'

const KINDS: Readonly<Record<TableStructure['kind'], string>> = {
  'time-series': 'time series: one row a moment',
  panel: 'panel: one row an entity and a moment',
  'wide-years': 'years as columns: one row an entity',
  long: 'long format: a column names the measure',
  survey: 'survey: one row a respondent',
  'cross-section': 'cross-section: one row a thing, in no order',
  empty: 'empty: no rows',
}

/** How each table was understood: what was tested follows from it. */
export function structureSection({ report }: ReportView): Section | undefined {
  const tables = report.tables ?? []
  if (tables.length === 0) return undefined
  const draw = (some: readonly TableStructure[]): Markup =>
    wideTable(
      'Tables',
      ['Table', 'What its rows are', numberHead('Rows'), numberHead('Columns'), 'Time', 'Entities'],
      some.map(
        (table) => html`<tr><th scope="row">${placeText(table)}</th><td class="long">${KINDS[table.kind]}</td>
<td class="number">${numberText(table.rows)}</td><td class="number">${numberText(table.columns)}</td>
<td class="long">${timeOf(table)}</td><td class="long">${table.entity ? `${numberText(table.entity.count)} of ${table.entity.column}` : '–'}</td></tr>`,
      ),
    )
  const body = foldAfter(tables, { open: 12, max: 200, noun: 'tables' }, draw)
  return { id: 'tables', title: 'Tables', count: tables.length, body }
}

function timeOf({ timeColumns, granularity, period }: TableStructure): string {
  if (!period) return timeColumns.length === 0 ? '–' : listText(timeColumns)
  const unit = axisUnit(granularity, [period.fromMs, period.toMs])
  const gaps = period.gaps === 0 ? '' : `, ${countText(period.gaps, 'step')} without a row`
  return `${timeText(period.fromMs, unit)} to ${timeText(period.toMs, unit)}${gaps}`
}
