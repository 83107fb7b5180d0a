import { spawnSync } from 'node:child_process'
import { jetstream } from '@nats-io/jetstream'
import { connect, headers } from '@nats-io/transport-node'
import t from 'tap'
import type { TaskState, TaskSummary } from '../../schemas/task.ts'
import { MurmurError } from '../../services/platform/errors/murmur-error.ts'
import { SERVICES } from '../../subjects/operations.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, startProgram, startService } from '../support/services.ts'

const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts')
await startService(t, servers, 'loadtest/bench/noop-agents.ts')
const bus = await openBus(t, servers.natsUrl)
const nc = await connect({ servers: servers.natsUrl })
t.teardown(() => nc.close())
const js = jetstream(nc)

const oneStep = (input: unknown = { payload: 'x' }) => ({ steps: [{ id: 'a', agent: 'noop-a', input }] })
const submit = async (body: unknown) =>
  (await bus.request(SERVICES.submitTask, body, { timeoutMs: 10_000 })) as {
    taskId: string
    duplicate: boolean
  }

t.test('a hybrid plan runs: two branches in parallel, then joined', async (t) => {
  const { taskId } = await submit({
    type: 'plan',
    input: { left: 'l', right: 'r' },
    plan: {
      steps: [
        { id: 'left', agent: 'noop-a', input: { payload: { $from: 'input.left' } } },
        { id: 'right', agent: 'noop-b', input: { payload: { $from: 'input.right' } } },
        {
          id: 'join',
          agent: 'noop-c',
          needs: ['left', 'right'],
          input: { payload: { $from: 'steps.right.output.payload' } },
        },
      ],
      output: { joined: { $from: 'steps.join.output.payload' }, left: { $from: 'steps.left.output' } },
    },
  })
  const task = await endOfTask(bus, taskId)
  t.equal(task.status, 'completed')
  t.same(task.output, { joined: 'r', left: { payload: 'l' } })
  const { left, right, join } = task.steps
  t.ok(left!.dispatchedAtMs === right!.dispatchedAtMs, 'both branches were dispatched by the same event')
  t.ok(
    join!.dispatchedAtMs! >= Math.max(left!.finishedAtMs!, right!.finishedAtMs!) - 50,
    'the join came after both',
  )
})

t.test('the durable queue: nats pub is enough, the PubAck is the receipt', async (t) => {
  const accepted = new Promise<string>((resolve) => {
    bus.subscribe('tasks.events.plan.*.completed', ({ subject }) => resolve(subject.split('.')[3]!))
  })
  const ack = await js.publish(
    'tasks.submit.plan',
    JSON.stringify({ plan: oneStep(), labels: { from: 'queue' } }),
  )
  t.equal(ack.stream, 'INTAKE')
  const task = await endOfTask(bus, await accepted)
  t.equal(task.status, 'completed')
  t.same(task.labels, { from: 'queue' })
})

t.test('what the queue refuses is told, with the message id', async (t) => {
  const rejected = new Promise<{ problem: { code: string }; messageId?: string }>((resolve) => {
    bus.subscribe('tasks.rejected.nonsense', ({ data }) =>
      resolve(JSON.parse(new TextDecoder().decode(data))),
    )
  })
  await bus.flush()
  const h = headers()
  h.set('Nats-Msg-Id', 'my-own-id')
  await js.publish('tasks.submit.nonsense', '{}', { headers: h })
  const { problem, messageId } = await rejected
  t.equal(problem.code, 'UNKNOWN_TASK_TYPE')
  t.equal(messageId, 'my-own-id')
})

t.test('idempotency keys', async (t) => {
  const body = { type: 'plan', plan: oneStep(), idempotencyKey: 'once' }
  const both = await Promise.all([submit(body), submit(body)])
  t.equal(both[0]!.taskId, both[1]!.taskId)
  t.same(both.map((receipt) => receipt.duplicate).sort(), [false, true])
  const reordered = { idempotencyKey: 'once', plan: oneStep(), type: 'plan' }
  t.same(
    await submit(reordered),
    { taskId: both[0]!.taskId, duplicate: true },
    'the order of keys does not matter',
  )
  await t.rejects(submit({ ...body, plan: oneStep({ payload: 'y' }) }), { code: 'IDEMPOTENCY_CONFLICT' })
  await endOfTask(bus, both[0]!.taskId)
  await t.rejects(
    submit({ ...body, priority: 0 }),
    { code: 'IDEMPOTENCY_CONFLICT' },
    'also when it has ended',
  )
})

