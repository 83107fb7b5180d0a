import t from 'tap'
import type { Trend } from '#schemas/analysis.ts'
import { observedCourses } from '../../../../services/agents/report/synthesis/observed-course.ts'
import { emptyAnalysis } from './analysis-fixtures.ts'

const place = { document: 'd.csv', table: 'd.csv', column: 'price' }
const YEARS = Array.from({ length: 10 }, (_, i) => Date.UTC(2001 + i, 0, 1))
const course = (entity: string, ys: number[]): Trend => ({
  ...place,
  entity,
  n: ys.length,
  direction: 'none',
  slope: 0,
  slopeUnit: 'day',
  intercept: 0,
  relativeChange: null,
  observed: { first: ys[0]!, last: ys.at(-1)! },
  pValue: 0.5,
  tau: 0,
  slopeInterval: { low: 0, high: 0 },
  changePoints: [],
  series: { xKind: 'time', points: ys.map((y, i) => [YEARS[i]!, y]) },
})
const analysisOf = (trends: Trend[]) => ({
  ...emptyAnalysis,
  trends,
  tables: [
    {
      document: 'd.csv',
      table: 'd.csv',
      rows: 20,
      columns: 3,
      kind: 'panel' as const,
      granularity: 'year' as const,
      timeColumns: ['year'],
      entity: { column: 'symbol', count: 2 },
      notes: [],
      losses: [],
    },
  ],
})

t.test('of a panel the entity that changed most, with its peak', async (t) => {
  const flat = course('IBM', [10, 11, 10, 9, 10, 11, 10, 9, 10, 11])
  const rising = course('AAPL', [10, 12, 9, 15, 30, 25, 50, 95, 80, 90])
  t.strictSame(observedCourses(analysisOf([flat, rising])), [
    'Price of symbol AAPL went from 10 in 2001 to 90 in 2010, the largest change among 2 symbols; its highest was 95 in 2008.',
  ])
})

t.test('nothing of few values, of many measures, or without a time', async (t) => {
  const many = ['a', 'b', 'c', 'd'].map((column) => ({
    ...course('IBM', [10, 11, 10, 9, 10, 11, 10, 9, 10, 11]),
    column,
  }))
  t.strictSame(observedCourses(analysisOf(many)), [])
  t.strictSame(observedCourses(analysisOf([course('IBM', [1, 2, 3])])), [])
  const rows = course('IBM', [10, 11, 10, 9, 10, 11, 10, 9, 10, 11])
  t.strictSame(observedCourses(analysisOf([{ ...rows, series: { ...rows.series!, xKind: 'row' } }])), [])
})
