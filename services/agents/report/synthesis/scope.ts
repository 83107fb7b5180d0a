import type { Analysis, ColumnRole } from '#schemas/analysis.ts'
import { tableKey } from './analysis-index.ts'
import { missingCounts } from './data-quality.ts'
import { countText } from './number-text.ts'
import { listText } from './wording.ts'

/** What was looked at, for the sentences that frame a report. */
export interface Scope {
  /** Columns in which something could have been found. */
  columns: number
  rows: number
  tables: number
  /** Every table is known to have no rows. */
  isRowless: boolean
}

/** Roles in which nothing is looked for. */
const NOT_TESTED: ReadonlySet<ColumnRole> = new Set([
  'identifier',
  'code',
  'text',
  'constant',
  'empty',
  'derived',
  'time',
  'year',
  'calendar',
])

/** Columns, rows and tables that were tested, over all documents. */
export function scopeOf(analysis: Analysis): Scope {
  const rowsOf = new Map<string, number>()
  for (const column of analysis.columns) {
    const rows = missingCounts(column)?.rows ?? column.rows
    if (rows !== undefined) rowsOf.set(tableKey(column), Math.max(rows, rowsOf.get(tableKey(column)) ?? 0))
  }
  for (const table of analysis.tables ?? []) rowsOf.set(tableKey(table), table.rows)
  const rows = [...rowsOf.values()].reduce((sum, each) => sum + each, 0)
  return {
    columns: analysis.columns.filter(isTested).length,
    rows,
    tables: new Set([...rowsOf.keys(), ...analysis.columns.map(tableKey)]).size,
    isRowless: rowsOf.size > 0 && rows === 0,
  }
}

function isTested({ role, kind, numeric, category }: Analysis['columns'][number]): boolean {
  if ((numeric ?? category) === undefined) return false
  return role === undefined ? kind !== 'temporal' : !NOT_TESTED.has(role)
}

/** `12 columns and 300 rows`; of several tables, how many. */
export function testedText({ columns, rows, tables }: Scope): string {
  const extent = `${countText(columns, 'column')} and ${countText(rows, 'row')}`
  return tables > 1 ? `${extent} of ${countText(tables, 'table')}` : extent
}

/** What the report rests on: the sources by kind. */
export function sourcesText(analysis: Analysis): string {
  const { documents } = analysis
  const of = (kind: string): number => documents.filter((each) => each.kind === kind && !each.problem).length
  const { tables, rows } = scopeOf(analysis)
  const data = of('data')
  const parts = [
    data > 0 &&
      `${countText(data, 'data file')} with ${countText(tables, 'table')}, ${countText(analysis.columns.length, 'column')} and ${countText(rows, 'row')}`,
    of('text') > 0 && countText(of('text'), 'text'),
    of('image') > 0 && countText(of('image'), 'image'),
    of('video') > 0 && countText(of('video'), 'video'),
  ].filter((part) => part !== false)
  const given = `This report rests on ${countText(documents.length, 'source')}`
  if (parts.length === 0)
    return documents.length === 0 ? 'There was no source.' : `${given}; none could be read.`
  const tests = analysis.tests
    ? ` ${countText(analysis.tests, 'hypothesis was', 'hypotheses were')} tested, and corrected for together.`
    : ''
  return `${given}: ${listText(parts)}.${tests}`
}
