import t from 'tap'
import { VirtualClock } from '../../../services/sdk/testing/virtual-clock.ts'

t.test('time passes when it is told to, and wakes who sleeps until then, in their order', async (t) => {
  const clock = new VirtualClock(1000)
  const woken: string[] = []
  const sleeps = [
    clock.sleep(20).then(() => woken.push('b')),
    clock.sleep(10).then(() => woken.push('a')),
    clock.sleep(20).then(() => woken.push('c')),
  ]
  t.equal(clock.nextMs, 1010)
  clock.turnTo(1010)
  await sleeps[1]
  t.strictSame(woken, ['a'])
  clock.turnTo(5000)
  await Promise.all(sleeps)
  t.strictSame([woken, clock.nowMs(), clock.monotonicMs()], [['a', 'b', 'c'], 5000, 4000])
  t.equal(clock.nextMs, Number.POSITIVE_INFINITY)
})

t.test('it never goes back, and a sleep ends with its signal', async (t) => {
  const clock = new VirtualClock(1000)
  clock.turnTo(2000)
  clock.turnTo(1500)
  t.equal(clock.nowMs(), 2000)
  const over = new AbortController()
  const sleep = clock.sleep(10, over.signal)
  over.abort()
  await sleep
  t.equal(clock.nextMs, Number.POSITIVE_INFINITY, 'it is forgotten')
  await clock.sleep(10, over.signal)
  const now = clock.sleep(-5)
  t.equal(clock.nextMs, 2000)
  clock.turnTo(2000)
  await now
})
