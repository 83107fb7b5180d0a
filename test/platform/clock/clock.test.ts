import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'

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
