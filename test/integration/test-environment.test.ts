import t from 'tap'
import type { JsonObject, JsonValue } from '../../schemas/json.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { TaskState } from '../../schemas/task.ts'
import { createTestEnvironment } from '../../services/sdk/testing.ts'
import { SERVICES } from '../../subjects/operations.ts'
import { startAgents } from '../support/agent-process.ts'
import { openBus } from '../support/bus.ts'
import { planAgents, type Seen } from '../support/plan-agents.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, startService } from '../support/services.ts'

const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts', {
  MURMUR_PARTITIONS: '4',
  MURMUR_LOG_LEVEL: 'silent',
})
const bus = await openBus(t, servers.natsUrl)
const onServers: Seen = { undone: [], runs: new Map() }
const inKit: Seen = { undone: [], runs: new Map() }
await startAgents(t, servers.natsUrl, planAgents(onServers), { instance: 'plans' })
const env = createTestEnvironment({ agents: planAgents(inKit) })

const undo = (what: string) => ({ agent: 'undo', input: { what, of: { $from: 'output' } } })
const quick = { maxAttempts: 3, initialDelayMs: 20 }
const child = { steps: [{ id: 'x', agent: 'double', input: { n: { $from: 'input.n' } } }] }

const PLANS: Record<string, { plan: Plan; input?: JsonObject }> = {
  'conditions on an output in the object store': {
    plan: {
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
          when: 'size(steps.list.output.list) < 9',
          input: { n: 2 },
        },
        { id: 'after', agent: 'double', needs: ['few'], input: { n: 3 } },
        { id: 'both', agent: 'double', needs: ['many', 'few'], input: { n: 4 } },
      ],
    },
  },
  'a long list': {
    plan: {
      steps: [
        { id: 'list', agent: 'numbers', input: { count: 300, pad: 100 } },
        {
          ...{
            id: 'map',
            agent: 'double',
            needs: ['list'],
            input: { n: { $from: 'item.n' }, index: { $from: 'index' } },
          },
          forEach: { items: { $from: 'steps.list.output.list' }, concurrency: 20 },
        },
      ],
    },
  },
  'items that fail, and are left out': {
    plan: {
      steps: [
        {
          ...{ id: 'map', agent: 'double', input: { n: { $from: 'item' } } },
          forEach: { items: [1, -1, 3], onItemFailure: 'continue' },
        },
      ],
    },
  },
  'an item that fails': {
    plan: {
      steps: [
        {
          id: 'map',
          agent: 'double',
          input: { n: { $from: 'item' } },
          forEach: { items: [1, -1], concurrency: 1 },
        },
      ],
    },
  },
  'a loop': {
    plan: {
      steps: [
        {
          ...{ id: 'loop', agent: 'count', input: { before: { $from: 'previous' } } },
          repeat: { until: 'output.n >= input.enough', maxIterations: 10, delayMs: 20 },
        },
      ],
    },
    input: { enough: 4 },
  },
  'retries that end well': {
    plan: {
      steps: [{ id: 'a', agent: 'broken', input: { name: 'often', code: 'NOT_YET', good: 3 }, retry: quick }],
    },
  },
  'retries that do not': {
    plan: { steps: [{ id: 'a', agent: 'broken', input: { name: 'never', code: 'NOT_YET' }, retry: quick }] },
  },
  'an input that does not suit': { plan: { steps: [{ id: 'a', agent: 'double', input: { n: 'one' } }] } },
  'a fallback': {
    plan: {
      steps: [
        { id: 'a', agent: 'broken', input: { name: 'x' }, fallback: { agent: 'double', input: { n: 21 } } },
      ],
    },
  },
  compensations: {
    plan: {
      steps: [
        { id: 'first', agent: 'double', input: { n: 1 }, compensate: undo('first') },
        { id: 'second', agent: 'double', needs: ['first'], input: { n: 2 }, compensate: undo('second') },
        { id: 'third', agent: 'broken', needs: ['second'], input: { name: 'third' } },
      ],
    },
  },
  'child tasks in a list': {
    plan: {
      steps: [
        {
          ...{ id: 'map', task: { type: 'plan', plan: child, input: { n: { $from: 'item' } } } },
          forEach: { items: [1, 2, 3], concurrency: 2 },
        },
      ],
    },
  },
  'a child task that fails': {
    plan: { steps: [{ id: 'c', task: { type: 'plan', plan: child, input: { n: -1 } } }] },
  },
  'a wait that is over, and a sleep': {
    plan: {
      steps: [
        { id: 'w', waitFor: { signal: 'never', timeoutMs: 30, onTimeout: 'continue' } },
        { id: 's', sleep: { ms: 30 }, needs: ['w'], when: 'steps.w.output == null' },
        { id: 'f', waitFor: { signal: 'never', timeoutMs: 30 }, needs: ['s'] },
      ],
    },
  },
}

