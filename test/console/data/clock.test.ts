import t from 'tap'
import { chance, monotonicMs, nowMs, sleep } from '../../../services/console/data/clock.ts'

t.test('a sleep ends with its time, or with its signal', async (t) => {
  const stop = new AbortController()
  const endless = sleep(3_600_000, stop.signal)
  stop.abort()
  await endless
  await sleep(3_600_000, stop.signal)
  const before = monotonicMs()
  await sleep(5)
  t.ok(monotonicMs() - before >= 4)
  t.ok(nowMs() > 1_700_000_000_000)
  t.ok(chance() >= 0 && chance() < 1)
})