t.test('cancel ends a task that waits, and only once', async (t) => {
  const { taskId } = await submit({ type: 'plan', plan: oneStep(), delayMs: 60_000 })
  const cancel = () =>
    bus.request(SERVICES.cancelTask, { taskId, reason: 'changed my mind' }, { timeoutMs: 5000 })
  t.same(await cancel(), { taskId, accepted: true })
  const task = await endOfTask(bus, taskId)
  t.equal(task.status, 'cancelled')
  t.equal(task.error?.message, 'changed my mind')
  t.equal(task.steps.a?.status, 'skipped')
  await t.rejects(cancel(), { code: 'TASK_ALREADY_FINISHED' })
})

t.test('timers: a delayed start and a deadline', async (t) => {
  const delayed = await submit({ type: 'plan', plan: oneStep(), delayMs: 300 })
  await bus.request(SERVICES.registerAgent, { type: 'absent', instance: 'absent-1' }, { timeoutMs: 5000 })
  const waiting = { steps: [{ id: 'a', agent: 'absent' }] }
  const late = await submit({ type: 'plan', plan: waiting, deadlineMs: 300 })
  const started = await endOfTask(bus, delayed.taskId)
  t.equal(started.status, 'completed')
  t.ok(started.steps.a!.dispatchedAtMs! - started.createdAtMs >= 300)
  t.ok(started.steps.a!.dispatchedAtMs! - started.createdAtMs < 10_000)
  const failed = await endOfTask(bus, late.taskId)
  t.equal(failed.status, 'failed')
  t.equal(failed.error?.code, 'DEADLINE_EXCEEDED')
})

t.test('a step whose input does not suit its agent fails for good, with the reason', async (t) => {
  const { taskId } = await submit({ type: 'plan', plan: oneStep({ payload: 7 }) })
  const task = await endOfTask(bus, taskId)
  t.equal(task.status, 'failed')
  t.equal(task.error?.code, 'INVALID_STEP_INPUT')
  t.match(task.error?.message, /payload/)
  t.equal(task.steps.a?.attempt, 1, 'no second attempt')
})

t.test('values too large for a message travel through the object store', async (t) => {
  const payload = 'ä'.repeat(40_000)
  const { taskId } = await submit({
    type: 'plan',
    plan: {
      steps: [
        { id: 'a', agent: 'noop-a', input: { payload } },
        { id: 'b', agent: 'noop-b', needs: ['a'], input: { payload: { $from: 'steps.a.output.payload' } } },
        { id: 'c', agent: 'noop-c', needs: ['b'], input: { $from: 'steps.b.output' } },
      ],
      output: { $from: 'steps.c.output' },
    },
  })
  const task = await endOfTask(bus, taskId)
  t.equal(task.status, 'completed')
  const output = task.output as { $json: { size: number } }
  t.equal(output.$json.size, Buffer.byteLength(JSON.stringify({ payload })))
})

