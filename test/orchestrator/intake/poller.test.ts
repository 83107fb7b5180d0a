import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { Poller } from '../../../services/orchestrator/intake/poller.ts'

class Recorder extends Poller {
  readonly name = 'recorder'
  polls = 0
  answer: Promise<void> = Promise.resolve()

  protected override poll(): Promise<void> {
    this.polls++
    return this.answer
  }
}

t.test('it polls at its start, then after each interval, until it is stopped', async (t) => {
  const clock = createManualClock()
  const poller = new Recorder(clock, 100)
  await poller.start()
  t.equal(poller.polls, 1)
  await clock.whenSleeping()
  await clock.advance(99)
  t.equal(poller.polls, 1)
  await clock.advance(1)
  t.equal(poller.polls, 2)
  await clock.advance(200)
  t.equal(poller.polls, 4)
  await poller.stop()
  t.equal(clock.sleeping, 0)
  await clock.advance(1000)
  t.equal(poller.polls, 4)
})

t.test('one poll at a time: the interval begins when it has ended', async (t) => {
  const clock = createManualClock()
  const poller = new Recorder(clock, 100)
  await poller.start()
  const { promise, resolve } = Promise.withResolvers<void>()
  poller.answer = promise
  await clock.advance(100)
  await clock.advance(500)
  t.equal(poller.polls, 2, 'the second one is under way')
  resolve()
  await clock.whenSleeping()
  await clock.advance(99)
  t.equal(poller.polls, 2)
  await clock.advance(1)
  t.equal(poller.polls, 3)
  await poller.stop()
})
