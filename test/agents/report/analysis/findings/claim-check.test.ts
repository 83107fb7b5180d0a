import t from 'tap'
import type { ColumnFinding, Trend } from '#schemas/analysis.ts'
import { checkClaims } from '../../../../../services/agents/report/analysis/findings/claim-check.ts'
import { textFinding } from '../../../../../services/agents/report/analysis/findings/document-findings.ts'
import { numberColumn, trendOf } from '../../synthesis/analysis-fixtures.ts'
import { textDocument } from '../sample-documents.ts'

const place = (column: string) => ({ document: 'd.csv', table: 'd.csv', column })
/** Mean 30, median 30, total 150, 10 to 50. */
const revenue = numberColumn(
  place('net_revenue'),
  [10, 20, 30, 40, 50].map((y, i) => [i + 1, y]),
)

function check(text: string, columns: ColumnFinding[] = [revenue], trends: Trend[] = [trendOf(revenue)]) {
  return checkClaims([textFinding(textDocument('n.md', text))!], columns, trends).map(
    ({ measure, verdict, stated, computed }) => [measure, verdict, stated, computed],
  )
}

t.test('a figure matches as far as its digits go', async (t) => {
  t.strictSame(check('The average net revenue was 30.'), [['mean', 'matches', 30, 30]])
  t.strictSame(check('The net revenue totalled 150 in all.'), [['total', 'matches', 150, 150]])
  t.strictSame(check('The highest net revenue was 80.'), [['maximum', 'contradicts', 80, 50]])
  t.strictSame(check('The average net revenue was 31.'), [], 'rounded loosely, not wrong')
})

t.test('the direction is held against a trend that is certain', async (t) => {
  t.strictSame(check('Net revenue fell steadily.'), [['direction', 'contradicts', 'falling', 'rising']])
  t.strictSame(check('Net revenue rose steadily.'), [['direction', 'matches', 'rising', 'rising']])
  t.strictSame(check('Net revenue rose and fell.'), [], 'both')
  t.strictSame(check('Net revenue fell.', [revenue], [trendOf(revenue, { pValue: 0.04 })]), [])
  t.strictSame(check('Net revenue fell.', [revenue], []), [], 'no trend is known')
})

t.test('nothing is said where there is doubt', async (t) => {
  const doubtful = [
    'The average net revenue was not 99.',
    'The average net revenue is expected to be 99.',
    'The average net revenue in March was 99.',
    'The average net revenue was 99 and the median 30.',
    'The average net revenue was up 99 %.',
    'The average was 99.',
    'The net revenue was 99.',
  ]
  for (const text of doubtful) t.strictSame(check(text), [], text)
})

t.test('the longest of names that contain each other is meant; two columns are none', async (t) => {
  const short = numberColumn(place('revenue'), [
    [1, 1],
    [2, 2],
  ])
  const other = numberColumn(place('cost'), [
    [1, 1],
    [2, 2],
  ])
  const claim = 'The average net revenue was 30.'
  t.strictSame(check(claim, [short, revenue]), [['mean', 'matches', 30, 30]])
  t.strictSame(check('The average net revenue and cost was 30.', [revenue, other]), [])
})

t.test('of a panel nothing is contradicted: each entity may be meant, or their sum', async (t) => {
  const time = { ...place('month'), kind: 'temporal', role: 'time' as const }
  const panel = { ...revenue, series: undefined }
  t.strictSame(check('The average net revenue was 60.', [panel, time]), [])
  t.strictSame(check('The average net revenue was 30.', [panel, time]), [['mean', 'matches', 30, 30]])
  t.strictSame(check('The average net revenue was 60.', [revenue], [trendOf(revenue, { entity: 'A' })]), [])
})
