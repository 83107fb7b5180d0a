import t from 'tap'
import type { TaskState } from '#schemas/task.ts'
import { Gateway } from '../../../services/edge/gateway/gateway.ts'
import { openBus } from '../../support/bus.ts'
import { withServers } from '../../support/servers.ts'
import { startService } from '../../support/services.ts'
import { openRest } from '../edge-fixture.ts'

// What goes wrong with tasks, and whose fault the answer says it is.

const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts')
await startService(t, servers, 'loadtest/bench/noop-agents.ts')
const bus = await openBus(t, servers.natsUrl)
const { url } = await openRest(t, bus)

const plan = (about: object = {}) => ({
  type: 'plan',
  plan: {
    steps: [{ id: 'a', agent: 'noop-a', input: { payload: 'x' } }],
    output: { $from: 'steps.a.output' },
  },
  ...about,
})
/** Nothing happens in it for a while. */
const sleeping = (about: object = {}) => plan({ delayMs: 60_000, ...about })

async function ask(
  path: string,
  options: { method?: string; body?: unknown; headers?: Record<string, string> } = {},
) {
  const { method = options.body === undefined ? 'GET' : 'POST', body } = options
  const response = await fetch(`${url}${path}`, {
    method,
    headers: { ...(body !== undefined && { 'content-type': 'application/json' }), ...options.headers },
    ...(body !== undefined && {
      body: typeof body === 'string' || body instanceof Uint8Array ? body : JSON.stringify(body),
    }),
  })
  const text = await response.text()
  const type = response.headers.get('content-type') ?? ''
  return {
    status: response.status,
    headers: response.headers,
    type,
    body: text === '' ? undefined : JSON.parse(text),
  }
}

async function submitted(about: object): Promise<string> {
  const { status, body } = await ask('/v1/tasks', { body: about })
  if (status !== 202) throw new Error(JSON.stringify(body))
  return body.taskId
}

t.test('whatever goes wrong after a task was accepted, its id is answered', async (t) => {
  for (const wait of ['0.001', '1.001', '1e-7'])
    t.match(
      await ask(`/v1/tasks?wait=${wait}`, { body: plan() }),
      { body: { taskId: /^t/ }, status: Number },
      wait,
    )
  t.equal((await ask('/v1/tasks?wait=1.001', { body: sleeping() })).status, 202)
  class Forgetful extends Gateway {
    override async get(): Promise<TaskState> {
      throw new TypeError('a fault of ours')
    }
  }
  const other = await openRest(t, bus, { gateway: new Forgetful(bus) })
  const response = await fetch(`${other.url}/v1/tasks?wait=5`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(plan()),
  })
  t.equal(response.status, 202)
  t.match(await response.json(), { taskId: /^t/ })
})

t.test('the result of a task that failed is no fault of the edge', async (t) => {
  const failing = { input: { payload: 1 }, retry: { maxAttempts: 1 } }
  const { body } = await ask('/v1/tasks?wait=20', {
    body: { type: 'plan', plan: { steps: [{ id: 'a', agent: 'noop-a', ...failing }] } },
  })
  t.match(body, { task: { status: 'failed' } })
  const { code } = body.task.error
  t.match(await ask(`/v1/tasks/${body.taskId}/result`), {
    status: 409,
    body: { code: 'TASK_FAILED', detail: new RegExp(code), taskId: body.taskId },
  })
})

t.test('stop: what is no monitor, what nobody captures, what is over', async (t) => {
  const stop = (id: string) => ask(`/v1/monitors/${id}/stop`, { body: {} })
  t.match(await stop(await submitted(sleeping())), { status: 400, body: { code: 'INVALID_REQUEST' } })
  class OneMonitor extends Gateway {
    taskStatus: TaskState['status'] = 'running'
    override async get(_tenant: string, id: string): Promise<TaskState> {
      return { id, type: 'monitor', status: this.taskStatus } as TaskState
    }
  }
  const gateway = new OneMonitor(bus)
  const other = await openRest(t, bus, { gateway })
  const ended = async () => {
    const response = await fetch(`${other.url}/v1/monitors/tmon/stop`, { method: 'POST' })
    return { status: response.status, body: (await response.json()) as object }
  }
  t.match(await ended(), { status: 409, body: { code: 'TASK_STATE_CONFLICT', retryAfterMs: Number } })
  gateway.taskStatus = 'completed'
  t.match(await ended(), { status: 409, body: { code: 'TASK_ALREADY_FINISHED' } })
})

t.test('a method that this path does not take is refused before its body is looked at', async (t) => {
  for (const method of ['QUERY', 'PUT', 'PATCH', 'DELETE', 'REPORT'])
    t.match(await ask('/v1/tasks', { method }), { status: 405, body: { code: 'METHOD_NOT_ALLOWED' } }, method)
  const { status, headers } = await ask('/v1/tasks', {
    method: 'QUERY',
    headers: { 'content-type': 'text/x' },
  })
  t.strictSame([status, headers.get('allow')], [405, 'GET, HEAD, POST'])
  t.equal((await ask('/v1/none', { method: 'QUERY' })).status, 404)
})

t.test('where nobody answers, no subject of the inside is named', async (t) => {
  for (const path of ['/v1/alerts', '/v1/alerts/a1', '/v1/status', '/v1/objects/uploads/x']) {
    const { status, body } = await ask(path)
    t.ok(status >= 400, path)
    t.notMatch(JSON.stringify(body), /murmur\.[a-z]|\$JS|_INBOX|OBJ_|\blog\.|steps\./, path)
  }
})

t.test('a fixed path is no id: a method that only the path with an id takes is refused there', async (t) => {
  for (const path of ['/v1/dead-letters/purge', '/v1/dead-letters/replay', '/v1/tasks/change-many']) {
    const { status, headers } = await ask(path)
    t.strictSame([status, headers.get('allow')], [405, 'POST'], path)
  }
})

t.test('a policy that nothing is said of is not changed', async (t) => {
  t.match(await ask('/v1/agent-policies/noop-a', { method: 'POST' }), {
    status: 400,
    body: { code: 'INVALID_REQUEST' },
  })
})
