import type { ChildProcess } from 'node:child_process'
import { Redis as Client } from 'ioredis'
import t from 'tap'
import type { Plan } from '../../schemas/plan.ts'
import type { TaskState } from '../../schemas/task.ts'
import { SERVICES } from '../../subjects/operations.ts'
import { startAgents } from '../support/agent-process.ts'
import { openBus } from '../support/bus.ts'
import { planAgents, type Seen } from '../support/plan-agents.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, startService } from '../support/services.ts'
import { until } from '../support/until.ts'

const servers = await withServers(t)
const startOrchestrator = (): Promise<ChildProcess> =>
  startService(t, servers, 'services/orchestrator/main.ts', {
    MURMUR_PARTITIONS: '4',
    MURMUR_LOG_LEVEL: 'silent',
  })
let orchestrator = await startOrchestrator()
const bus = await openBus(t, servers.natsUrl)
const redis = new Client(servers.redisUrl)
t.teardown(() => redis.disconnect())
const seen: Seen = { undone: [], runs: new Map() }
let release = () => {}
let held = Promise.resolve()
const hold = () => {
  held = new Promise((resolve) => {
    release = resolve
  })
}
await startAgents(
  t,
  servers.natsUrl,
  planAgents(seen, () => held),
  { instance: 'plans' },
)

let submitted = 0
const submit = async (plan: Plan, input: object = {}): Promise<string> => {
  const request = { type: 'plan', idempotencyKey: `k${submitted++}`, plan, input }
  return ((await bus.request(SERVICES.submitTask, request, { timeoutMs: 10_000 })) as { taskId: string })
    .taskId
}
const run = async (plan: Plan, input?: object): Promise<TaskState> =>
  endOfTask(bus, await submit(plan, input))
const keysOf = (pattern: string) => redis.keys(pattern)

t.test('a condition on an output in the object store; what is skipped, and what follows', async (t) => {
  const plan: Plan = {
    steps: [
      { id: 'list', agent: 'numbers', input: { count: 300, pad: 100 } },
      {
        id: 'many',
        agent: 'double',
        needs: ['list'],
        when: 'size(steps.list.output.list) > 200',
        input: { n: 1 },
      },
      {
        id: 'few',
        agent: 'double',
        needs: ['list'],
        when: 'size(steps.list.output.list) <= 200',
        input: { n: 2 },
      },
      { id: 'after', agent: 'double', needs: ['few'], input: { n: 3 } },
      { id: 'both', agent: 'double', needs: ['many', 'few'], input: { n: 4 } },
    ],
  }
  const task = await run(plan)
  t.equal(task.status, 'completed')
  t.match(task.steps.list!.output, { $json: {} }, 'the list lies in the object store')
  const statuses = Object.fromEntries(Object.entries(task.steps).map(([id, { status }]) => [id, status]))
  t.strictSame(statuses, {
    ...{ list: 'completed', many: 'completed', few: 'skipped', after: 'skipped', both: 'completed' },
  })
})

t.test('a list: every item once, outputs in their order, nothing left beside the state', async (t) => {
  const plan: Plan = {
    steps: [
      { id: 'list', agent: 'numbers', input: { count: 300, pad: 100 } },
      {
        id: 'map',
        agent: 'double',
        needs: ['list'],
        forEach: { items: { $from: 'steps.list.output.list' }, concurrency: 20 },
        input: { n: { $from: 'item.n' }, index: { $from: 'index' } },
      },
      { id: 'sum', agent: 'double', needs: ['map'], input: { n: { $from: 'steps.map.output.299.n' } } },
    ],
  }
  seen.runs.clear()
  const task = await run(plan)
  t.equal(task.status, 'completed')
  t.strictSame(task.steps.map!.items, { total: 300, next: 300, completed: 300, failed: 0 })
  t.match(task.steps.sum!.output, { n: 4 * 299 })
  t.equal([...seen.runs.keys()].filter((key) => key.startsWith('double ')).length, 301)
  t.strictSame(await keysOf(`murmur:*:items:${task.id}:*`), [])
  const small = await run({
    steps: [
      {
        ...{ id: 'map', agent: 'double', input: { n: { $from: 'item' } } },
        forEach: { items: [1, -1, 3], onItemFailure: 'continue' },
      },
    ],
  })
  t.match(small.output, { map: [{ n: 2 }, { error: { code: 'NEGATIVE' } }, { n: 6 }] })
  const failing = await run({
    steps: [{ id: 'map', agent: 'double', input: { n: { $from: 'item' } }, forEach: { items: [1, -1, 3] } }],
  })
  t.match(failing, { status: 'failed', error: { code: 'NEGATIVE', message: /item 1/, stepId: 'map' } })
  const none = await run({ steps: [{ id: 'map', agent: 'double', forEach: { items: [] } }] })
  t.strictSame(none.output, { map: [] })
})

t.test('a loop runs until its condition holds, and no longer than it may', async (t) => {
  const loop = (maxIterations: number): Plan => ({
    steps: [
      {
        ...{ id: 'loop', agent: 'count', input: { before: { $from: 'previous' } } },
        repeat: { until: 'output.n >= input.enough', maxIterations, delayMs: 20 },
      },
    ],
  })
  t.strictSame((await run(loop(10), { enough: 4 })).output, { loop: { n: 4 } })
  t.match(await run(loop(3), { enough: 4 }), { status: 'failed', error: { code: 'REPEAT_EXHAUSTED' } })
})

