import t from 'tap'
import { indexAnalysis } from '../../../../services/agents/report/synthesis/analysis-index.ts'
import {
  confidenceOf,
  plainAnomaly,
  plainCorrelation,
  plainSentence,
  plainTrend,
  rangeOf,
  worded,
} from '../../../../services/agents/report/synthesis/plain-sentence.ts'
import {
  anomalyAt,
  correlationOf,
  emptyAnalysis,
  insight,
  numberColumn,
  trendOf,
} from './analysis-fixtures.ts'

const place = { document: 'd', table: 'd', column: 'sales (EUR)' }
const column = numberColumn(place, [
  [1, 10],
  [2, 20],
  [3, 30],
])
const plain = (text: string) => text.replaceAll('\u00a0', ' ')

t.test('confidence: strong from 0.8, moderate from 0.5', async (t) => {
  t.strictSame([1, 0.8, 0.79, 0.5, 0.49, 0].map(confidenceOf), [
    'strong',
    'strong',
    'moderate',
    'moderate',
    'weak',
    'weak',
  ])
  t.equal(worded('weak', { strong: 'is', moderate: 'seems', weak: 'may be' }), 'may be')
})

t.test('a trend goes from its first value to its last, as firmly as it is sure', async (t) => {
  const trend = trendOf(column)
  t.equal(
    plain(plainTrend(trend, column, 'strong')),
    'Sales rose from about 10 EUR in row 1 to about 30 EUR in row 3.',
  )
  t.match(plainTrend({ ...trend, direction: 'falling' }, column, 'weak'), /^Sales may have fallen from/)
  t.equal(plainTrend({ ...trend, direction: 'none' }, column, 'weak'), 'Sales shows no trend over 3 values.')
  t.equal(
    plainTrend({ ...trend, relativeChange: 2 }, undefined, 'strong'),
    'Sales rose by 200 % over 3 values.',
  )
})

t.test('an anomaly names its place, its value and what would be ordinary', async (t) => {
  const anomaly = { ...anomalyAt(column, 2, 99, 'Oslo'), expected: { low: 5, high: 35 } }
  t.equal(
    plain(plainAnomaly(anomaly, column)),
    'Sales stands out at Oslo: 99 EUR, where 5 EUR to 35 EUR would be ordinary.',
  )
})

t.test('a correlation is close, plain or loose', async (t) => {
  const text = (spearman: number) => plainCorrelation(correlationOf(place, 'heat', 'pH', spearman))
  t.equal(text(0.9), 'Heat and pH rise and fall closely together (Spearman +0.90 over 65 rows).')
  t.match(text(-0.6), /^Heat and pH move in opposite directions/)
  t.match(text(0.3), /loosely together/)
})

t.test('where the data behind it are missing, the statement stands', async (t) => {
  const empty = indexAnalysis(emptyAnalysis)
  for (const kind of ['trend', 'change-point', 'anomaly', 'correlation', 'quality'] as const) {
    t.equal(plainSentence(insight('i1', kind), empty), 'Statement of i1.', kind)
  }
})

t.test('the range is that of the values', async (t) => {
  t.equal(rangeOf(column), 20)
  t.equal(rangeOf({}), undefined)
})
