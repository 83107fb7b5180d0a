import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { deferred, retryUntil, TIMED_OUT, withTimeout } from '#platform/clock/promises.ts'

t.test('withTimeout gives what the work gives, or that the time was up', async (t) => {
  t.equal(await withTimeout(Promise.resolve(3), 60_000), 3)
  await t.rejects(withTimeout(Promise.reject(new TypeError('broken')), 60_000), TypeError)
  const never = new Promise<number>(() => undefined)
  t.equal(await withTimeout(never, 5), TIMED_OUT)
  let reject: (error: Error) => void = () => undefined
  const late = new Promise<never>((_, refuse) => {
    reject = refuse
  })
  t.equal(await withTimeout(late, 1), TIMED_OUT)
  // Nobody hears of it: an unhandled rejection would end the process.
  reject(new Error('too late'))
})

t.test('withTimeout by a clock that is turned by hand', async (t) => {
  const clock = createManualClock()
  const never = withTimeout(new Promise<number>(() => undefined), 1000, clock)
  await clock.advance(999)
  t.equal(clock.sleeping, 1)
  await clock.advance(1)
  t.equal(await never, TIMED_OUT)
  t.equal(await withTimeout(Promise.resolve(3), 1000, clock), 3)
  t.equal(clock.sleeping, 0, 'nothing is left of it')
})

t.test('a deferred is settled from outside, and keeps what came first', async (t) => {
  const number = deferred<number>()
  number.resolve(1)
  number.resolve(2)
  t.equal(await number.promise, 1)
  const failed = deferred()
  failed.reject(new RangeError('no'))
  await t.rejects(failed.promise, RangeError)
})

t.test('retryUntil tries again until the time is up, and then throws what the last try threw', async (t) => {
  let tries = 0
  t.equal(await retryUntil(async () => (++tries < 2 ? Promise.reject(new Error('early')) : tries), 60_000), 2)
  const fail = async () => Promise.reject(new Error(`try ${++tries}`))
  await t.rejects(retryUntil(fail, -1), { message: 'try 3' }, 'one try at least')
})
