import t from 'tap'
import { timeLabel } from '../../../../services/agents/report/structure/time-label.ts'

t.test('a time is shown as exactly as it was told, and no more', async (t) => {
  const ms = Date.UTC(1956, 6, 1)
  t.equal(timeLabel(ms, 'year'), '1956')
  t.equal(timeLabel(ms, 'quarter'), 'Q3 1956')
  t.equal(timeLabel(ms, 'month'), 'July 1956')
  t.equal(timeLabel(ms, 'day'), '1956-07-01')
  t.equal(timeLabel(ms, 'time'), '1956-07-01')
  t.equal(timeLabel(ms + 13.5 * 3_600_000, 'time'), '1956-07-01 13:30')
  t.equal(timeLabel(9e15, 'day'), undefined, 'no date')
})

t.test('weeks are those of ISO 8601', async (t) => {
  t.equal(timeLabel(Date.UTC(2021, 0, 3), 'week'), '2020-W53')
  t.equal(timeLabel(Date.UTC(2021, 0, 4), 'week'), '2021-W01')
  t.equal(timeLabel(Date.UTC(2019, 11, 30), 'week'), '2020-W01')
  t.equal(timeLabel(Date.UTC(1969, 11, 31), 'week'), '1970-W01')
})
