import t from 'tap'
import {
  courseTable,
  wholeCategory,
  wholeColumn,
  wholeSummary,
} from '../../../../../services/agents/report/analysis/findings/whole-columns.ts'
import { numericSummary } from '../../../../../services/agents/report/analysis/statistics/numeric-summary.ts'
import { prepareTable } from '../../../../../services/agents/report/structure/prepared-table.ts'
import { column } from '../sample-documents.ts'

const DAY_MS = 86_400_000
const sample = { name: 'a', rows: 3, columns: [column('x', 'number', [5, 7, 6.5])], notes: [] }
const numeric = {
  count: 90,
  mean: 6,
  stdDev: 2,
  min: 0,
  q1: 5,
  median: 6,
  q3: 7,
  max: 99,
  skewness: 1,
  kurtosis: 2,
  histogram: [],
  lowest: [{ row: 3, value: 0 }],
  highest: [{ row: 70, value: 99 }],
}
const whole = { rows: 100, sampled: [1, 40, 90], columns: [{ missing: 10, numeric }], copies: 0, rules: [] }

t.test('what all rows say of a column, where there are more than the sample', async (t) => {
  t.equal(wholeColumn(prepareTable('a', { ...sample, whole }), 0)?.missing, 10)
  t.equal(wholeColumn(prepareTable('a', sample), 0), undefined)
})

t.test('figures are of all rows, shape and deviation of the sample', async (t) => {
  const own = numericSummary(Float64Array.of(5, 7, 6.5), 0)
  const { lowest: _, highest: __, ...figures } = numeric
  const { distribution, mad } = own
  t.same(wholeSummary(own, whole.columns[0]!), {
    ...figures,
    missing: 10,
    autocorrelation: null,
    distribution,
    mad,
  })
  t.equal(wholeSummary(own, { missing: 10 }), own, 'all rows say nothing of it')
})

t.test('groups are counted over all rows', async (t) => {
  const own = { count: 3, missing: 0, distinct: 2, top: [{ value: 'p', count: 3, share: 1 }], evenness: 0.5 }
  const top = [
    { value: 'p', count: 60 },
    { value: 'q', count: 20 },
  ]
  t.same(wholeCategory(own, { missing: 20, distinct: 3, top }, 100), {
    count: 80,
    missing: 20,
    distinct: 2,
    top: [
      { value: 'p', count: 60, share: 0.75 },
      { value: 'q', count: 20, share: 0.25 },
    ],
    evenness: 0.5,
  })
  t.equal(wholeCategory(own, { missing: 0, distinct: 31, top }, 100).distinct, 31, 'some are not listed')
  const many = Array.from({ length: 50 }, (_, i) => ({ value: `w${i}`, count: 2 }))
  t.equal(wholeCategory(own, { missing: 0, distinct: 50, top: many }, 100).top.length, 10)
  t.equal(wholeCategory(own, { missing: 100, distinct: 0, top: [] }, 100), own)
})

t.test('courses are read from the means by period', async (t) => {
  const table = prepareTable('a', sample)
  t.equal(courseTable(table), table)
  const days = [0, 1, 2, 3].map((day) => day * DAY_MS)
  const periods = {
    granularity: 'day' as const,
    rows: 4,
    columns: [column('day', 'temporal', days), column('x', 'number', [1, 2, 3, 4])],
  }
  const course = courseTable(prepareTable('a', { ...sample, whole: { ...whole, periods } }))
  t.match(course, { document: 'a', name: 'a', rows: 4 })
  t.match(
    course.numeric.map(({ name }) => name),
    ['day', 'x'],
  )
})
