import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'

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
