import t from 'tap'
import { LiveStats } from '../../../services/cli/monitor/live-stats.ts'
import { renderLive, renderLiveLine } from '../../../services/cli/monitor/render-live.ts'
import { noPaint } from '../../../services/cli/output/paint.ts'
import { colours } from '../colours.ts'
import { alertOf, stateOf, tracksOf } from '../monitor-fixtures.ts'

t.test('the live block, plain and in colour', async (t) => {
  const stats = new LiveStats('yard', 0)
  t.strictSame(renderLive(stats.view(0), noPaint), [
    '○ yard  waiting  0 ms',
    '  0.0 fps   0 analysed, 0 dropped',
    '  0 persons   0 vehicles   alerts none',
  ])
  for (let i = 1; i <= 100; i++)
    stats.addTracks(tracksOf('m', { seq: i < 50 ? i : i + 3, frames: i }), i * 100)
  stats.addState(stateOf('m'))
  for (const severity of ['low', 'critical', 'low'] as const) stats.addAlert(alertOf('m', { severity }))
  const view = stats.view(10_000)
  t.strictSame(renderLive(view, noPaint), [
    '● yard  live  10.0 s',
    '  10.0 fps   latency 20 ms (p95 20 ms)   100 analysed, 3 dropped',
    '  2 persons   1 vehicle   alerts 1 critical  2 low',
  ])
  t.strictSame(renderLive(view, colours), [
    '\u001b[32m●\u001b[39m \u001b[1myard\u001b[22m  \u001b[32mlive\u001b[39m  \u001b[2m10.0 s\u001b[22m',
    '  10.0 fps   latency 20 ms (p95 20 ms)   100 analysed, 3 dropped',
    '  \u001b[1m2 persons\u001b[22m   \u001b[1m1 vehicle\u001b[22m   alerts \u001b[31m1 critical\u001b[39m  \u001b[2m2 low\u001b[22m',
  ])
  t.equal(
    renderLiveLine(view, noPaint),
    '    10.0 s  yard live · 10.0 fps · latency 20 ms (p95 20 ms) · 100 analysed, 3 dropped · 2 persons, 1 vehicle · alerts 1 critical  2 low',
  )
  stats.addState(stateOf('m', { status: 'offline', reason: 'no\u001b[2J route' }))
  t.equal(renderLive(stats.view(10_000), noPaint)[0], '● yard  offline  10.0 s  no route')
  stats.setNote('summing up')
  t.equal(renderLive(stats.view(10_000), noPaint)[0], '● yard  offline  10.0 s  summing up')
})
