import t from 'tap'
import type { Analysis, TableStructure } from '#schemas/analysis.ts'
import { indexAnalysis } from '../../../../../services/agents/report/synthesis/analysis-index.ts'
import { plainSentence } from '../../../../../services/agents/report/synthesis/sentences/plain-sentence.ts'
import { anomalyAt, emptyAnalysis, insight, numberColumn, trendOf } from '../analysis-fixtures.ts'

const table = { document: 'd.csv', table: 'd.csv' }
const plain = (text: string) => text.replaceAll('\u00a0', ' ')

/** Monthly from January 2015, a value a month. */
const monthly = (name: string, value: (month: number) => number, count = 96) =>
  numberColumn(
    { ...table, column: name },
    Array.from({ length: count }, (_, month) => [Date.UTC(2015, month, 1), value(month)]),
    { xKind: 'time' },
  )
const structure = (about: Partial<TableStructure> = {}): TableStructure => ({
  ...table,
  rows: 96,
  columns: 2,
  kind: 'time-series',
  timeColumns: ['month'],
  granularity: 'month',
  notes: [],
  losses: [],
  ...about,
})
const say = (analysis: Partial<Analysis>, ...told: Parameters<typeof insight>) =>
  plain(plainSentence(insight(...told), indexAnalysis({ ...emptyAnalysis, ...analysis })))
const about = (column: string, rows?: number[]) => ({
  provenance: [{ ...table, column, method: 'm', ...(rows && { rows }) }],
})

t.test('a trend is told by its observed ends and a pace in steps of its axis', async (t) => {
  const sales = monthly('sales (EUR)', (month) => 100 + 2 * month)
  const analysis = { columns: [sales], trends: [trendOf(sales)], tables: [structure()] }
  t.equal(
    say(analysis, 'i1', 'trend', about(sales.column)),
    'Sales rose from 100 EUR in Jan 2015 to 290 EUR in Dec 2022, by about 2.00 EUR a month.',
  )
  t.match(say(analysis, 'i1', 'trend', { ...about(sales.column), strength: 0.3 }), /^Sales may have risen/)
  const observed = { ...trendOf(sales), observed: { first: 104, last: 286 } }
  t.match(
    say({ ...analysis, trends: [observed] }, 'i1', 'trend', about(sales.column)),
    /from about 104 EUR in Jan 2015 to about 286 EUR/,
  )
})

t.test('a percentage moves by percentage points', async (t) => {
  const share = { ...monthly('share', (month) => 10 + month / 10), unit: '%' }
  t.match(
    say({ columns: [share], trends: [trendOf(share)], tables: [structure()] }, 'i1', 'trend', about('share')),
    'Share rose from 10.00 % in Jan 2015 to 19.50 % in Dec 2022, by about 0.100 percentage points a month.',
  )
})

t.test('a year is a year, and growth by a factor is told in per cent', async (t) => {
  const column = numberColumn(
    { ...table, column: 'people' },
    Array.from({ length: 40 }, (_, year) => [Date.UTC(1980 + year, 0, 1), 1000 * 1.03 ** year]),
    { xKind: 'time' },
  )
  const trends = [
    trendOf(column, { model: 'exponential', observed: { first: 1000, last: 1000 * 1.03 ** 39 } }),
  ]
  const tables = [structure({ granularity: 'year' })]
  t.equal(
    say({ columns: [column], trends, tables }, 'i1', 'trend', about('people')),
    'People rose from 1000 in 1980 to 3167 in 2019, by about 3 % a year.',
  )
})

t.test('where the observed ends go the other way than the trend, only the pace is told', async (t) => {
  const column = monthly('visits', (month) => (month === 0 ? 900 : 100 + month))
  const trends = [trendOf(column, { direction: 'rising', slope: 0.1, observed: { first: 900, last: 195 } })]
  t.equal(
    say({ columns: [column], trends, tables: [structure()] }, 'i1', 'trend', about('visits')),
    'Visits rose, by about 3.04 a month over 96 values.',
  )
})

t.test('entities of a panel that go apart are told together', async (t) => {
  const column = monthly('sales', (month) => month)
  const entity = (name: string, slope: number) =>
    trendOf(column, {
      entity: name,
      direction: slope > 0 ? 'rising' : 'falling',
      slope: slope / 30.4375,
      series: column.series,
    })
  const tables = [structure({ kind: 'panel', entity: { column: 'store', count: 2 } })]
  const analysis = { columns: [column], trends: [entity('A', 2), entity('B', -2)], tables }
  t.equal(
    say(analysis, 'i1', 'trend', about('sales')),
    'Sales: store A rose by about 2 a month, while store B fell by about 2 a month.',
  )
  t.match(
    say(analysis, 'i1', 'trend', { ...about('sales'), evidence: { entity: 'B' } }),
    /^Sales of store B fell/,
  )
})

