import fc from 'fast-check'
import t from 'tap'
import { CallWindow } from '../../../services/orchestrator/dispatch/call-window.ts'

t.test('calls count until they are too old, or too many came after them', async (t) => {
  const window = new CallWindow({ windowMs: 100, maxCalls: 3 })
  t.strictSame(window.rates(0), { calls: 0, failureRate: 0, slowRate: 0 })
  window.add({ atMs: 0, isBad: true, isSlow: false })
  window.add({ atMs: 50, isBad: false, isSlow: true })
  t.strictSame(window.rates(100), { calls: 2, failureRate: 0.5, slowRate: 0.5 }, 'at its age it still counts')
  t.strictSame(window.rates(101), { calls: 1, failureRate: 0, slowRate: 1 })
  for (const atMs of [102, 103, 104]) window.add({ atMs, isBad: true, isSlow: false })
  t.strictSame(window.rates(104), { calls: 3, failureRate: 1, slowRate: 0 }, 'the oldest has made room')
  window.clear()
  t.equal(window.rates(104).calls, 0)
})

t.test('the sums beside the ring are those of the calls in it', async (t) => {
  const calls = fc.array(
    fc.record({ afterMs: fc.integer({ min: 0, max: 40 }), isBad: fc.boolean(), isSlow: fc.boolean() }),
    { maxLength: 60 },
  )
  fc.assert(
    fc.property(calls, fc.integer({ min: 1, max: 12 }), (drawn, maxCalls) => {
      const window = new CallWindow({ windowMs: 100, maxCalls })
      let atMs = 0
      const all = drawn.map(({ afterMs, ...call }) => {
        atMs += afterMs
        return { ...call, atMs }
      })
      for (const call of all) window.add(call)
      const kept = all.slice(-maxCalls).filter((call) => atMs - call.atMs <= 100)
      const share = (count: number) => count / Math.max(1, kept.length)
      t.strictSame(window.rates(atMs), {
        calls: kept.length,
        failureRate: share(kept.filter(({ isBad }) => isBad).length),
        slowRate: share(kept.filter(({ isSlow }) => isSlow).length),
      })
    }),
  )
})
