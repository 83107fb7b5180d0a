import { headers as natsHeaders } from '@nats-io/transport-node'
import t from 'tap'
import { SERVICES } from '../../subjects/operations.ts'
import { SUBJECTS } from '../../subjects/subjects.ts'
import { openNats } from '../support/bus.ts'
import { startCluster } from '../support/cluster.ts'
import { LogWatch } from '../support/task-load.ts'
import { until } from '../support/until.ts'

const { bus, servers } = await startCluster(t, { orchestrators: 1, agents: 1 })
const { nc, jsm } = await openNats(t, servers.natsUrl)
const log = new LogWatch(bus)
t.teardown(() => log.stop())

const step = (id: string, about: object = {}) => ({
  id,
  agent: 'chaos',
  input: { value: 1, times: 2, plus: 3, workMs: 1 },
  ...about,
})
const plan = (...steps: object[]) => ({ type: 'plan', plan: { steps } })
const ask = <Answer>(service: string, body: unknown) =>
  bus.request(service, body, { timeoutMs: 5000 }) as Promise<Answer>
const submit = (body: unknown) => ask<{ taskId: string; duplicate: boolean }>(SERVICES.submitTask, body)
const ended = (id: string) => until(`${id} has ended`, () => log.state(id)?.finishedAtMs !== undefined)
const logSize = async () => (await jsm.streams.info('LOG')).state.messages

t.test('what is refused by request and reply leaves nothing behind', async (t) => {
  const before = await logSize()
  const bad: [body: unknown, code: string][] = [
    ['{"type":', 'MALFORMED_JSON'],
    [`{"type":"plan","input":${'['.repeat(10_000)}${']'.repeat(10_000)}}`, 'JSON_TOO_DEEP'],
    [{ ...plan(step('a')), input: { x: 'x'.repeat(500_000) } }, 'PAYLOAD_TOO_LARGE'],
    [{ type: 'poem' }, 'UNKNOWN_TASK_TYPE'],
    [plan({ ...step('a'), agent: 'nobody' }), 'UNKNOWN_AGENT'],
    [plan(step('a', { needs: ['b'] }), step('b', { needs: ['a'] })), 'PLAN_CYCLE'],
    [plan(step('*')), 'INVALID_SUBMISSION'],
    [plan(step('a', { timeoutMs: -1 })), 'INVALID_SUBMISSION'],
    [plan(step('a'), step('a')), 'PLAN_DUPLICATE_STEP'],
  ]
  for (const [body, code] of bad) await t.rejects(submit(body), { code }, code)
  t.equal(await logSize(), before)
  t.same(await ask(SERVICES.listTasks, {}), { tasks: [] })
})

t.test('what is refused on the durable subject is told, and leaves the queue', async (t) => {
  const before = await logSize()
  const told = new Map<string, { problem: { code: string }; messageId?: string }>()
  const end = bus.subscribe(SUBJECTS.rejectedAll, ({ subject, data }) =>
    told.set(subject, JSON.parse(Buffer.from(data).toString())),
  )
  t.teardown(end)
  await bus.flush()
  nc.publish(SUBJECTS.submit('poem'), '{}')
  nc.publish(SUBJECTS.submit('plan'), '{')
  await until('both are told', () => told.size === 2)
  t.match(told.get('tasks.rejected.poem'), {
    problem: { code: 'UNKNOWN_TASK_TYPE', message: /poem/, fix: String },
  })
  t.match(told.get('tasks.rejected.plan'), { problem: { code: 'MALFORMED_JSON' } })
  await until('the queue is empty', async () => (await jsm.streams.info('INTAKE')).state.messages === 0)
  t.equal(await logSize(), before)
})

t.test('a plain publish is enough, and its message id is its key', async (t) => {
  const body = JSON.stringify(plan(step('a')))
  const acks = [0, 1].map((i) => bus.publisher.publish(SUBJECTS.submit('plan'), body, { msgId: `key-${i}` }))
  await Promise.all(acks)
  const { taskId } = await submit({ ...plan(step('a')), idempotencyKey: 'key-0' })
  await ended(taskId)
  t.match(log.state(taskId), { status: 'completed', output: { a: { value: 5 } } })
  await until('the other is there', () => log.turns.size === 2)
  t.equal((await ask<{ tasks: object[] }>(SERVICES.listTasks, {})).tasks.length, 2, 'one task for each key')
})