t.test('steps of level and of spread', async (t) => {
  const v = monthly('v', (month) => month % 7)
  const change = { row: 50, label: '2019-02', before: 1, after: 8, pValue: 1e-6 }
  const trends = (of: 'level' | 'spread') => [trendOf(v, { changePoints: [{ ...change, of }] })]
  const tables = [structure()]
  t.equal(
    say({ columns: [v], tables, trends: trends('level') }, 'i1', 'change-point', about('v', [50])),
    'The level of v shifted in Feb 2019, from about 1 to about 8.',
  )
  t.equal(
    say({ columns: [v], tables, trends: trends('spread') }, 'i1', 'change-point', about('v', [50])),
    'From Feb 2019 on v scatters about 8 times as widely: its spread (standard deviation) is 1 before and 8 after.',
  )
})

t.test('anomalies: the place as the axis is written, no impossible bound', async (t) => {
  const column = monthly('visits', (month) => month)
  const one = { ...anomalyAt(column, 19, 940, '2016-07'), expected: { low: -20, high: 330 } }
  const tables = [structure()]
  t.equal(
    say({ columns: [column], tables, anomalies: [one] }, 'i1', 'anomaly', about('visits', [19])),
    'Visits stands out at Jul 2016: 940, where up to 330 would be ordinary.',
  )
  const two = anomalyAt(column, 20, 900, '2016-08')
  t.equal(
    say({ columns: [column], tables, anomalies: [one, two] }, 'i1', 'anomaly', about('visits', [19, 20])),
    'Visits stands out at Jul 2016 (940) and Aug 2016 (900).',
  )
})

t.test('seasons, differences and associations', async (t) => {
  const visits = monthly('visits', (month) => 800 + 10 * month)
  const season = {
    ...table,
    column: 'visits',
    period: 12,
    cycle: 'month of the year',
    amplitude: 597,
    profile: [
      { phase: 'Apr', effect: 310 },
      { phase: 'Sep', effect: -287 },
      { phase: 'Jan', effect: -23 },
    ],
    strength: 0.84,
    pValue: 1e-9,
  }
  t.equal(
    say({ columns: [visits], seasonalities: [season] }, 'i1', 'seasonality', about('visits')),
    'A pattern by month of the year runs through visits: Apr is highest (310 above the mean), Sep lowest (287 below it); it explains 84 % of the variance that the trend leaves.',
  )
  const pair = (a: string, b: string) => ({
    provenance: [a, b].map((column) => ({ ...table, column, method: 'm' })),
  })
  const association = {
    ...table,
    outcome: 'churn',
    by: 'plan',
    method: 'chi-squared test',
    pValue: 1e-16,
    cramersV: 0.42,
    outcomeValue: '1',
    groups: [
      { name: 'basic', count: 125, share: 0.48 },
      { name: 'pro', count: 175, share: 0.1 },
    ],
  }
  t.equal(
    say({ associations: [association] }, 'i1', 'association', pair('churn', 'plan')),
    'Churn is 1 in 48 % of the 125 rows with plan basic, but in 10 % of the 175 with plan pro.',
  )
  const difference = {
    ...table,
    category: 'day',
    measure: 'visits',
    method: 'Kruskal–Wallis test',
    pValue: 1e-9,
    etaSquared: 0.2,
    groups: [
      { name: 'Sun', count: 76, median: 1400 },
      { name: 'Fri', count: 19, median: 900 },
    ],
  }
  t.equal(
    say({ columns: [visits], differences: [difference] }, 'i1', 'difference', pair('visits', 'day')),
    'Visits differs by day: the median is 1400 for Sun (76 rows) and 900 for Fri (19 rows).',
  )
})

t.test('a reversal within a third column is told by its own statement', async (t) => {
  t.equal(say({}, 'i1', 'association', { evidence: { reversedWithin: 'dept' } }), 'Statement of i1.')
})

t.test('where the data behind it are missing, the statement stands', async (t) => {
  for (const kind of ['trend', 'change-point', 'anomaly', 'correlation', 'quality', 'seasonality'] as const) {
    t.equal(say({}, 'i1', kind), 'Statement of i1.', kind)
  }
})
