import t from 'tap'
import { createClockDrift } from '../../../../../services/agents/video/capture/decode/clock-drift.ts'

/** What is fresh at each of so many seconds, ten pictures a second; `differenceAt` as the pictures have it. */
function freshAt(differenceAt: (ms: number) => number, seconds: number, drift = createClockDrift()) {
  const fresh: number[] = []
  for (let ms = 0; ms <= seconds * 1000; ms += 100) fresh[ms / 1000] = drift.add(differenceAt(ms), ms)
  return (second: number) => fresh[second]!
}

t.test('a clock that loses ten milliseconds a second is known within a minute', async (t) => {
  const fresh = freshAt((ms) => 700 + ms / 100, 60)
  t.ok(fresh(30) < 1000 - 200, 'at first it looks like a wait')
  t.ok(Math.abs(fresh(60) - 1300) < 1, `${fresh(60)}`)
})

t.test('what loses more is no clock', async (t) => {
  const fresh = freshAt((ms) => ms / 20, 60)
  t.ok(fresh(60) < 0.0121 * 60_000, `${fresh(60)}`)
  t.ok(fresh(60) > 0.0119 * 60_000)
})

t.test('a step up is no clock, and counts for fresh only after a long time', async (t) => {
  const fresh = freshAt((ms) => (ms > 30_000 ? 4000 : 0), 600)
  t.ok(fresh(120) < 0.0021 * 120_000, `${fresh(120)}`)
  t.ok(fresh(600) < 0.0021 * 600_000)
})

t.test('waits that come and go are no clock', async (t) => {
  const fresh = freshAt((ms) => (Math.floor(ms / 10_000) % 2) * 500, 600)
  t.ok(fresh(600) < 50, `${fresh(600)}`)
})

t.test('a stream that begins anew: what its clock loses is still known', async (t) => {
  const drift = createClockDrift()
  freshAt((ms) => ms / 100, 60, drift)
  drift.restart(5000, 60_100)
  t.equal(drift.add(6000, 60_100), 5000)
  t.ok(Math.abs(drift.add(6100, 70_100) - 5120) < 1, 'ten of the clock, and two that count for nothing')
})