t.test('another body under a message id is told, at once and later; the same body is not', async (t) => {
  const told: { problem: { code: string }; messageId?: string }[] = []
  const end = bus.subscribe(SUBJECTS.rejectedAll, ({ data }) =>
    told.push(JSON.parse(Buffer.from(data).toString())),
  )
  t.teardown(end)
  await bus.flush()
  const send = async (body: object, msgId: string) => {
    const headers = natsHeaders()
    headers.set('Nats-Msg-Id', msgId)
    await nc.request(SUBJECTS.submit('plan'), JSON.stringify(body), { headers, timeout: 5000 })
  }
  await send(plan(step('a')), 'twice')
  await send(plan(step('b')), 'twice')
  await until('the second one is told', () => told.length === 1)
  t.match(told, [{ problem: { code: 'IDEMPOTENCY_CONFLICT' }, messageId: 'twice' }])
  const outcome = () => ask<{ status: string }>(SERVICES.getSubmission, { messageId: 'twice' })
  await until('the first one is the one that counts', async () => (await outcome()).status === 'accepted')

  await send(plan(step('a')), 'late')
  await until('the stream has forgotten the id', async () => {
    const headers = natsHeaders()
    headers.set('Nats-Msg-Id', 'late')
    const ack = await nc.request(SUBJECTS.submit('plan'), JSON.stringify(plan(step('c'))), {
      headers,
      timeout: 5000,
    })
    return ack.json<{ duplicate?: boolean }>().duplicate !== true
  })
  await until('the late one is told by the intake', () => told.at(-1)?.messageId === 'late')
  t.equal(told.at(-1)?.problem.code, 'IDEMPOTENCY_CONFLICT')

  const before = told.length
  await send({ plan: plan(step('a')).plan, type: 'plan' }, 'same')
  await send(plan(step('a')), 'same')
  await send(plan(step('d')), 'marker')
  await send(plan(step('e')), 'marker')
  await until('the marker is told', () => told.length > before)
  t.notOk(
    told.some(({ messageId }) => messageId === 'same'),
    'the same in other words is no conflict',
  )
})

t.test('the same key is the same task; another body under it a conflict', async (t) => {
  const keyed = { ...plan(step('a')), idempotencyKey: 'k1' }
  const [first, ...others] = await Promise.all(Array.from({ length: 20 }, () => submit(keyed)))
  t.ok(others.every(({ taskId }) => taskId === first!.taskId))
  t.equal([first!, ...others].filter(({ duplicate }) => !duplicate).length, 1, 'one of them made it')
  const otherBody = { ...plan(step('b')), idempotencyKey: 'k1' }
  await t.rejects(submit(otherBody), { code: 'IDEMPOTENCY_CONFLICT' })
  await ended(first!.taskId)
  await t.rejects(submit(otherBody), { code: 'IDEMPOTENCY_CONFLICT' }, 'also after its end')
  t.match(await submit(keyed), { taskId: first!.taskId, duplicate: true })
})

t.test('cancelling', async (t) => {
  const { taskId } = await submit(plan(step('a', { input: { value: 1, times: 1, plus: 1, workMs: 60_000 } })))
  t.match(await ask(SERVICES.cancelTask, { taskId, reason: 'changed my mind' }), { taskId, accepted: true })
  await ended(taskId)
  t.match(log.state(taskId), {
    status: 'cancelled',
    error: { code: 'CANCELLED', message: 'changed my mind' },
  })
  const again = () => ask(SERVICES.cancelTask, { taskId })
  await until(
    'the end is known',
    async () =>
      (await ask<{ task: { status: string } }>(SERVICES.getTask, { taskId })).task.status === 'cancelled',
  )
  await t.rejects(again(), { code: 'TASK_ALREADY_FINISHED' })
  await t.rejects(ask(SERVICES.cancelTask, { taskId: 'nobody' }), { code: 'TASK_NOT_FOUND' })
  await t.rejects(ask(SERVICES.getTask, { taskId: 'a.b' }), { code: 'INVALID_REQUEST' })
})

t.test('an input that is too large for a message reaches its step through the object store', async (t) => {
  const big = 'x'.repeat(200_000)
  const wide = {
    value: 1,
    times: 1,
    plus: 1,
    workMs: 1,
    more: [{ $from: 'input.big' }, { $from: 'input.big' }],
  }
  const { taskId } = await submit({ ...plan(step('a', { input: wide })), input: { big } })
  await ended(taskId)
  t.match(log.state(taskId), { status: 'completed', output: { a: { value: 2 } } })
})

t.test('a task with many outputs can be read, and everything goes on', async (t) => {
  const input = { value: 1, times: 1, plus: 1, workMs: 1, padding: 15_000 }
  const { taskId } = await submit(plan(...Array.from({ length: 80 }, (_, i) => step(`s${i}`, { input }))))
  await ended(taskId)
  t.match(log.state(taskId), { status: 'completed' })
  // The log is read here as fast as there: its last events may not be folded yet.
  await until('it is told to be completed', async () => {
    const { task } = await ask<{ task: { status: string } }>(SERVICES.getTask, { taskId })
    return task.status === 'completed'
  })
  const { tasks } = await ask<{ tasks: { id: string }[] }>(SERVICES.listTasks, { limit: 3 })
  t.ok(
    tasks.some(({ id }) => id === taskId),
    'it is listed',
  )
  t.match(await submit(plan(step('a'))), { duplicate: false })
})
