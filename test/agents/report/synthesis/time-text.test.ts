import t from 'tap'
import {
  anyLabelTimeMs,
  axisUnit,
  clockText,
  labelTimeMs,
  timeText,
  timeUnitOf,
  whereText,
} from '../../../../services/agents/report/synthesis/time-text.ts'

t.test('times are as fine as their spacing', async (t) => {
  const day = 86_400_000
  t.equal(timeUnitOf([0, 365 * day, 730 * day]), 'year')
  t.equal(timeUnitOf([0, 31 * day, 59 * day]), 'month')
  t.equal(timeUnitOf([0, day]), 'day')
  t.equal(timeUnitOf([0, 60_000]), 'minute')
  t.equal(timeUnitOf([]), 'day')
  t.equal(timeText(Date.UTC(2019, 2, 3), 'month'), 'Mar 2019')
  t.equal(clockText(3725), '1:02:05')
  t.equal(clockText(65), '1:05')
})

t.test('a time is shown as its axis is written, a year never as a day', async (t) => {
  const april = Date.UTC(2019, 3, 29)
  t.equal(timeText(april, axisUnit('year', [])), '2019')
  t.equal(timeText(april, axisUnit('quarter', [])), 'Q2 2019')
  t.equal(timeText(april, axisUnit('month', [])), 'Apr 2019')
  t.equal(timeText(april, axisUnit('week', [])), 'week of 29 Apr 2019')
  t.equal(axisUnit('time', [0, 86_400_000]), 'day', 'times are told apart by their spacing')
  t.equal(whereText({ row: 3, label: '1956-01-01' }, undefined, 'year'), '1956')
  t.equal(whereText({ row: 3, label: 'July 1956' }, undefined, 'month'), 'July 1956')
  t.equal(whereText({ row: 3 }, undefined, 'month'), 'row 3')
})

t.test('labels of the analysis are found again on the axis', async (t) => {
  t.equal(labelTimeMs('1956'), Date.UTC(1956, 0, 1))
  t.equal(labelTimeMs('1956-07'), Date.UTC(1956, 6, 1))
  t.equal(labelTimeMs('Oslo'), undefined)
  t.equal(anyLabelTimeMs('July 1956'), Date.UTC(1956, 6, 1))
  t.equal(anyLabelTimeMs('Q3 1956'), Date.UTC(1956, 6, 1))
  t.equal(anyLabelTimeMs('2021-W04'), Date.UTC(2021, 0, 25))
  t.equal(anyLabelTimeMs('Smarch 1956'), undefined)
})
