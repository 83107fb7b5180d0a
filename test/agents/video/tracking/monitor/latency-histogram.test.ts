import fc from 'fast-check'
import t from 'tap'
import { createLatencyHistogram } from '../../../../../services/agents/video/tracking/monitor/latency-histogram.ts'

t.test('percentiles are those of all values, within their buckets', async (t) => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0.2, max: 60_000, noNaN: true }), { minLength: 1 }), (values) => {
      const histogram = createLatencyHistogram()
      for (const value of values) histogram.record(value)
      const resumed = createLatencyHistogram(JSON.parse(JSON.stringify(histogram)))
      const sorted = values.toSorted((a, b) => a - b)
      const { p50, p95, p99, max } = resumed.percentiles()
      const near = (got: number, share: number) => {
        const exact = sorted[Math.ceil(share * sorted.length) - 1]!
        return Math.abs(got - exact) <= exact * 0.051
      }
      return near(p50, 0.5) && near(p95, 0.95) && near(p99, 0.99) && max === sorted.at(-1)
    }),
  )
  t.strictSame(createLatencyHistogram().percentiles(), { p50: 0, p95: 0, p99: 0, max: 0 })
})
