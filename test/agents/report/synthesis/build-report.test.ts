import t from 'tap'
import { reportExample, reportSchema } from '#schemas/report.ts'
import { buildReport } from '../../../../services/agents/report/synthesis/build-report.ts'
import {
  blobRef,
  correlationOf,
  documentEntry,
  emptyAnalysis,
  insight,
  numberColumn,
  trendOf,
} from './analysis-fixtures.ts'
import { climateAnalysis } from './climate-analysis.ts'

const NOW = 1_790_000_000_000
const climate = () => buildReport({ title: 'Climate', analysis: climateAnalysis(), nowMs: NOW })

t.test('the example and a built report fit the schema', async (t) => {
  t.same(reportSchema.parse(reportExample), reportExample)
  const report = climate()
  t.same(reportSchema.parse(report), report)
})

t.test('the same analysis gives the same report, and is not changed', async (t) => {
  const analysis = climateAnalysis()
  const before = JSON.stringify(analysis)
  t.equal(
    JSON.stringify(buildReport({ analysis, nowMs: NOW })),
    JSON.stringify(buildReport({ analysis, nowMs: NOW })),
  )
  t.equal(JSON.stringify(analysis), before)
})

t.test('the headline is the strongest finding in plain words', async (t) => {
  const { headline, findings } = climate()
  t.match(
    headline.text,
    /^CO2 rose from 316\.0\sppm in 1959 to 421\.1\sppm in 2023, by about 1\.\d+\sppm a year\.( Mind|$)/,
  )
  t.same(headline.insightIds, ['i1'])
  t.same(
    findings.map(({ rank }) => rank),
    [1, 2, 3, 4, 5, 6, 7, 8],
  )
})

t.test('every claim of the summary refers to insights that exist', async (t) => {
  const report = climate()
  const ids = new Set(report.findings.map(({ id }) => id))
  for (const { insightIds } of report.summary) for (const id of insightIds) t.ok(ids.has(id), id)
  t.ok(report.summary.length >= 4)
})

t.test('wording follows strength', async (t) => {
  const column = numberColumn({ document: 'd', table: 'd', column: 'sales' }, [
    [1, 1],
    [2, 2],
    [3, 3],
    [4, 4],
  ])
  const worded = (strength: number) => {
    const provenance = [{ document: 'd', table: 'd', column: 'sales', method: 'Theil–Sen slope' }]
    const report = buildReport({
      analysis: {
        ...emptyAnalysis,
        columns: [column],
        trends: [trendOf(column)],
        insights: [insight('i1', 'trend', { strength, provenance })],
      },
      nowMs: NOW,
    })
    return [report.findings[0]!.plain, report.recommendations.map(({ rule }) => rule)] as const
  }
  t.match(worded(0.9)[0], /^Sales rose from/)
  t.match(worded(0.6)[0], /appears to have risen/)
  t.match(worded(0.2)[0], /may have risen/)
})

t.test('every recommendation names its rule and rests on evidence', async (t) => {
  const { recommendations } = climate()
  t.ok(recommendations.length >= 4)
  for (const { rule, evidence, text } of recommendations) {
    t.ok(rule.length > 0 && evidence.length > 0 && text.length > 0)
    for (const { insightId, provenance } of evidence) t.ok(insightId !== undefined || provenance.length > 0)
  }
  t.equal(recommendations[0]!.rule, 'mend-document')
})

t.test('a rule that fires many times on one target is said once', async (t) => {
  const analysis = {
    ...emptyAnalysis,
    documents: ['a', 'b', 'c'].map((name) =>
      documentEntry(name, { kind: 'rejected', problem: { code: 'BROKEN_FILE', message: 'cut off' } }),
    ),
  }
  const { recommendations } = buildReport({ analysis, nowMs: NOW })
  t.equal(recommendations.length, 1)
  t.match(recommendations[0], { text: /3 documents/, evidence: { length: 3 } })
})

