import fc from 'fast-check'
import t from 'tap'
import { ServiceLevelWindow } from '../../../services/edge/gateway/service-levels.ts'

t.test('counts, rates and percentiles of what happened', async (t) => {
  const window = new ServiceLevelWindow(0)
  for (let i = 1; i <= 100; i++) {
    window.record('accepted', i * 100)
    window.record('completed', i * 100, i)
  }
  window.record('failed', 10_000)
  window.record('cancelled', 10_000)
  window.record('progress', 10_000)
  const levels = window.read(20_000)
  t.match(levels, {
    windowS: 20,
    accepted: 100,
    completed: 100,
    failed: 1,
    cancelled: 1,
    acceptedPerSecond: 5,
    endedPerSecond: 5.1,
  })
  t.equal(levels.errorRate, 1 / 101)
  t.ok(Math.abs(levels.latencyMs!.p50 / 50 - 1) < 0.06, `p50 ${levels.latencyMs!.p50}`)
  t.ok(Math.abs(levels.latencyMs!.p95 / 95 - 1) < 0.06, `p95 ${levels.latencyMs!.p95}`)
})

t.test('what is older than the window is forgotten, and nothing is no error', async (t) => {
  const window = new ServiceLevelWindow(1000)
  window.record('failed', 1000)
  t.equal(window.read(5000).errorRate, 1)
  t.match(window.read(400_000), { failed: 0, errorRate: 0, windowS: 300, latencyMs: undefined })
})

t.test('any latency is read off within 6 %', async () => {
  fc.assert(
    fc.property(fc.double({ min: 1, max: 1e6, noNaN: true }), (latencyMs) => {
      const window = new ServiceLevelWindow(0)
      window.record('completed', 1, latencyMs)
      return Math.abs(window.read(1000).latencyMs!.p50 / latencyMs - 1) < 0.06
    }),
  )
})
