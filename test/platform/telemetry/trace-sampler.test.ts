import fc from 'fast-check'
import t from 'tap'
import { TraceSampler } from '#platform/telemetry/trace-sampler.ts'

/** How many of the traces that begin at these times are recorded. */
const recorded = (sampler: TraceSampler, timesMs: readonly number[]) =>
  timesMs.filter((nowMs) => sampler.newTrace(nowMs).sampled).length

const evenly = (count: number, overMs: number) =>
  Array.from({ length: count }, (_, i) => (i * overMs) / count)

t.test('a share is recorded while there are few', async (t) => {
  const found = recorded(new TraceSampler({ traceRatio: 0.05, tracesPerSecond: 20 }), evenly(10_000, 100_000))
  // 500 are expected, with a standard deviation of 22.
  t.ok(Math.abs(found - 500) < 5 * 22, `${found} of 10,000 at 100 a second`)
})

t.test('when there are many, so many a second', async (t) => {
  const found = recorded(new TraceSampler({ traceRatio: 0.05, tracesPerSecond: 20 }), evenly(200_000, 10_000))
  t.ok(found > 190 && found <= 220, `${found} in 10 s at 20,000 a second`)
})

t.test('never more than the rate and one burst', async (t) => {
  const holds = fc.property(
    fc.array(fc.integer({ min: 0, max: 500 }), { maxLength: 300 }),
    fc.integer({ min: 1, max: 50 }),
    fc.double({ min: 0, max: 0.999, noNaN: true }),
    (gapsMs, tracesPerSecond, traceRatio) => {
      let nowMs = 0
      const timesMs = gapsMs.map((gapMs) => (nowMs += gapMs))
      const found = recorded(new TraceSampler({ traceRatio, tracesPerSecond }), timesMs)
      return found <= tracesPerSecond + (nowMs / 1000) * tracesPerSecond + 1e-6
    },
  )
  t.doesNotThrow(() => fc.assert(holds))
})

t.test('all, where all are asked for; none, where none; any number, where no rate is set', async (t) => {
  const timesMs = evenly(1000, 10)
  t.equal(recorded(new TraceSampler({ traceRatio: 1, tracesPerSecond: 1 }), timesMs), 1000)
  t.equal(recorded(new TraceSampler({ traceRatio: 0, tracesPerSecond: 20 }), timesMs), 0)
  const unlimited = recorded(new TraceSampler({ traceRatio: 0.5, tracesPerSecond: 0 }), timesMs)
  t.ok(unlimited > 400 && unlimited < 600, `${unlimited} of 1,000`)
})
