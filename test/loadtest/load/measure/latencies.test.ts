import t from 'tap'
import { Latencies } from '../../../../loadtest/load/measure/latencies.ts'

const of = (...values: number[]) => {
  const latencies = Latencies.empty()
  for (const ms of values) latencies.record(ms)
  return latencies
}

t.test('percentiles are those that were measured, to three digits', async (t) => {
  const latencies = of(...Array.from({ length: 1000 }, (_, i) => i + 1))
  const { p50Ms, p95Ms, p99Ms, maxMs, count, meanMs } = latencies.percentiles
  t.equal(count, 1000)
  for (const [measured, exact] of [
    [p50Ms, 500],
    [p95Ms, 950],
    [p99Ms, 990],
    [maxMs, 1000],
    [meanMs, 500.5],
  ] as const)
    t.ok(Math.abs(measured - exact) <= exact / 1000 + 0.5, `${measured} is ${exact}`)
})

t.test(
  'the percentile of two sets is that of all their values, not the average of two percentiles',
  async (t) => {
    const quick = of(...Array.from({ length: 990 }, () => 1))
    const slow = of(...Array.from({ length: 10 }, () => 1000))
    const merged = Latencies.merged([quick, slow])
    t.equal(merged.count, 1000)
    t.equal(merged.at(0.95), 1)
    t.not(merged.at(0.95), (quick.at(0.95) + slow.at(0.95)) / 2)
    t.ok(merged.at(0.995) >= 999)
  },
)

t.test('what is encoded comes back as it was; nothing measured is nothing', async (t) => {
  const latencies = of(0.2, 3, 77, 3_600_000, 9_999_999_999, -5)
  const again = Latencies.decoded(latencies.encoded)
  t.equal(again.count, latencies.count)
  for (const share of [0.1, 0.5, 0.9]) t.equal(again.at(share), latencies.at(share))
  t.ok(again.percentiles.maxMs >= 3_599_000 && again.percentiles.maxMs <= 3_602_000, 'an hour at most')
  t.equal(Latencies.empty().at(0.99), 0)
  t.strictSame(Latencies.decoded(Latencies.empty().encoded).percentiles.count, 0)
})
