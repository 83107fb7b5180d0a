import t from 'tap'
import { dropsBetween, LiveStats } from '../../../services/cli/monitor/live-stats.ts'
import { alertOf, stateOf, tracksOf } from '../monitor-fixtures.ts'

t.test('rates and latencies are those of the last seconds', async (t) => {
  const stats = new LiveStats('yard', 0)
  t.match(stats.view(0), { status: 'waiting', fps: 0, latency: undefined, analysed: 0, dropped: 0 })
  for (let i = 1; i <= 100; i++)
    stats.addTracks(tracksOf('m', { seq: i, latencyMs: i < 51 ? 900 : i === 100 ? 90 : 20 }), i * 100)
  stats.addState(stateOf('m'))
  stats.addAlert(alertOf('m'))
  const view = stats.view(10_000)
  t.match(view, {
    status: 'live',
    fps: 10,
    latency: { lastMs: 90, p95Ms: 20 },
    analysed: 100,
    elapsedMs: 10_000,
    persons: 2,
    alerts: { critical: 1, high: 0, medium: 0, low: 0 },
  })
  t.match(stats.view(60_000), { fps: 0, latency: undefined, analysed: 100 }, 'nothing came for a while')
})

t.test('the first second of a camera is no rate of thousands', async (t) => {
  const stats = new LiveStats('yard', 0)
  for (let i = 1; i <= 5; i++) stats.addTracks(tracksOf('m', { seq: i }), i)
  t.equal(stats.view(6).fps, 5)
})

t.test('drops are what was decoded and never analysed, not what did not get here', async (t) => {
  const at = (seq: number, frames: number, epoch = 1) => tracksOf('m', { seq, frames, epoch })
  t.equal(dropsBetween(undefined, at(1, 1)), 0)
  t.equal(dropsBetween(undefined, at(5, 2)), 3, 'before the first')
  t.equal(dropsBetween(at(1, 1), at(4, 2)), 2)
  t.equal(dropsBetween(at(1, 1), at(9, 9)), 0, 'messages in between were lost on the way here')
  t.equal(dropsBetween(at(50, 40), at(3, 41, 2)), 2, 'numbers begin anew with a new capture')
  t.equal(dropsBetween(at(50, 40), at(60, 5)), 0, 'a tracker that forgot what it had counted')
})
