import fc from 'fast-check'
import t from 'tap'
import { type PercentileMethod, percentile, percentileBucket } from '#platform/statistics/percentile.ts'

const METHODS: PercentileMethod[] = ['linear', 'lower', 'nearest-rank']

t.test('quantiles are of type 7', async (t) => {
  t.equal(percentile([1, 2, 3, 4], 0.25), 1.75)
  t.equal(percentile([15, 20, 35, 40, 50], 0.4), 29)
  t.throws(() => percentile([], 0.5), RangeError)
})

t.test('nearest rank and lower give a value that was measured', async (t) => {
  const values = Array.from({ length: 100 }, (_, i) => i + 1)
  t.equal(percentile(values, 0.5, 'nearest-rank'), 50)
  t.equal(percentile(values, 0.95, 'nearest-rank'), 95)
  t.equal(percentile(values, 0.951, 'nearest-rank'), 96)
  t.equal(percentile(values, 0.5, 'lower'), 50, 'position 49.5')
  t.equal(percentile([10, 20, 30, 40, 50], 0.9, 'lower'), 40, 'position 3.6')
  t.equal(percentile([10, 20, 30, 40, 50], 0.9, 'nearest-rank'), 50, 'four of five are less than 90 %')
  t.equal(percentile([10, 20, 30, 40, 50], 0.9), 46)
})

t.test('the ends are the least and the greatest value, by every method', async (t) => {
  for (const method of METHODS) {
    t.equal(percentile([3, 5, 8], 0, method), 3, method)
    t.equal(percentile([3, 5, 8], 1, method), 8, method)
    t.equal(percentile([7], 0.3, method), 7, method)
  }
})

t.test('shares outside are refused, and no value is none', async (t) => {
  for (const method of METHODS) {
    for (const share of [-0.01, 1.01, 95, Number.NaN]) {
      t.throws(() => percentile([1, 2], share, method), RangeError, `${method} ${share}`)
    }
    t.throws(() => percentile([], 0.5, method), RangeError, method)
  }
  t.throws(() => percentileBucket([[1, 1]], 95), RangeError)
})

t.test('values of opposite sign near the largest double do not overflow', async (t) => {
  t.equal(percentile([-Number.MAX_VALUE, Number.MAX_VALUE], 0.5), 0)
  t.equal(percentile(Float64Array.of(-Number.MAX_VALUE, Number.MAX_VALUE), 1), Number.MAX_VALUE)
})

t.test('the bucket of a histogram that holds a percentile', async (t) => {
  const buckets = [
    ['fast', 90],
    ['slow', 9],
    ['never', 0],
    ['stuck', 1],
  ] as const
  t.equal(percentileBucket(buckets, 0), 'fast')
  t.equal(percentileBucket(buckets, 0.9), 'fast')
  t.equal(percentileBucket(buckets, 0.901), 'slow')
  t.equal(percentileBucket(buckets, 0.99), 'slow')
  t.equal(percentileBucket(buckets, 1), 'stuck')
  t.equal(percentileBucket([], 0.5), undefined)
  t.equal(percentileBucket([['empty', 0]], 0.5), undefined)
})

t.test('a histogram with one bucket a value agrees with nearest rank', async () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(20), { minLength: 1 }),
      fc.double({ min: 0, max: 1, noNaN: true }),
      (values, share) => {
        const sorted = values.toSorted((a, b) => a - b)
        const counts = Map.groupBy(sorted, (value) => value)
        const buckets = [...counts].map(([value, same]) => [value, same.length] as const)
        return percentileBucket(buckets, share) === percentile(sorted, share, 'nearest-rank')
      },
    ),
  )
})
