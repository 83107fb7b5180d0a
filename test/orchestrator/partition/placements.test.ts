import { Redis as Client } from 'ioredis'
import t from 'tap'
import type { Placement } from '#schemas/placement.ts'
import {
  PLACEMENT_KEYS,
  Placements,
  withPlacements,
} from '../../../services/orchestrator/partition/placements.ts'
import { systemClock } from '../../../services/platform/clock/clock.ts'
import { createRedis, waitForRedis } from '../../../services/platform/redis/redis.ts'
import { quietLog } from '../../support/owner-fixture.ts'
import { withServers } from '../../support/servers.ts'
import { taskState } from '../../support/task-states.ts'
import { until } from '../../support/until.ts'

const servers = await withServers(t)
const redis = createRedis(servers.redisUrl)
const admin = new Client(servers.redisUrl)
t.teardown(async () => {
  await redis.close()
  admin.disconnect()
})
await waitForRedis(redis, 5000)

const made = () => new Placements({ redis, clock: systemClock, log: quietLog })
const placement = (about: Partial<Placement> = {}): Placement => ({
  ...{ attempt: 1, strategy: 'least-loaded', instance: 'i1', because: 'the least loaded of 2', atMs: 5 },
  ...{ candidates: [], leftOut: [] },
  ...about,
})
const nowMs = systemClock.nowMs()
const taken = (about: object = {}) => ({
  ...{ status: 'completed' as const, attempt: 1, instance: 'i1', dispatchedAtMs: nowMs + 60_000 },
  ...{ startedAtMs: 1, finishedAtMs: 2 },
  ...about,
})
const task = (id: string, steps = { a: taken() }) =>
  taskState(id, {
    plan: { steps: [{ id: 'a', agent: 'x' }] },
    steps,
    deadlineAtMs: nowMs + 1000,
    keepFinishedMs: 2000,
  })
const keptOf = (id: string) => admin.hgetall(PLACEMENT_KEYS.task(0, id))

t.test('what is recorded is there for another process, as long as the task and no longer', async (t) => {
  const state = task('kept')
  made().record(0, state, 'a', placement())
  await until('it is written', async () => Object.keys(await keptOf('kept')).length === 1)
  const explained = await made().explained(0, state)
  t.strictSame(explained.steps.a?.placement, placement())
  const ttlMs = await admin.pttl(PLACEMENT_KEYS.task(0, 'kept'))
  t.ok(ttlMs > 3_590_000 && ttlMs <= 3_604_000, `${ttlMs} ms`)
  // One who knows less of the task must not let it expire earlier.
  made().record(0, { id: 'kept', deadlineAtMs: nowMs - 5000 }, 'a', placement({ because: 'again' }))
  await until('it is written', async () => (await keptOf('kept')).a!.includes('again'))
  t.ok((await admin.pttl(PLACEMENT_KEYS.task(0, 'kept'))) > 3_600_500)
})

t.test('ten thousand items leave one placement: that of the last', async (t) => {
  const placements = made()
  for (let i = 0; i < 10_000; i++) placements.record(0, task('items'), `a.${i}`, placement())
  await until('the last is written', async () => (await keptOf('items')).a?.includes('"a.9999"') ?? false)
  t.equal(Object.keys(await keptOf('items')).length, 1)
})

t.test('what nobody was chosen for was taken by who was free, where all choices are known', async (t) => {
  await admin.del(PLACEMENT_KEYS.since(0))
  const state = task('pulled')
  const before = await made().explained(0, state)
  t.equal(before.steps.a?.placement, undefined, 'after Redis was emptied nothing is claimed')
  made().opened(0)
  await until('it is known since when', async () => (await admin.get(PLACEMENT_KEYS.since(0))) !== null)
  const after = await made().explained(0, state)
  t.match(after.steps.a?.placement, { strategy: 'pull', attempt: 1, instance: undefined })
  const since = await admin.get(PLACEMENT_KEYS.since(0))
  made().opened(0)
  await made().explained(0, state)
  t.equal(await admin.get(PLACEMENT_KEYS.since(0)), since, 'a later owner does not begin anew')
})

t.test('only what holds for the attempt is told', async (t) => {
  const kept = { a: JSON.stringify(placement()) }
  const ofStep = (step: ReturnType<typeof taken>, about: Record<string, string> = kept, sinceMs?: number) =>
    withPlacements(task('t', { a: step }), about, sinceMs).steps.a?.placement
  t.equal(ofStep(taken())?.instance, 'i1')
  t.equal(ofStep(taken({ attempt: 2 })), undefined, 'that of an attempt before')
  t.match(ofStep(taken({ attempt: 2 }), kept, nowMs), { strategy: 'pull', attempt: 2 })
  t.equal(ofStep(taken({ dispatchedAtMs: nowMs - 1 }), {}, nowMs), undefined, 'of before')
  t.equal(ofStep(taken({ instance: undefined, status: 'dispatched' }), {}, nowMs), undefined, 'nobody has it')
  const refused = taken({ status: 'failed', error: { code: 'DISPATCH_FAILED', message: 'too large' } })
  const failed = taken({ status: 'failed', error: { code: 'BROKE', message: 'it broke' } })
  t.match(ofStep(failed, {}, nowMs), { strategy: 'pull' })
  t.equal(ofStep(refused, {}, nowMs), undefined, 'the orchestrator gave it up')
  t.equal(ofStep(taken(), { a: '{' }), undefined, 'what can not be read')
  t.equal(ofStep(taken(), { a: '{}' }), undefined)
  const run = placement({ runId: 'a.3', attempt: 4 })
  t.equal(ofStep(taken(), { a: JSON.stringify(run) })?.runId, 'a.3')
})

t.test('Redis that does not answer costs the reason, not the answer', async (t) => {
  const away = async () => {
    throw new Error('away')
  }
  const placements = new Placements({
    redis: { script: away, get: away, hgetall: away },
    clock: systemClock,
    log: quietLog,
  })
  placements.record(0, task('t'), 'a', placement())
  t.equal((await placements.explained(0, task('t'))).id, 't')
})