t.test('a fallback, a policy by code, and undoing in reverse order', async (t) => {
  const instead = await run({
    steps: [
      {
        ...{ id: 'a', agent: 'broken', input: { name: 'instead' }, retry: { maxAttempts: 1 } },
        fallback: { agent: 'double', input: { n: 21 } },
      },
    ],
  })
  t.match(instead, { status: 'completed', output: { a: { n: 42 } } })
  t.match(instead.steps.a, { viaFallback: true, error: { code: 'BROKEN' } })
  const byCode = { maxAttempts: 5, initialDelayMs: 1, byCode: { GIVE_UP: { maxAttempts: 1 } } }
  const once = await run({
    steps: [{ id: 'a', agent: 'broken', input: { name: 'once', code: 'GIVE_UP' }, retry: byCode }],
  })
  t.equal(once.status, 'failed')
  t.equal(seen.runs.get('once'), 1)
  const often = await run({
    steps: [{ id: 'a', agent: 'broken', input: { name: 'often', code: 'NOT_YET', good: 3 }, retry: byCode }],
  })
  t.match(often, { status: 'completed', output: { a: { times: 3 } } })
  const undo = (what: string) => ({ agent: 'undo', input: { what, of: { $from: 'output' } } })
  const undone = await run({
    steps: [
      { id: 'first', agent: 'double', input: { n: 1 }, compensate: undo('first') },
      { id: 'second', agent: 'double', needs: ['first'], input: { n: 2 }, compensate: undo('second') },
      {
        id: 'third',
        agent: 'broken',
        needs: ['second'],
        input: { name: 'third' },
        compensate: undo('third'),
      },
    ],
  })
  t.match(undone, { status: 'failed', error: { code: 'BROKEN', stepId: 'third' } })
  t.strictSame(seen.undone, ['second', 'first'])
  t.equal(undone.steps.first!.compensated, 'completed')
})

t.test('a child task: its result, its failure, and its end with its parent', async (t) => {
  const child = { steps: [{ id: 'x', agent: 'double', input: { n: { $from: 'input.n' } } }] }
  const good = await run(
    {
      steps: [
        { id: 'child', task: { type: 'plan', plan: child, input: { n: { $from: 'input.n' } } } },
        { id: 'next', agent: 'double', needs: ['child'], input: { n: { $from: 'steps.child.output.x.n' } } },
      ],
    },
    { n: 5 },
  )
  t.match(good, { status: 'completed', output: { next: { n: 20 } } })
  const bad = await run({
    steps: [{ id: 'child', task: { type: 'plan', plan: child, input: { n: -1 } } }],
  })
  t.match(bad, { status: 'failed', error: { code: 'NEGATIVE', message: /child task .* failed/ } })
  const unknown = { steps: [{ id: 'x', agent: 'nobody' }] }
  await t.rejects(run({ steps: [{ id: 'child', task: { type: 'plan', plan: unknown } }] }), {
    code: 'UNKNOWN_AGENT',
  })
  const many = await run({
    steps: [
      {
        ...{ id: 'map', task: { type: 'plan', plan: child, input: { n: { $from: 'item' } } } },
        forEach: { items: [1, 2, 3], concurrency: 2 },
      },
    ],
  })
  t.strictSame(many.output, { map: [{ x: { n: 2 } }, { x: { n: 4 } }, { x: { n: 6 } }] })
  hold()
  const waiting = { steps: [{ id: 'x', agent: 'wait', input: { n: 77 } }] }
  const parent = await submit({ steps: [{ id: 'child', task: { type: 'plan', plan: waiting } }] })
  await until('the child runs', () => seen.runs.has('wait 77'))
  await bus.request(SERVICES.cancelTask, { taskId: parent, reason: 'enough' }, { timeoutMs: 5000 })
  t.equal((await endOfTask(bus, parent)).status, 'cancelled')
  const list = (await bus.request(
    SERVICES.listTasks,
    { labels: { 'murmur.parent': parent } },
    { timeoutMs: 5000 },
  )) as { tasks: { id: string }[] }
  t.equal(list.tasks.length, 1)
  t.equal((await endOfTask(bus, list.tasks[0]!.id)).status, 'cancelled')
  release()
})

t.test('a killed orchestrator and an emptied Redis in the middle of a list of child tasks', async (t) => {
  seen.runs.clear()
  const child = { steps: [{ id: 'x', agent: 'double', input: { n: { $from: 'input.n' } } }] }
  const items = Array.from({ length: 120 }, (_, n) => n)
  const taskId = await submit({
    steps: [
      {
        ...{ id: 'map', task: { type: 'plan', plan: child, input: { n: { $from: 'item' } } } },
        forEach: { items, concurrency: 10 },
      },
    ],
  })
  await until('some are done', () => seen.runs.size >= 20)
  orchestrator.kill('SIGKILL')
  orchestrator = await startOrchestrator()
  await until('some more are done', () => seen.runs.size >= 60)
  await redis.flushall()
  const task = await endOfTask(bus, taskId, 60_000)
  t.equal(task.status, 'completed', JSON.stringify(task.error))
  t.strictSame(task.output, { map: items.map((n) => ({ x: { n: 2 * n } })) })
})
