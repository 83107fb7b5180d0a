import t from 'tap'
import { trendLine } from '../../../../services/agents/report/synthesis/trend-line.ts'
import { numberColumn, trendOf } from './analysis-fixtures.ts'

const DAY_MS = 86_400_000
const place = { document: 'd', table: 'd', column: 'x' }

t.test('the line goes through the median, its interval turns about the middle', async (t) => {
  const column = numberColumn(place, [
    [1, 10],
    [2, 12],
    [3, 14],
  ])
  const trend = trendOf(column, { slope: 2, slopeInterval: { low: 1, high: 4 } })
  t.strictSame(trendLine(trend, column.series), {
    fitted: [
      [1, 10],
      [3, 14],
    ],
    low: [
      [1, 11],
      [3, 13],
    ],
    high: [
      [1, 8],
      [3, 16],
    ],
  })
})

t.test('a slope a day is drawn over milliseconds', async (t) => {
  const column = numberColumn(
    place,
    [
      [0, 5],
      [2 * DAY_MS, 9],
    ],
    { xKind: 'time' },
  )
  t.strictSame(trendLine(trendOf(column, { slope: 2 }), column.series)?.fitted, [
    [0, 5],
    [2 * DAY_MS, 9],
  ])
})

t.test('no line without two points, with other units, or beyond the doubles', async (t) => {
  const column = numberColumn(place, [
    [1, 1],
    [2, 2],
  ])
  const trend = trendOf(column)
  t.equal(trendLine(trend, undefined), null)
  t.equal(trendLine(trend, { xKind: 'row', points: [[1, 1]] }), null)
  t.equal(trendLine({ ...trend, slopeUnit: 'day' }, column.series), null)
  t.equal(
    trendLine(
      { ...trend, slope: Number.MAX_VALUE },
      {
        xKind: 'row',
        points: [
          [0, 1],
          [8, 2],
        ],
      },
    ),
    null,
  )
})
