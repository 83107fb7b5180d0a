import { jetstream } from '@nats-io/jetstream'
import { connect, headers } from '@nats-io/transport-node'
import t from 'tap'
import type { TaskSummary } from '../../schemas/task.ts'
import { MurmurError } from '../../services/platform/errors/murmur-error.ts'
import { SERVICES, TENANT_SERVICES } from '../../subjects/operations.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, startService } from '../support/services.ts'
import { until } from '../support/until.ts'

const servers = await withServers(t)
await Promise.all([
  startService(t, servers, 'services/orchestrator/main.ts', {
    MURMUR_TENANT_MAX_ACTIVE: '3',
    MURMUR_TENANT_MAX_ACTIVE_OF: 'wide=100',
    MURMUR_MAX_ACTIVE_TASKS: '8',
  }),
  startService(t, servers, 'loadtest/bench/noop-agents.ts'),
])
const bus = await openBus(t, servers.natsUrl)
const nc = await connect({ servers: servers.natsUrl })
t.teardown(() => nc.close())
const js = jetstream(nc)

const waits = {
  type: 'plan',
  delayMs: 600_000,
  plan: { steps: [{ id: 'a', agent: 'noop-a', input: { payload: 'x' } }] },
}
const ask = (tenant: string, service: string, body: unknown) =>
  bus.request(TENANT_SERVICES.of(tenant, service), body, { timeoutMs: 10_000 })
const submit = async (tenant: string, about: object = {}) =>
  ((await ask(tenant, SERVICES.submitTask, { ...waits, ...about })) as { taskId: string }).taskId
const cancel = (tenant: string, taskId: string) => ask(tenant, SERVICES.cancelTask, { taskId })
const fault = async (work: Promise<unknown>) => {
  const error = await work.then(
    () => undefined,
    (reason: unknown) => reason,
  )
  return error instanceof MurmurError ? error.toProblem() : undefined
}
const list = async (tenant: string) =>
  ((await ask(tenant, SERVICES.listTasks, { limit: 500 })) as { tasks: TaskSummary[] }).tasks

t.test(
  'the quota of a tenant: told with a hint, nobody else is held up, and it is over when tasks end',
  async (t) => {
    const ids = [
      await submit('north'),
      await submit('north'),
      await submit('north', { idempotencyKey: 'third' }),
    ]
    const refused = await fault(submit('north'))
    t.match(refused, { code: 'QUOTA_EXCEEDED', status: 429 })
    t.ok(refused!.retryAfterMs! >= 250)
    t.equal(await submit('north', { idempotencyKey: 'third' }), ids[2], 'what exists already costs nothing')
    const south = await submit('south')
    t.equal((await list('north')).length, 3, 'a refused submission leaves nothing behind')
    await cancel('north', ids[0]!)
    await until(
      'there is room again',
      async () => (await fault(submit('north', { idempotencyKey: 'next' }))) === undefined,
    )
    t.match(await fault(submit('north')), { code: 'QUOTA_EXCEEDED' })
    for (const id of ids.slice(1)) await cancel('north', id)
    for (const { id, status } of await list('north'))
      if (status === 'scheduled') await cancel('north', id).catch(() => {})
    await cancel('south', south)
    for (const { id } of await list('north')) t.match(await ended('north', id), { status: 'cancelled' })
  },
)

async function ended(tenant: string, taskId: string) {
  let task: { status: string } | undefined
  await until('it has ended', async () => {
    task = ((await ask(tenant, SERVICES.getTask, { taskId })) as { task: { status: string } }).task
    return task.status === 'cancelled' || task.status === 'completed'
  })
  return task
}

t.test(
  'a system that is full refuses, what came through the queue waits, and all of it is done later',
  async (t) => {
    const ids: string[] = []
    await until('it is full', async () => {
      const problem = await fault(submit('wide').then((id) => ids.push(id)))
      return problem?.code === 'OVERLOADED' && ids.length >= 8
    })
    const refused = await fault(submit('other'))
    t.match(refused, { code: 'OVERLOADED', status: 429 })
    t.ok(refused!.retryAfterMs! >= 250 && refused!.retryAfterMs! <= 60_000)
    const h = headers()
    h.set('Nats-Msg-Id', 'patient')
    const body = { plan: waits.plan }
    const { seq } = await js.publish('tasks.submit.plan', JSON.stringify(body), { headers: h })
    const outcome = () => ask('default', SERVICES.getSubmission, { messageId: 'patient' })
    t.same(await outcome(), { status: 'waiting' })
    t.same(await ask('default', SERVICES.getSubmission, { seq }), { status: 'waiting' })
    for (const { id, status } of await list('wide')) if (status === 'scheduled') await cancel('wide', id)
    await until(
      'it was taken in',
      async () => ((await outcome()) as { status: string }).status === 'accepted',
    )
    const { taskId } = (await outcome()) as { taskId: string }
    t.equal((await endOfTask(bus, taskId)).status, 'completed')
    t.ok(ids.length >= 8 && ids.length <= 10, `${ids.length} were accepted, about as many as may be`)
    for (const id of ids)
      t.match(await ended('wide', id), { status: 'cancelled' }, 'none that was accepted was shed')
  },
)