t.test('the trend line goes through the data', async (t) => {
  const line = climate().trends.find(({ column }) => column.startsWith('CO2'))!.line!
  t.ok(Math.abs(line.fitted[0]![1] - 310) < 12)
  t.ok(Math.abs(line.fitted[1]![1] - 415) < 12)
  t.ok(line.high[1]![1] > line.fitted[1]![1] && line.low[1]![1] < line.fitted[1]![1])
})

t.test('a correlation is found whichever way round it is named', async (t) => {
  const place = { document: 'd', table: 'd' }
  const provenance = ['b', 'a'].map((column) => ({ ...place, column, method: 'Spearman' }))
  const { headline } = buildReport({
    analysis: {
      ...emptyAnalysis,
      correlations: [correlationOf(place, 'a', 'b', -0.9)],
      insights: [insight('i1', 'correlation', { provenance })],
    },
    nowMs: NOW,
  })
  t.equal(headline.text, 'a is lower where b is higher (Spearman −0.90 over 65 rows).')
})

t.test('at most a dozen charts, and what is left out is counted', async (t) => {
  const columns = Array.from({ length: 200 }, (_, index) =>
    numberColumn(
      { document: 'wide.csv', table: 'wide.csv', column: `c${index}` },
      Array.from({ length: 20 }, (_, day) => [Date.UTC(2024, 0, 1 + day), (day * 7 + index) % 17]),
      { xKind: 'time' },
    ),
  )
  const provenance = [{ document: 'wide.csv', table: 'wide.csv', column: 'c150', method: 'counting' }]
  const report = buildReport({
    analysis: { ...emptyAnalysis, columns, insights: [insight('i1', 'distribution', { provenance })] },
    nowMs: NOW,
  })
  t.equal(report.charts.length, 12)
  t.equal(report.charts[0]!.column, 'c150')
  t.equal(report.chartsLeftOut, 188)
  t.equal(report.columns.length, 200)
})

t.test('a line is drawn along time or along a sequence, never along rows in no order', async (t) => {
  const place = { document: 'd.csv', table: 'd.csv' }
  const columns = [
    numberColumn({ ...place, column: 'points' }, [
      [1, 9],
      [2, 7],
      [3, 5],
    ]),
  ]
  const table = (kind: 'time-series' | 'cross-section') => ({
    ...place,
    rows: 3,
    columns: 1,
    kind,
    timeColumns: [],
    notes: [],
    losses: [],
  })
  const built = (tables?: ReturnType<typeof table>[]) =>
    buildReport({ analysis: { ...emptyAnalysis, columns, ...(tables && { tables }) }, nowMs: NOW })
  t.equal(built().charts.length, 0)
  t.equal(built([table('cross-section')]).charts.length, 0)
  t.equal(built([table('cross-section')]).columns[0]!.spark, undefined)
  t.equal(built([table('time-series')]).charts.length, 1)
})

t.test('there is something to say about nothing', async (t) => {
  const headline = (analysis: Partial<typeof emptyAnalysis>) =>
    buildReport({ analysis: { ...emptyAnalysis, ...analysis }, nowMs: NOW }).headline.text
  const broken = documentEntry('x', { problem: { code: 'BROKEN_FILE', message: 'cut off' } })
  t.equal(headline({}), 'There was nothing to read.')
  t.equal(headline({ documents: [broken] }), 'The only source could not be read.')
  t.equal(headline({ documents: [broken, broken] }), 'None of the 2 sources could be read.')
  t.equal(headline({ documents: [documentEntry('x')] }), 'x: there are no figures to test.')
})

t.test('sources, texts and images are carried over with their hashes', async (t) => {
  const report = buildReport({ analysis: climateAnalysis(blobRef('b')), nowMs: NOW })
  t.equal(report.sources.length, 5)
  t.match(report.sources[0]!.sha256, /^[0-9a-f]{64}$/)
  t.ok(report.texts[0]!.insightIds.includes('i5'), 'the difference is told with the text')
  t.equal(report.images[1]!.nearDuplicateOf, 'warming-stripes.png')
  t.equal(report.dataQuality.missing[0]!.missing, 24)
})
