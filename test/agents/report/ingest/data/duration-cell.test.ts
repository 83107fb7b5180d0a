import t from 'tap'
import {
  durationSeconds,
  durationStyleOf,
} from '../../../../../services/agents/report/ingest/data/duration-cell.ts'

t.test('seconds of durations', async (t) => {
  t.equal(durationSeconds('1:23:45', 'clock'), 5025)
  t.equal(durationSeconds('36:00:00', 'clock'), 129_600)
  t.equal(durationSeconds('4:05.5', 'short'), 245.5)
  t.equal(durationSeconds('1h 20m', 'spelt'), 4800)
  t.equal(durationSeconds('2 days 3 h', 'spelt'), 183_600)
  t.equal(durationSeconds('PT1H5M', 'spelt'), 3900)
  t.equal(durationSeconds('P1DT2H', 'spelt'), 93_600)
  t.equal(durationSeconds('1:75:00', 'clock'), undefined)
  t.equal(durationSeconds('soon', 'spelt'), undefined)
})

t.test('a time of day is no duration', async (t) => {
  t.equal(durationStyleOf('start', ['08:30:00', '09:15:00']), undefined)
  t.equal(durationStyleOf('time', ['08:30', '09:15']), undefined)
  t.equal(durationStyleOf('start', ['08:30:00', '36:15:00']), 'clock', 'no day has 36 hours')
  t.equal(durationStyleOf('lap_time', ['1:30', '2:15']), 'short')
  t.equal(durationStyleOf('x', ['1h 5m', '45m']), 'spelt')
  t.equal(durationStyleOf('x', ['5 min', '6 min']), undefined, 'numbers with one unit are read as such')
})
