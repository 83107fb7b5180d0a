import { readFileSync } from 'node:fs'
import t from 'tap'
import type { Analysis } from '#schemas/analysis.ts'
import { analyseDocuments } from '../../../../services/agents/report/analysis/analyse-documents.ts'
import { orderedPoints } from '../../../../services/agents/report/analysis/findings/column-findings.ts'
import { parseCsv } from '../../../../services/agents/report/ingest/data/csv/parse-csv.ts'
import { prepareTable } from '../../../../services/agents/report/structure/prepared-table.ts'

const tableOf = (name: string) =>
  parseCsv(readFileSync(new URL(`inputs/${name}`, import.meta.url), 'utf8'), { name })

function analyse(name: string): Analysis {
  const document = { name, kind: 'data' as const, mediaType: 'text/csv', bytes: 1, sha256: '', notes: [] }
  const work = analyseDocuments([{ ...document, tables: [tableOf(name)] }])
  let step = work.next()
  while (!step.done) step = work.next()
  return step.value
}

const rolesOf = ({ columns }: Analysis) =>
  Object.fromEntries(columns.map(({ column, role }) => [column, role]))

for (const name of ['ranking.csv', 'sorted_noname.csv', 'ref_ids.csv']) {
  t.test(`${name}: no trend and no step from the order of rows`, async (t) => {
    const analysis = analyse(name)
    t.equal(analysis.tables?.[0]?.kind, 'cross-section')
    t.same(analysis.trends, [])
    t.notOk(analysis.insights.some(({ kind }) => kind === 'trend' || kind === 'change-point'))
    t.same(
      analysis.columns.filter(({ role }) => role === 'measure').map(({ column }) => column),
      [{ 'ranking.csv': 'points', 'sorted_noname.csv': 'population' }[name] ?? 'amount'],
      'names of rows are no measures',
    )
    const table = prepareTable(name, tableOf(name))
    for (const column of table.numeric) t.equal(orderedPoints(table, column).x.length, 0)
  })
}

t.test('likert.csv: answers, a two-valued code, a code and the respondents', async (t) => {
  const analysis = analyse('likert.csv')
  t.equal(analysis.tables?.[0]?.kind, 'survey')
  t.same(rolesOf(analysis), {
    resp: 'identifier',
    q1: 'ordinal',
    q2: 'ordinal',
    sex: 'binary',
    region_code: 'code',
  })
  t.notOk(analysis.insights.some(({ kind }) => kind === 'distribution'))
})

t.test('year_month.csv: year and month are one time, and a year is no day', async (t) => {
  const analysis = analyse('year_month.csv')
  t.match(analysis.tables?.[0], { kind: 'time-series', timeColumns: ['year', 'month'], granularity: 'month' })
  t.equal(analysis.tables?.[0]?.period?.gaps, 0)
  const table = prepareTable('year_month.csv', tableOf('year_month.csv'))
  const rowOf = (year: number, month: number) => (year - 1949) * 12 + month - 1
  t.equal(table.labelOf(rowOf(1956, 7)), 'July 1956')
  t.equal(table.labelOf(rowOf(1957, 8)), 'August 1957')
  t.same(
    analysis.anomalies.filter(({ label }) => /-/.test(label ?? '')),
    [],
  )
})

t.test('leak.csv: the label is the code again', async (t) => {
  const analysis = analyse('leak.csv')
  t.match(
    analysis.columns.find(({ column }) => column === 'churn_label'),
    { role: 'derived', derivedFrom: { columns: ['churn'], how: 'code' } },
  )
  t.match(rolesOf(analysis), { churn: 'binary', plan: 'binary', tenure: 'measure' })
  const table = prepareTable('leak.csv', tableOf('leak.csv'))
  t.same(
    table.categories.map(({ name }) => name),
    ['churn', 'plan'],
    'no groups by a copy',
  )
  t.ok(table.definedTogether('churn', 'churn_label'))
  t.notOk(table.definedTogether('churn', 'plan'))
})

t.test('panel.csv: two stores over 96 months, never mixed', async (t) => {
  const table = prepareTable('panel.csv', tableOf('panel.csv'))
  t.match(table.structure, {
    kind: 'panel',
    timeColumns: ['date'],
    granularity: 'month',
    entity: { column: 'store', count: 2 },
  })
  t.same(
    table.entities?.rows.map(({ length }) => length),
    [96, 96],
  )
  t.equal(orderedPoints(table, table.numeric.find(({ name }) => name === 'sales')!).x.length, 0)
  t.equal(table.labelOf(0), 'A, January 2015')
})

t.test('header_only.csv: a table without rows is empty', async (t) => {
  t.match(analyse('header_only.csv').tables?.[0], { kind: 'empty', rows: 0, columns: 3 })
})
