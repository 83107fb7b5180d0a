import fc from 'fast-check'
import t from 'tap'
import { createLagMeter } from '../../../../../services/agents/video/capture/decode/lag-meter.ts'

const LIMIT_MS = 2500

/** Frames at 10 a second of a stream; `arrival` says when each comes. */
function play(arrival: (mediaMs: number) => number, seconds: number) {
  const meter = createLagMeter(LIMIT_MS)
  const lags: number[] = []
  for (let mediaMs = 0; mediaMs <= seconds * 1000; mediaMs += 100)
    lags.push(meter.add(mediaMs, 50_000 + arrival(mediaMs)))
  return { meter, lags, last: lags.at(-1)! }
}

t.test('a stream that comes as it is shown has no lag, whatever jitters', (t) => {
  const { last, meter } = play((ms) => ms + (ms % 300), 60)
  t.ok(last <= 300)
  t.equal(meter.overSinceMs, undefined)
  t.end()
})

t.test(
  'a decoder at half the speed lags half a second more each second, and is known to be over the limit since when',
  (t) => {
    const { lags, meter } = play((ms) => 2 * ms, 10)
    t.ok(Math.abs(lags[20]! - 2000) < 20, `after 2 s of the stream: ${lags[20]}`)
    t.ok(lags.at(-1)! > 9900)
    const sinceMs = meter.overSinceMs! - 50_000
    t.ok(sinceMs > 5000 && sinceMs < 5300, `${sinceMs}`)
    t.end()
  },
)

t.test('what a server had in store at the opening is caught up with, and a stall too', (t) => {
  // Two seconds come at once; then all is live.
  const burst = play((ms) => Math.max(0, ms - 2000), 20)
  t.ok(burst.last < 1)
  // Nothing for four seconds, then four times as fast until it has caught up.
  const stall = play((ms) => (ms < 5000 ? ms : Math.max(ms, 9000 + (ms - 5000) / 4)), 20)
  t.ok(Math.max(...stall.lags) > 3900)
  t.ok(stall.last < 50)
  t.equal(stall.meter.overSinceMs, undefined)
  t.end()
})

t.test("a camera's clock that is one in a thousand slow does not lag, not in a day", (t) => {
  t.ok(play((ms) => ms * 1.001, 3600).last < 1)
  t.end()
})

/** A camera's clock that loses this much; what each picture waits beside that comes on top. */
const camera = fc.record({
  drift: fc.double({ min: -0.01, max: 0.01, noNaN: true }),
  jitterMs: fc.integer({ min: 0, max: 300 }),
  seed: fc.integer({ min: 1, max: 1_000_000 }),
})

/** What the picture of a time waits for nothing in particular: the same for the same seed. */
function jitterOf({ jitterMs, seed }: { jitterMs: number; seed: number }, mediaMs: number): number {
  return ((Math.imul(mediaMs / 100 + seed, 2_654_435_761) >>> 8) % 1000) * (jitterMs / 1000)
}

t.test('a clock that is up to one in a hundred slow or fast is no backlog, however long', (t) => {
  fc.assert(
    fc.property(camera, (of) => {
      const { lags, meter } = play((ms) => ms * (1 + of.drift) + jitterOf(of, ms), 1200)
      t.equal(meter.overSinceMs, undefined)
      const most = lags.reduce((a, b) => Math.max(a, b))
      t.ok(most < of.jitterMs + 600, `${most} ms at ${JSON.stringify(of)}`)
      // Once it is known what the clock loses it is as if it were right.
      const later = lags.slice(1200).reduce((a, b) => Math.max(a, b))
      t.ok(later < of.jitterMs + 250, `${later} ms after two minutes at ${JSON.stringify(of)}`)
    }),
    { numRuns: 25 },
  )
  t.end()
})

t.test('a backlog that grows is one beside any clock', (t) => {
  fc.assert(
    fc.property(
      camera,
      fc.double({ min: 0.04, max: 4, noNaN: true }),
      fc.integer({ min: 0, max: 600 }),
      (of, slower, afterSec) => {
        const arrival = (ms: number) =>
          ms * (1 + of.drift) + jitterOf(of, ms) + Math.max(0, ms - afterSec * 1000) * slower
        // What one in a hundred hides of it, what a fast clock does, and what is learned meanwhile.
        const withinSec = (LIMIT_MS + 600) / 1000 / (slower - 0.012 + Math.min(0, of.drift))
        const { meter } = play(arrival, afterSec + withinSec)
        t.ok(meter.overSinceMs !== undefined, `${JSON.stringify({ of, slower, afterSec })}`)
      },
    ),
    { numRuns: 25 },
  )
  t.end()
})

t.test('a backlog that came with a stall and stays is one beside any clock', (t) => {
  fc.assert(
    fc.property(
      camera,
      fc.integer({ min: 3500, max: 20_000 }),
      fc.integer({ min: 0, max: 600 }),
      (of, stallMs, atSec) => {
        const arrival = (ms: number) =>
          ms * (1 + of.drift) + jitterOf(of, ms) + (ms > atSec * 1000 ? stallMs : 0)
        const { meter, last } = play(arrival, atSec + 20)
        t.ok(meter.overSinceMs !== undefined, `${last} ms at ${JSON.stringify({ of, stallMs, atSec })}`)
      },
    ),
    { numRuns: 25 },
  )
  t.end()
})

t.test('a clock that is set, ahead or back, makes no lag, and does not hide one that comes after it', (t) => {
  fc.assert(
    fc.property(
      camera,
      fc.integer({ min: -3_600_000, max: 3_600_000 }),
      fc.integer({ min: 1, max: 300 }),
      (of, stepMs, atSec) => {
        const meter = createLagMeter(LIMIT_MS)
        const until = (atSec + 60) * 1000
        for (let ms = 0; ms <= until; ms += 100) {
          const lag = meter.add(
            ms + (ms > atSec * 1000 ? stepMs : 0),
            50_000 + ms * (1 + of.drift) + jitterOf(of, ms),
          )
          if (lag > of.jitterMs + 600) return t.fail(`${lag} ms at ${ms}: ${JSON.stringify({ of, stepMs })}`)
        }
        // Then it is decoded at half its speed.
        for (let ms = until + 100; ms <= until + 10_000; ms += 100)
          meter.add(ms + stepMs, 50_000 + ms * (1 + of.drift) + (ms - until))
        t.ok(meter.overSinceMs !== undefined)
      },
    ),
    { numRuns: 25 },
  )
  t.end()
})

t.test('times that go back or jump ahead make no lag', (t) => {
  const meter = createLagMeter(LIMIT_MS)
  meter.add(10_000, 1000)
  meter.add(10_100, 1100)
  t.equal(meter.add(0, 1200), 0, 'it begins anew')
  t.equal(meter.add(100, 1300) < 1, true)
  t.equal(meter.add(3_600_000, 1400), 0, 'an hour ahead')
  t.ok(meter.add(3_600_100, 1500) < 1)
  t.end()
})

t.test('the time of what is shown, made from it, never goes back', (t) => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({ media: fc.integer({ min: 1, max: 500 }), wall: fc.integer({ min: 1, max: 500 }) }),
      ),
      (steps) => {
        const meter = createLagMeter(LIMIT_MS)
        let [media, wall, shown] = [0, 0, Number.NEGATIVE_INFINITY]
        for (const step of steps) {
          media += step.media
          wall += step.wall
          const lag = meter.add(media, wall)
          t.ok(lag >= 0)
          if (wall - lag < shown - 1e-6) return false
          shown = wall - lag
        }
        return true
      },
    ),
    { numRuns: 200 },
  )
  t.end()
})
