import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { TIMED_OUT, withTimeout } from '#platform/clock/promises.ts'

t.test('the system clock sleeps, and wakes early when aborted', async (t) => {
  const before = systemClock.monotonicMs()
  await systemClock.sleep(20)
  t.ok(systemClock.monotonicMs() - before >= 19)

  const ending = new AbortController()
  const sleep = systemClock.sleep(60_000, ending.signal)
  ending.abort()
  await sleep
  await systemClock.sleep(60_000, ending.signal)
  t.ok(systemClock.monotonicMs() - before < 30_000)
})

t.test('a manual clock wakes sleepers in order, also those that sleep again', async (t) => {
  const clock = createManualClock()
  const startMs = clock.nowMs()
  const woken: [string, number][] = []
  const nap = async (name: string, ...lengths: number[]) => {
    for (const ms of lengths) {
      await clock.sleep(ms)
      woken.push([name, clock.nowMs() - startMs])
    }
  }
  const naps = [nap('late', 30), nap('twice', 10, 10)]
  t.equal(clock.sleeping, 2)
  await clock.advance(25)
  t.strictSame(woken, [
    ['twice', 10],
    ['twice', 20],
  ])
  t.equal(clock.monotonicMs(), 25)
  await clock.advance(5)
  t.strictSame(woken.at(-1), ['late', 30])
  await Promise.all(naps)
})

t.test('a test can wait until somebody sleeps', async (t) => {
  const clock = createManualClock()
  const ending = new AbortController()
  const twoSleep = clock.whenSleeping(2)
  const sleeps = [clock.sleep(10), clock.sleep(1000, ending.signal)]
  await twoSleep
  ending.abort()
  t.equal(clock.sleeping, 1, 'an aborted sleep is over')
  await clock.advance(10)
  await Promise.all(sleeps)
  t.equal(clock.sleeping, 0)
})

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
