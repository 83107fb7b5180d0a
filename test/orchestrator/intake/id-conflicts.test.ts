import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import type { BusMessage } from '#platform/nats/bus.ts'
import { STREAMS } from '#subjects/streams.ts'
import { IdConflicts, type IdConflictsDeps } from '../../../services/orchestrator/intake/id-conflicts.ts'

/** Hears what a test publishes; `told` is what it says about it. */
function listening(isReporter = true) {
  const clock = createManualClock()
  const told: string[] = []
  let hear: (message: BusMessage) => void = () => undefined
  let ended = 0
  const bus = {
    subscribe: (subject: string, onMessage: typeof hear) => {
      t.equal(subject, 'tasks.submit.*')
      hear = onMessage
      return () => void ended++
    },
  } as unknown as IdConflictsDeps['bus']
  const ids = new IdConflicts({
    bus,
    clock,
    isReporter: () => isReporter,
    report: async (subject, problem, messageId) => void told.push(`${subject} ${problem.code} ${messageId}`),
  })
  ids.start()
  const publish = (id: string | undefined, data: string, subject = 'tasks.submit.plan') =>
    hear({ subject, data: Buffer.from(data), header: () => id } as unknown as BusMessage)
  return { clock, told, publish, ids, ended: () => ended }
}

t.test('another body under an id that was used a moment ago is told', async (t) => {
  const { told, publish, ids, ended } = listening()
  publish('a', '{"n":1}')
  publish('a', '{"n":2}')
  publish('b', '{"n":2}')
  t.strictSame(told, ['tasks.submit.plan IDEMPOTENCY_CONFLICT a'])
  publish('b', '{"n":2}', 'tasks.submit.report')
  t.strictSame(told.slice(1), ['tasks.submit.report IDEMPOTENCY_CONFLICT b'], 'another type is another task')
  ids.quiesce()
  t.equal(ended(), 1)
})

t.test('the same submission again is none, however it is written down', async (t) => {
  const { told, publish } = listening()
  publish('a', '{"n":1,"m":[2]}')
  publish('a', '{"n":1,"m":[2]}')
  publish('a', '{ "m": [2], "n": 1 }')
  publish('torn', '{"n"')
  publish('torn', '{"n"')
  publish(undefined, '1')
  publish(undefined, '2')
  t.strictSame(told, [])
  publish('torn', '{"n":')
  t.equal(told.length, 1, 'what is no JSON is compared by its bytes')
})

t.test('one orchestrator tells, all others listen', async (t) => {
  const { told, publish } = listening(false)
  publish('a', '1')
  publish('a', '2')
  t.strictSame(told, [])
})

t.test('ids are remembered for the window in which the stream drops them', async (t) => {
  const { clock, told, publish } = listening()
  publish('a', '1')
  await clock.advance(STREAMS.intake.duplicateWindowMs!)
  publish('a', '2')
  t.equal(told.length, 1)
  await clock.advance(1)
  publish('a', '3')
  t.equal(told.length, 1, 'the stream takes it: the intake tells')
})
