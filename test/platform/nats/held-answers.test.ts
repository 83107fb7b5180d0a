import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { HeldAnswers, heldBy } from '#platform/nats/held-answers.ts'
import type { OperationHandler } from '#platform/nats/request-reply.ts'
import { activeAsking } from '#platform/requests/asking.ts'
import { HoldPlaces } from '#platform/requests/hold-places.ts'

const away = new MurmurError('UNAVAILABLE', 'nobody can say now')
const context = (holdMs?: number) => ({
  tenant: 'north',
  agent: undefined,
  message: {
    subject: 's',
    data: Buffer.alloc(0),
    header: (name: string) =>
      name === 'Murmur-Hold-Ms' && holdMs !== undefined ? String(holdMs) : undefined,
  },
})

/** A handler that can answer after so many questions. */
function answers(after: number, error: MurmurError = away) {
  let asked = 0
  const handler: OperationHandler<'listQueues'> = async () => {
    asked++
    if (asked <= after) throw error
    return { tasks: asked } as never
  }
  return { handler, asked: () => asked }
}

t.test('what can be answered in a moment is answered then', async (t) => {
  const clock = createManualClock()
  const { handler, asked } = answers(2)
  const answer = new HeldAnswers(clock).of<'listQueues'>(handler)({}, context())
  await clock.whenSleeping()
  await clock.advance(500)
  t.strictSame(await answer, { tasks: 3 })
  t.equal(asked(), 3)
})

t.test('it is waited as long as whoever asks says, and 4 s without a word', async (t) => {
  for (const [said, waitedMs] of [
    [1000, 1000],
    [undefined, 4000],
  ] as const) {
    const clock = createManualClock()
    const { handler, asked } = answers(Number.POSITIVE_INFINITY)
    const refused = t.rejects(new HeldAnswers(clock).of<'listQueues'>(handler)({}, context(said)), away)
    await clock.whenSleeping()
    await clock.advance(waitedMs)
    await refused
    t.equal(asked(), waitedMs / 250, `${waitedMs}`)
  }
})

t.test('what is wrong with the question is said at once, and so is what finds no place', async (t) => {
  const clock = createManualClock()
  const wrong = new MurmurError('TASK_NOT_FOUND', 'there is no task')
  await t.rejects(new HeldAnswers(clock).of<'listQueues'>(answers(1, wrong).handler)({}, context()), wrong)
  const none = new HeldAnswers(clock, new HoldPlaces({ most: 0, mostOfTenant: 0 }))
  await t.rejects(none.of<'listQueues'>(answers(1).handler)({}, context()), away)
  t.equal(clock.sleeping, 0)
})

t.test('a handler knows until when it is waited for', async (t) => {
  const clock = createManualClock()
  const held = new HeldAnswers(clock)
  const untilMs = await held.of<'listQueues'>(async () => activeAsking() as never)({}, context(700))
  t.strictSame(untilMs, { holdUntilMs: 700 })
  const served: unknown[] = []
  const bus = {
    serve: (...args: unknown[]) => {
      served.push(args)
      return () => undefined
    },
  } as never
  const { handler } = answers(0)
  heldBy(undefined, bus)('listQueues', handler)
  t.strictSame(served, [['listQueues', handler]], 'without any, as it is')
})
