import t from 'tap'
import { createManualClock } from '../../services/platform/clock/manual-clock.ts'
import { EstimatedBrokerTime } from '../../services/sdk/broker-time.ts'

const NOW_MS = 1_800_000_000_000

t.test("the broker's time: a lower bound from messages, and what others know", async (t) => {
  const clock = createManualClock(NOW_MS)
  const time = new EstimatedBrokerTime(clock)
  t.equal(time.passedMs(), Number.NEGATIVE_INFINITY, 'nothing is known')
  t.equal(time.suspectedMs(), NOW_MS)
  time.sawMessage(NOW_MS - 60_000)
  time.sawMessage(NOW_MS - 90_000)
  t.equal(time.passedMs(), NOW_MS - 60_000)
  await clock.advance(1000)
  t.equal(time.passedMs(), NOW_MS - 59_000)
  t.equal(time.suspectedMs(), NOW_MS + 1000, 'the own clock counts')
  time.heard(NOW_MS - 3_600_000)
  t.equal(time.passedMs(), NOW_MS - 3_600_000)
  t.equal(time.suspectedMs(), NOW_MS - 3_600_000, 'not any more: it was an hour ahead')
})