t.test('what became of a submission', async (t) => {
  const publish = async (body: unknown, id?: string) => {
    const h = headers()
    if (id !== undefined) h.set('Nats-Msg-Id', id)
    return (await js.publish('tasks.submit.plan', JSON.stringify(body), { headers: h })).seq
  }
  const outcome = (request: object, tenant = 'default') => ask(tenant, SERVICES.getSubmission, request)
  const settled = async (request: object) => {
    let last: unknown
    await until('it is settled', async () => {
      last = await outcome(request)
      return (last as { status: string }).status !== 'waiting'
    })
    return last
  }
  const plan = waits.plan
  const good = await publish({ plan })
  const accepted = (await settled({ seq: good })) as { taskId: string }
  t.equal((await endOfTask(bus, accepted.taskId)).status, 'completed', 'by its place')
  await publish({ plan }, 'named')
  t.match(await settled({ messageId: 'named' }), { status: 'accepted', taskId: String })
  const both = await publish({ plan, idempotencyKey: 'own key' }, 'other name')
  const byName = await settled({ messageId: 'other name' })
  t.match(byName, { status: 'accepted', taskId: String }, 'a key in the body, another name on the message')
  t.same(await settled({ seq: both }), byName)
  const bad = await publish({ plan: { steps: [] } }, 'ill-made')
  const rejected = await settled({ messageId: 'ill-made' })
  t.match(rejected, {
    status: 'rejected',
    error: { code: 'INVALID_SUBMISSION', issues: [{ path: String }] },
  })
  t.same(await settled({ seq: bad }), rejected)
  t.match(
    await fault(outcome({ messageId: 'ill-made' }, 'north')),
    { code: 'NOT_FOUND' },
    'nobody else is told',
  )
  t.match(await fault(outcome({ messageId: 'never sent' })), { code: 'NOT_FOUND', status: 404 })
  t.match(await fault(outcome({ seq: 1_000_000 })), { code: 'NOT_FOUND' })
  for (const request of [{}, { seq: 0 }, { messageId: 'a', seq: 1 }, { messageId: '' }])
    t.match(await fault(outcome(request)), { code: 'INVALID_REQUEST' })
})

t.test('many refused ones: the notes are bounded', async (t) => {
  const { createRedis, waitForRedis } = await import('../../services/platform/redis/redis.ts')
  const { OUTCOME_LIMITS, SubmissionOutcomes } = await import(
    '../../services/orchestrator/intake/submission-outcomes.ts'
  )
  const redis = createRedis(servers.redisUrl)
  t.teardown(() => redis.close())
  await waitForRedis(redis, 5000)
  const limits = { ...OUTCOME_LIMITS, keep: 1000 }
  const notes = new SubmissionOutcomes(redis, limits)
  const outcomeOf = (n: number) => ({ status: 'accepted' as const, taskId: `t${n}` })
  const count = limits.keep + 500
  for (let i = 0; i < count; i += 500)
    await Promise.all(
      Array.from({ length: 500 }, (_, j) =>
        notes.record('many', { seq: i + j }, outcomeOf(i + j), 1000 + i + j),
      ),
    )
  t.equal(Object.keys(await redis.hgetall('murmur:{submissions:many}:entries')).length, limits.keep)
  t.equal(await notes.find('many', { seq: 0 }), undefined)
  t.same(await notes.find('many', { seq: count - 1 }), outcomeOf(count - 1))
  await notes.record('old', { seq: 1 }, outcomeOf(1), 1000)
  await notes.record('old', { seq: 2 }, outcomeOf(2), 1001 + OUTCOME_LIMITS.keepMs)
  t.equal(await notes.find('old', { seq: 1 }), undefined, 'an hour later nobody asks')
  t.same(await notes.find('old', { seq: 2 }), outcomeOf(2))
})
