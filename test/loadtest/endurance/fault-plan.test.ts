import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { KILLED, planFaults } from '../../../loadtest/endurance/fault-plan.ts'

const FIVE_MINUTES = 300_000

t.test('a run of minutes has a fault of each kind, an outage of each camera', async (t) => {
  const faults = planFaults({ durationMs: FIVE_MINUTES, cameras: 4, seed: 1 })
  const of = (kind: string) => faults.filter((fault) => fault.kind === kind)
  t.strictSame(
    of('outage')
      .map((fault) => fault.kind === 'outage' && fault.camera)
      .toSorted(),
    [0, 1, 2, 3],
  )
  t.strictSame(
    of('kill')
      .map((fault) => fault.kind === 'kill' && fault.process)
      .toSorted(),
    [...KILLED].toSorted(),
  )
  t.equal(of('full-disk').length, 1)
  t.strictSame(
    planFaults({ durationMs: FIVE_MINUTES, cameras: 4, seed: 1 }),
    faults,
    'the same seed, the same faults',
  )
})

t.test('eight hours: two outages an hour of each camera, the others once an hour', async (t) => {
  const faults = planFaults({ durationMs: 8 * 3_600_000, cameras: 4, seed: 1 })
  t.equal(faults.filter(({ kind }) => kind === 'outage').length, 64)
  t.equal(faults.filter(({ kind }) => kind === 'kill').length, 32)
  t.equal(faults.filter(({ kind }) => kind === 'full-disk').length, 8)
})

t.test('one after the other, with quiet before and after', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 1000 }), fc.integer({ min: 5, max: 600 }), (seed, minutes) => {
      const durationMs = minutes * 60_000
      const faults = planFaults({ durationMs, cameras: 4, seed })
      for (const [i, fault] of faults.entries()) {
        const endMs = fault.atMs + ('lastsMs' in fault ? fault.lastsMs : 0)
        assert.ok(fault.atMs >= 30_000 && endMs <= durationMs - 15_000)
        const next = faults[i + 1]
        assert.ok(!next || next.atMs > endMs, 'none begins before the one before is over')
      }
    }),
  )
})

t.test('what has no room is refused, with how long it takes', async (t) => {
  t.throws(() => planFaults({ durationMs: 60_000, cameras: 4, seed: 1 }), {
    name: 'RangeError',
    message: '9 faults need 4 min',
  })
})
