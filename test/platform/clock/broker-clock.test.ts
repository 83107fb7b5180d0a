import fc from 'fast-check'
import t from 'tap'
import { BrokerClock } from '#platform/clock/broker-clock.ts'
import type { Clock } from '#platform/clock/clock.ts'
import { createManualClock } from '#platform/clock/manual-clock.ts'

const HOUR_MS = 3_600_000
const START_MS = 1_790_000_000_000

/** A machine whose clock is set wrong, and a broker whose clock can be asked. */
function world(wrongByMs: number) {
  const manual = createManualClock(START_MS)
  let setMs = wrongByMs
  const local: Clock = { ...manual, nowMs: () => manual.nowMs() + setMs }
  const clock = new BrokerClock(local)
  return {
    clock,
    brokerMs: () => manual.nowMs(),
    advance: (ms: number) => manual.advance(ms),
    setLocal: (ms: number) => {
      setMs = ms
    },
    async ask(thereMs: number, backMs: number) {
      const askedMs = clock.monotonicMs()
      await manual.advance(thereMs)
      const brokerMs = manual.nowMs()
      await manual.advance(backMs)
      clock.observe({ brokerMs, askedMs, answeredMs: clock.monotonicMs() })
    },
  }
}

t.test('until the broker has said something, the own clock has to do', (t) => {
  const { clock, brokerMs } = world(HOUR_MS)
  t.equal(clock.nowMs(), brokerMs() + HOUR_MS)
  t.notOk(clock.isKnown)
  t.equal(clock.skewMs, 0, 'nobody can say how wrong it is')
  t.end()
})

t.test("an hour ahead or behind: the time is the broker's, also when the own clock is set", async (t) => {
  for (const wrongByMs of [HOUR_MS, -HOUR_MS]) {
    const { clock, brokerMs, ask, advance, setLocal } = world(wrongByMs)
    await ask(3, 5)
    t.ok(Math.abs(clock.nowMs() - brokerMs()) <= 4)
    t.ok(Math.abs(clock.skewMs - wrongByMs) <= 4)
    await advance(60_000)
    setLocal(0)
    t.ok(Math.abs(clock.nowMs() - brokerMs()) <= 4)
    t.ok(Math.abs(clock.skewMs) <= 4, 'and it is seen that it is right now')
    const { nowMs } = clock
    t.equal(nowMs(), clock.nowMs(), 'it can be handed on by itself')
  }
})

t.test(
  'property: after any number of answers, the error is at most half of the shortest round trip',
  async () => {
    const trip = fc.tuple(fc.nat(400), fc.nat(400), fc.nat(60_000))
    await fc.assert(
      fc.asyncProperty(
        fc.integer({ min: -HOUR_MS, max: HOUR_MS }),
        fc.array(trip, { minLength: 1, maxLength: 8 }),
        async (wrongByMs, trips) => {
          const { clock, brokerMs, ask, advance } = world(wrongByMs)
          let first = true
          let boundMs = Number.POSITIVE_INFINITY
          for (const [there, back, pause] of trips) {
            await ask(there, back)
            boundMs = Math.min(boundMs, first ? (there + back) / 2 : there + back)
            first = false
            if (Math.abs(clock.nowMs() - brokerMs()) > boundMs + 1) return false
            await advance(pause)
          }
          return Math.abs(clock.nowMs() - brokerMs()) <= boundMs + 1
        },
      ),
    )
  },
)

t.test('a broker whose clock is set is followed with the next answer', async (t) => {
  const { clock, ask, brokerMs } = world(0)
  await ask(1, 1)
  const askedMs = clock.monotonicMs()
  clock.observe({ brokerMs: brokerMs() - HOUR_MS, askedMs, answeredMs: askedMs })
  t.ok(Math.abs(clock.nowMs() - (brokerMs() - HOUR_MS)) <= 1)
})

t.test('messages: a lower bound where nothing else is known, a reason to ask where it is', async (t) => {
  const { clock, brokerMs, ask } = world(-HOUR_MS)
  let doubts = 0
  clock.onDoubt(() => doubts++)
  clock.atLeast(brokerMs() - 2 * HOUR_MS)
  t.equal(clock.nowMs(), brokerMs() - HOUR_MS, 'an old message says nothing')
  clock.atLeast(brokerMs())
  t.equal(clock.nowMs(), brokerMs())
  await ask(1, 1)
  clock.atLeast(brokerMs() + 500)
  t.equal(clock.nowMs(), brokerMs() + 500, 'a little later than thought')
  clock.atLeast(brokerMs() + HOUR_MS)
  t.equal(doubts, 1)
  t.equal(clock.nowMs(), brokerMs() + 500, 'stored while the broker had its clock wrong: not to be believed')
})
