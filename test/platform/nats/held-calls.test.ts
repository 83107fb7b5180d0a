import { NoRespondersError, RequestError, TimeoutError } from '@nats-io/transport-node'
import t from 'tap'
import { createManualClock, type ManualClock } from '#platform/clock/manual-clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { HeldCalls, type HeldOutcome } from '#platform/nats/held-calls.ts'
import { requestJson } from '#platform/nats/request-reply.ts'
import { withAsking } from '#platform/requests/asking.ts'
import { HoldPlaces } from '#platform/requests/hold-places.ts'

type Answering = (tries: number, options: { timeoutMs: number; headers: Record<string, string> }) => unknown

/** Errors as they come from the connection. */
async function unanswered(cause: Error): Promise<MurmurError> {
  const nc = { request: () => Promise.reject(cause) } as never
  return requestJson(nc, { subject: 's', body: {}, timeoutMs: 1 }).catch(
    (error) => error,
  ) as Promise<MurmurError>
}
const nobody = await unanswered(new RequestError('no responders: s', { cause: new NoRespondersError('s') }))
const silent = await unanswered(new TimeoutError())
const behind = new MurmurError('UNAVAILABLE', 'not all is known yet', { retryAfterMs: 1000 })
const never = () => new Promise(() => undefined)

function calls(clock: ManualClock, answering: Answering, places?: HoldPlaces) {
  const names = new Set<string>()
  let tries = 0
  const outcomes: HeldOutcome[] = []
  const bus = {
    call: async (_ref: string, _request: unknown, options: Parameters<Answering>[1]) => {
      names.add(options.headers['Murmur-Request']!)
      const answer = await answering(++tries, options)
      if (answer instanceof Error) throw answer
      return answer
    },
  }
  const held = new HeldCalls(bus as never, {
    clock,
    ...(places && { places }),
    onHeld: (outcome) => void outcomes.push(outcome),
  })
  return { held, names, tries: () => tries, outcomes }
}
const get = { taskId: 't' }

t.test('what is answered at once is asked once, and nothing of it is held', async (t) => {
  const clock = createManualClock()
  const { held, tries, outcomes } = calls(clock, () => ({ task: 1 }))
  t.strictSame(await held.call('getTask', get), { task: 1 })
  t.equal(tries(), 1)
  t.strictSame([held.held, clock.sleeping, outcomes], [0, 0, []])
})

t.test('while nobody can say, it is asked again, under the same name', async (t) => {
  for (const error of [nobody, behind]) {
    const clock = createManualClock()
    const { held, tries, names, outcomes } = calls(clock, (tries) => (tries < 4 ? error : { task: 1 }))
    const answer = held.call('getTask', get)
    await clock.advance(1)
    t.equal(held.held, 1)
    await clock.advance(1000)
    t.strictSame(await answer, { task: 1 })
    t.strictSame([tries(), names.size, held.held, outcomes], [4, 1, 0, ['answered']])
  }
})

t.test('after 10 s whoever asked is told so, and when to come back', async (t) => {
  const clock = createManualClock()
  const { held, outcomes } = calls(clock, () => nobody)
  const refused = t.rejects(held.call('getTask', get), {
    code: 'UNAVAILABLE',
    message: /^nobody answers: no service for this is running \(asked for \d+\.\d s\)$/,
    retryAfterMs: 1000,
  })
  await clock.whenSleeping()
  await clock.advance(10_500)
  await refused
  t.ok(clock.monotonicMs() >= 9800)
  t.strictSame([held.held, outcomes], [0, ['given_up']])
})

t.test('what is in hand of somebody who is silent is asked again where that does no harm', async (t) => {
  const clock = createManualClock()
  const dead = calls(clock, (tries) => (tries === 1 ? never() : { task: 1 }))
  const answer = dead.held.call('getTask', get)
  await clock.whenSleeping()
  await clock.advance(1999)
  t.equal(dead.tries(), 1)
  await clock.advance(1)
  t.strictSame(await answer, { task: 1 })
  const slow = calls(clock, (tries) => (tries === 1 ? clock.sleep(3000).then(() => 'first') : never()))
  const late = slow.held.call('getTask', get)
  await clock.whenSleeping()
  await clock.advance(3000)
  t.equal(await late, 'first', 'an answer to the first question counts as well')
  const letters = calls(clock, (_, { timeoutMs }) => clock.sleep(timeoutMs).then(() => silent))
  const failed = t.rejects(letters.held.call('replayDeadLetters', {} as never, { timeoutMs: 7000 }), silent)
  await clock.whenSleeping()
  await clock.advance(7000)
  await failed
  t.equal(letters.tries(), 1, 'done twice it would be another thing')
})

t.test('it ends with the patience of whoever asked', async (t) => {
  const clock = createManualClock()
  const { held } = calls(clock, () => behind)
  const short = withAsking({ untilMs: 1500 }, () => held.call('getTask', get))
  const refused = t.rejects(short, { code: 'UNAVAILABLE' })
  await clock.whenSleeping()
  await clock.advance(1500)
  await refused
  t.ok(clock.monotonicMs() <= 1500)
  const gone = new AbortController()
  const left = t.rejects(
    withAsking({ signal: gone.signal }, () => held.call('getTask', get)),
    { code: 'UNAVAILABLE' },
  )
  await clock.advance(1)
  gone.abort()
  await left
  t.equal(held.held, 0)
})

t.test('where it may be held for a moment only, what is under way may still be answered', async (t) => {
  const clock = createManualClock()
  const { held, tries } = calls(clock, () => clock.sleep(2500).then(() => 'late'))
  const answer = withAsking({ holdUntilMs: 1000 }, () => held.call('listQueues', {}))
  await clock.whenSleeping()
  await clock.advance(2500)
  t.equal(await answer, 'late')
  t.equal(tries(), 1)
})

t.test('without a place nothing is held', async (t) => {
  const clock = createManualClock()
  const places = new HoldPlaces({ most: 1, mostOfTenant: 1 })
  const { held, outcomes } = calls(clock, () => behind, places)
  const first = t.rejects(held.call('getTask', get), { code: 'UNAVAILABLE' })
  await clock.advance(1)
  await t.rejects(held.call('getTask', get), behind)
  t.strictSame(outcomes, ['no_place'])
  await clock.advance(11_000)
  await first
})

t.test('what is refused is refused, and what speaks of no moment is passed on', async (t) => {
  const clock = createManualClock()
  const minutes = new MurmurError('UNAVAILABLE', 'later', { retryAfterMs: 60_000 })
  for (const error of [
    minutes,
    new MurmurError('TASK_NOT_FOUND', 'no'),
    new MurmurError('OVERLOADED', 'full'),
  ])
    await t.rejects(calls(clock, () => error).held.call('getTask', get), error)
  await t.rejects(calls(clock, () => behind).held.call('replayDeadLetters', {} as never), behind)
})

t.test('a refusal of what was asked twice may mean that it is done', async (t) => {
  const clock = createManualClock()
  const finished = new MurmurError('TASK_ALREADY_FINISHED', 'it is over')
  const done = { taskId: 't', accepted: true } as const
  const twice = calls(clock, (tries) => (tries === 1 ? never() : finished))
  const answer = twice.held.call('cancelTask', get, { whenRepeated: async () => done })
  await clock.whenSleeping()
  await clock.advance(2000)
  t.strictSame(await answer, done)
  const once = calls(clock, () => finished)
  await t.rejects(once.held.call('cancelTask', get, { whenRepeated: async () => done }), finished)
})