let submitted = 0
async function runOnServers(plan: Plan, input: JsonObject): Promise<TaskState> {
  const request = { type: 'plan', idempotencyKey: `k${submitted++}`, plan, input }
  const { taskId } = (await bus.request(SERVICES.submitTask, request, { timeoutMs: 10_000 })) as {
    taskId: string
  }
  return endOfTask(bus, taskId)
}

/** What must not differ: all but ids, moments and where an object lies. */
function essence({ status, output, error, steps }: TaskState): unknown {
  const kept = Object.entries(steps).map(([id, step]) => {
    const { attempt, items, iteration, viaFallback, compensated } = step
    return {
      id,
      status: step.status,
      attempt,
      items,
      iteration,
      viaFallback,
      compensated,
      error: step.error,
      output: step.output,
    }
  })
  return JSON.parse(JSON.stringify({ status, output, error, kept }), (key, value: JsonValue) => {
    if (key === '$json') return { size: (value as JsonObject).size, sha256: (value as JsonObject).sha256 }
    if (key === 'atMs') return 0
    return typeof value === 'string' ? value.replace(/child task \S+/, 'child task …') : value
  })
}

for (const [name, { plan, input = {} }] of Object.entries(PLANS))
  t.test(`${name}: the same in the test environment and on servers`, async (t) => {
    const [served, kit] = await Promise.all([runOnServers(plan, input), env.run(plan, input)])
    t.strictSame(essence(kit.task), essence(served))
  })

t.test('agents were called as often, and what was undone was undone in the same order', async (t) => {
  t.strictSame(Object.fromEntries(inKit.runs), Object.fromEntries(onServers.runs))
  t.strictSame(inKit.undone, onServers.undone)
  t.strictSame(inKit.undone, ['second', 'first'])
})

t.test('what runs again keeps the same results, and runs the same steps', async (t) => {
  const plan: Plan = {
    steps: [
      { id: 'kept', agent: 'double', input: { n: 1, index: 900 } },
      { id: 'bad', agent: 'double', needs: ['kept'], input: { n: { $from: 'input.n' }, index: 901 } },
    ],
  }
  const [served, kit] = await Promise.all([runOnServers(plan, { n: -1 }), env.run(plan, { n: -1 })])
  const mended = { requestId: 'mended', input: { n: 3 } }
  const { taskId } = (await bus.request(
    SERVICES.retryTask,
    { taskId: served.id, ...mended },
    { timeoutMs: 10_000 },
  )) as { taskId: string }
  const again = await (await env.retry(kit.task.id, mended)).result()
  const onServer = await endOfTask(bus, taskId)
  t.strictSame(essence(again.task), essence(onServer))
  t.strictSame([again.task.retryOf, onServer.retryOf], [kit.task.id, served.id])
  t.equal(again.status, 'completed')
  for (const ran of [inKit, onServers]) t.equal(ran.runs.get('double 900'), 1)
})
