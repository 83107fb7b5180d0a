import t from 'tap'
import type { Probe } from '../../../loadtest/load/generator/messages.ts'
import { recoveryMs, recoveryOf } from '../../../loadtest/load/recovery.ts'

const KILL = 20_000
/** A probe every 250 ms from 10 s to 40 s. */
const probes = (tookMs: (atMs: number) => number | undefined): Probe[] =>
  Array.from({ length: 120 }, (_, i) => {
    const atMs = 10_000 + i * 250
    const took = tookMs(atMs)
    return { of: 'task', atMs, ...(took !== undefined && { tookMs: took }) }
  })

t.test('from the death to the end of the last probe that it slowed down', async (t) => {
  t.equal(
    recoveryMs(
      probes(() => 50),
      KILL,
    ),
    0,
    'nobody noticed',
  )
  // Nobody is served from 20 s to 23 s: who came then waited until then.
  const stalled = probes((atMs) => (atMs >= KILL && atMs < 23_000 ? 23_050 - atMs : 50))
  const tookMs = recoveryMs(stalled, KILL)!
  t.ok(tookMs > 2900 && tookMs <= 3050, `${tookMs}`)
})

t.test('a probe that was under way counts; one before does not', async (t) => {
  const underWay = probes((atMs) => (atMs === 19_750 ? 4250 : 50))
  t.equal(recoveryMs(underWay, KILL), 4000)
  const before = probes((atMs) => (atMs === 12_000 ? 4000 : 50))
  t.equal(recoveryMs(before, KILL), 0)
})

t.test('one that is slow alone, long after, is not its doing; two together are', async (t) => {
  const alone = probes((atMs) => (atMs === 41_000 - 1250 || atMs === 33_000 ? 4000 : 50))
  const found = recoveryOf({ probes: alone, endsAtMs: [] }, KILL)
  t.match(found, { recoveryMs: 0, aloneProbes: 2 })
  const soon = probes((atMs) => (atMs === 24_750 ? 4000 : 50))
  t.equal(recoveryMs(soon, KILL), 8750, 'right after the death it counts')
  const bundle = probes((atMs) => (atMs >= 33_000 && atMs < 34_000 ? 4000 : 50))
  t.equal(recoveryMs(bundle, KILL), 17_750, 'four of them within a second')
  const reports = probes((atMs) => (atMs === 33_000 || atMs === 35_000 ? 4000 : 50)).filter(
    ({ atMs }) => atMs % 1000 === 0,
  )
  t.equal(recoveryMs(reports, KILL), 19_000, 'two of the five that come in as many seconds')
})

t.test('slow is slower than it was: where all takes two seconds, two seconds are as before', async (t) => {
  t.equal(
    recoveryMs(
      probes(() => 2000),
      KILL,
    ),
    0,
  )
  const slower = probes((atMs) => (atMs === 20_250 ? 6000 : 2000))
  t.equal(recoveryMs(slower, KILL), 6250)
})

t.test('what can not be told is not told', async (t) => {
  t.equal(recoveryMs([], KILL), undefined)
  t.equal(
    recoveryMs(
      probes((atMs) => (atMs === 21_000 ? undefined : 50)),
      KILL,
    ),
    undefined,
    'never seen to end',
  )
  const two = probes((atMs) => (atMs === 30_000 ? 9000 : 50))
  t.equal(recoveryMs(two, KILL, 29_000), 0, 'that came of what was killed after it')
})

t.test('where a queue has built up, by how much is done', async (t) => {
  // Half a minute in a queue, before and after: nothing in that tells of a death.
  const queued = probes(() => 30_000)
  // Five a second, and none from 20 s to 24 s.
  const ends = Array.from({ length: 300 }, (_, i) => i * 200).filter((atMs) => atMs < KILL || atMs >= 24_000)
  const found = recoveryOf({ probes: queued, endsAtMs: ends }, KILL)
  t.equal(found.seenBy, 'throughput')
  const { recoveryMs: tookMs = 0 } = found
  t.ok(tookMs > 3000 && tookMs <= 4000, `${tookMs}`)
  t.ok(found.latencyMs! > 30_000, 'what the probes say stands beside it')
  t.equal(recoveryOf({ probes: queued, endsAtMs: [] }, KILL).recoveryMs, undefined, 'nothing was done before')
  const never = ends.filter((atMs) => atMs < KILL)
  t.equal(recoveryOf({ probes: queued, endsAtMs: never }, KILL).recoveryMs, undefined, 'and nothing after')
  t.strictSame(recoveryOf({ probes: probes(() => 50), endsAtMs: ends }, KILL), {
    seenBy: 'latency',
    recoveryMs: 0,
    latencyMs: 0,
    throughputMs: found.throughputMs,
  })
})

t.test('half of the probes above a second before are a queue, fewer are not', async (t) => {
  const ends = Array.from({ length: 300 }, (_, i) => i * 200)
  const slowEach = (n: number) =>
    recoveryOf({ probes: probes((atMs) => ((atMs / 250) % n === 0 ? 4000 : 50)), endsAtMs: ends }, KILL)
      .seenBy
  t.equal(slowEach(3), 'latency')
  t.equal(slowEach(1), 'throughput')
})
