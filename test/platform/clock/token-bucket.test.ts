import t from 'tap'
import { TokenBucket } from '#platform/clock/token-bucket.ts'

t.test('so many a second, and no more after a pause than fit in', async (t) => {
  const bucket = new TokenBucket(10, 2)
  t.strictSame([bucket.take(0), bucket.take(0), bucket.take(0)], [true, true, false])
  t.equal(bucket.readyAtMs(0), 100)
  t.notOk(bucket.take(99))
  t.ok(bucket.take(bucket.readyAtMs(99)))
  t.notOk(bucket.isFull(150))
  t.ok(bucket.isFull(10_000))
  t.strictSame([bucket.take(10_000), bucket.take(10_000), bucket.take(10_000)], [true, true, false])
})

t.test('one in ten seconds; a clock that goes back gives nothing', async (t) => {
  const bucket = new TokenBucket(0.1)
  t.ok(bucket.take(1000))
  t.equal(bucket.readyAtMs(1000), 11_000)
  t.notOk(bucket.take(500))
  t.ok(bucket.take(11_000))
})
