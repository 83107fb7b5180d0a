import { mock } from 'node:test'
import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import { type BreakerOutcome, createCircuitBreaker, HostBreakers } from '#platform/http/circuit-breaker.ts'

const OPEN_MS = 1000
const done = async () => ({ kind: 'done' })
const failed = async () => ({ kind: 'retry', countsAgainstHost: true })
const refused = async () => ({ kind: 'retry', countsAgainstHost: false })

/** The library reads the system's time, we read our clock: both are turned together. */
function createTime(t: { teardown(end: () => unknown): void }) {
  mock.timers.enable({ apis: ['Date'], now: 0 })
  t.teardown(() => mock.timers.reset())
  const clock = createManualClock()
  async function advance(ms: number) {
    mock.timers.setTime(Date.now() + ms)
    await clock.advance(ms)
  }
  return { clock, advance }
}

async function kinds(attempts: Promise<BreakerOutcome>[]): Promise<string[]> {
  return (await Promise.all(attempts)).map(({ kind }) => kind)
}

t.test('failures in a row open the circuit, and a success in between starts the count anew', async (t) => {
  const { clock } = createTime(t)
  const breaker = createCircuitBreaker(clock, { failures: 2, openMs: OPEN_MS })
  for (const attempt of [failed, done, failed]) t.not((await breaker.run(attempt)).kind, 'circuit-open')
  t.equal(breaker.maxConcurrency, Number.POSITIVE_INFINITY)
  t.equal(breaker.openForMs(), 0)
  await breaker.run(failed)
  t.equal(breaker.maxConcurrency, 1)
  t.equal(breaker.openForMs(), OPEN_MS)
  let sent = 0
  const outcome = await breaker.run(async () => {
    sent++
    return { kind: 'done' }
  })
  t.match(outcome, { kind: 'circuit-open', code: 'CIRCUIT_OPEN', afterMs: OPEN_MS })
  t.equal(sent, 0)
})

t.test('what does not count against the host opens nothing', async (t) => {
  const { clock } = createTime(t)
  const breaker = createCircuitBreaker(clock, { failures: 1, openMs: OPEN_MS })
  for (let i = 0; i < 5; i++) t.equal((await breaker.run(refused)).kind, 'retry')
  const error = new Error('aborted')
  await t.rejects(
    breaker.run(() => Promise.reject(error)),
    error,
    'what the attempt throws goes through',
  )
  t.equal((await breaker.run(done)).kind, 'done')
})

t.test('after the pause one trial goes through, others are sent away until it has ended', async (t) => {
  const { clock, advance } = createTime(t)
  const breaker = createCircuitBreaker(clock, { failures: 1, openMs: OPEN_MS })
  await breaker.run(failed)
  await advance(OPEN_MS - 1)
  t.match(await breaker.run(done), { kind: 'circuit-open', afterMs: 1 })
  await advance(1)
  const trial = Promise.withResolvers<BreakerOutcome>()
  const running = breaker.run(() => trial.promise)
  t.match(await breaker.run(done), { kind: 'circuit-open', afterMs: 1000 })
  t.equal(breaker.maxConcurrency, 1)
  trial.resolve({ kind: 'done' })
  t.equal((await running).kind, 'done')
  t.equal(breaker.maxConcurrency, Number.POSITIVE_INFINITY)
  t.strictSame(await kinds([breaker.run(done), breaker.run(done)]), ['done', 'done'])
})

t.test('a trial that fails or is aborted opens the circuit again', async (t) => {
  const { clock, advance } = createTime(t)
  const breaker = createCircuitBreaker(clock, { failures: 1, openMs: OPEN_MS })
  await breaker.run(failed)
  await advance(OPEN_MS)
  t.equal((await breaker.run(failed)).kind, 'retry')
  t.equal(breaker.openForMs(), OPEN_MS)
  await advance(OPEN_MS)
  await t.rejects(breaker.run(() => Promise.reject(new Error('aborted'))))
  t.match(await breaker.run(done), { kind: 'circuit-open', afterMs: OPEN_MS })
})

t.test('states are told by key, and an open one whose time is over is half open', async (t) => {
  const { clock, advance } = createTime(t)
  const told: string[] = []
  const breakers = new HostBreakers(clock, { failures: 1, openMs: OPEN_MS, maxHosts: 2 }, (key, state) =>
    told.push(`${key} ${state}`),
  )
  await breakers.of('a').run(failed)
  await breakers.of('b').run(done)
  t.strictSame(
    [...breakers.states()],
    [
      ['a', 'open'],
      ['b', 'closed'],
    ],
  )
  await advance(OPEN_MS)
  t.equal(breakers.of('a').state, 'half-open', 'also before somebody tries')
  await breakers.of('a').run(done)
  t.equal(breakers.of('a').state, 'closed')
  t.strictSame(told, ['a open', 'a half-open', 'a closed'])
})

t.test('each host has a breaker of its own, and the least recently used one is forgotten', async (t) => {
  const { clock } = createTime(t)
  const breakers = new HostBreakers(clock, { failures: 1, openMs: OPEN_MS, maxHosts: 2 })
  await breakers.of('a').run(failed)
  t.equal((await breakers.of('a').run(done)).kind, 'circuit-open')
  t.equal((await breakers.of('b').run(done)).kind, 'done')
  t.equal((await breakers.of('a').run(done)).kind, 'circuit-open', 'used after b')
  t.equal((await breakers.of('c').run(done)).kind, 'done', 'b is forgotten, a is not')
  t.equal((await breakers.of('a').run(done)).kind, 'circuit-open')
  await breakers.of('d').run(done)
  await breakers.of('e').run(done)
  t.equal((await breakers.of('a').run(done)).kind, 'done', 'forgotten, with its failures')
})