t.test('bad input: a stable code each, and nothing is left behind', async (t) => {
  const before = await list()
  const deep = `${'['.repeat(10_000)}${']'.repeat(10_000)}`
  const plan = (steps: unknown) => JSON.stringify({ type: 'plan', plan: { steps } })
  const mistyped = submit({ type: 'plan', plan: { steps: [{ id: 'a', agent: 'noop_aa' }] } })
  await t.rejects(mistyped, { code: 'UNKNOWN_AGENT', message: /did you mean "noop-a"/ })
  const cases: [string, string, string][] = [
    ['malformed JSON', '{"type": "plan",', 'MALFORMED_JSON'],
    ['nothing at all', '', 'MALFORMED_JSON'],
    ['10,000 levels', `{"type":"plan","input":${deep}}`, 'JSON_TOO_DEEP'],
    ['too large', JSON.stringify({ type: 'plan', input: { x: 'x'.repeat(300_000) } }), 'PAYLOAD_TOO_LARGE'],
    ['unknown task type', '{"type":"dance"}', 'UNKNOWN_TASK_TYPE'],
    ['unknown agent', plan([{ id: 'a', agent: 'nobody' }]), 'UNKNOWN_AGENT'],
    [
      'a cycle',
      plan([
        { id: 'a', agent: 'noop-a', needs: ['b'] },
        { id: 'b', agent: 'noop-a', needs: ['a'] },
      ]),
      'PLAN_CYCLE',
    ],
    ...['a*', 'a>', 'a b', 'a.b', '', 'ä'].map((id): [string, string, string] => [
      `step id "${id}"`,
      plan([{ id, agent: 'noop-a' }]),
      'INVALID_SUBMISSION',
    ]),
    ['negative timeout', plan([{ id: 'a', agent: 'noop-a', timeoutMs: -1 }]), 'INVALID_SUBMISSION'],
    [
      'twice the same id',
      plan([
        { id: 'a', agent: 'noop-a' },
        { id: 'a', agent: 'noop-a' },
      ]),
      'PLAN_DUPLICATE_STEP',
    ],
    ['a field nobody knows', '{"type":"plan","plam":{}}', 'INVALID_SUBMISSION'],
    [
      'reference to a step that is not needed',
      plan([{ id: 'a', agent: 'noop-a', input: { $from: 'steps.b.output' } }]),
      'PLAN_BAD_REFERENCE',
    ],
  ]
  for (const [what, body, code] of cases) {
    const error = await submit(body).then(
      () => undefined,
      (fault: unknown) => fault,
    )
    t.ok(error instanceof MurmurError, `${what} is refused`)
    const problem = (error as MurmurError).toProblem()
    t.equal(problem.code, code, what)
    t.ok(
      problem.message.length > 10 && problem.fix.length > 10,
      `${what}: says what was wrong and how to mend it`,
    )
  }
  t.same(await list(), before, 'no task came of any of them')
})

t.test('a 2 MB message is refused by the connection itself, and hurts nobody else', async (t) => {
  const other = await connect({ servers: servers.natsUrl, reconnect: false })
  await t.rejects(other.request(SERVICES.submitTask, new Uint8Array(2_000_000), { timeout: 2000 }))
  await other.close()
  t.ok((await submit({ type: 'plan', plan: oneStep() })).taskId)
})

t.test('questions with bad arguments', async (t) => {
  const ask = (subject: string, body: unknown) => bus.request(subject, body, { timeoutMs: 5000 })
  await t.rejects(ask(SERVICES.getTask, { taskId: 'nope' }), { code: 'TASK_NOT_FOUND' })
  await t.rejects(ask(SERVICES.getTask, { taskId: 'a.b' }), { code: 'INVALID_REQUEST' })
  await t.rejects(ask(SERVICES.listTasks, { limit: 0 }), { code: 'INVALID_REQUEST' })
  await t.rejects(ask(SERVICES.cancelTask, {}), { code: 'INVALID_REQUEST' })
  await t.rejects(ask(SERVICES.registerAgent, { type: 'a.*', instance: 'x' }), { code: 'INVALID_REQUEST' })
})

t.test('an agent in Python, with nothing but a socket', async (t) => {
  const python = spawnSync('python3', ['--version'])
  if (python.status !== 0) {
    t.comment('skipped: there is no python3 on this machine')
    return
  }
  startProgram(t, 'python3', ['examples/agents/word_count.py'], { NATS_URL: servers.natsUrlOf('own-agents') })
  await new Promise<void>((resolve) => {
    bus.subscribe('agents.heartbeat.word-count.*', () => resolve())
  })
  const { taskId } = await submit({
    type: 'plan',
    plan: { steps: [{ id: 'count', agent: 'word-count', input: { text: 'one two three' } }] },
  })
  const task = await endOfTask(bus, taskId)
  t.same(task.output, { count: { words: 3 } })
  const bad = await endOfTask(
    bus,
    (await submit({ type: 'plan', plan: { steps: [{ id: 'count', agent: 'word-count' }] } })).taskId,
  )
  t.equal(bad.error?.code, 'INVALID_STEP_INPUT')
})

async function list(): Promise<TaskSummary[]> {
  const answer = (await bus.request(SERVICES.listTasks, { limit: 500 }, { timeoutMs: 5000 })) as {
    tasks: TaskSummary[]
  }
  return answer.tasks.filter((task: Pick<TaskState, 'id'>) => task.id)
}
