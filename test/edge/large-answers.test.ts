import { isDeepStrictEqual } from 'node:util'
import { ChannelCredentials } from '@grpc/grpc-js'
import t from 'tap'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { TaskState, TaskSummary } from '#schemas/task.ts'
import type { WatchTaskItem } from '#schemas/task-requests.ts'
import { SERVICES } from '#subjects/operations.ts'
import { ObjectServiceClient } from '../../services/edge/grpc/generated/v1/object_service.ts'
import { TaskServiceClient } from '../../services/edge/grpc/generated/v1/task_service.ts'
import { openBus, openNats } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, factsOf, startService } from '../support/services.ts'
import { readEvents } from './edge-fixture.ts'

// Whatever a task holds, every transport answers.

t.setTimeout(120_000)
const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts')
await startService(t, servers, 'loadtest/bench/noop-agents.ts')
const { restPort, grpcPort } = factsOf(await startService(t, servers, 'services/edge/main.ts'))
const bus = await openBus(t, servers.natsUrl)
const url = `http://127.0.0.1:${restPort}`
// As a client comes that has set nothing: 4 MiB a message.
const grpc = new TaskServiceClient(`127.0.0.1:${grpcPort}`, ChannelCredentials.createInsecure())
const objects = new ObjectServiceClient(`127.0.0.1:${grpcPort}`, ChannelCredentials.createInsecure())
t.teardown(() => {
  grpc.close()
  objects.close()
})

const ask = (service: string, body: object) =>
  bus.request(service, body, { timeoutMs: 10_000 }) as Promise<JsonObject>

async function ended(submission: object): Promise<TaskState> {
  const { taskId } = (await ask(SERVICES.submitTask, submission)) as { taskId: string }
  const task = await endOfTask(bus, taskId)
  if (task.status !== 'completed') throw new Error(JSON.stringify(task.error))
  return task
}

function calledBack<Answer>(
  call: (callback: (error: unknown, answer: Answer) => void) => void,
): Promise<Answer> {
  return new Promise((resolve, reject) => call((error, answer) => (error ? reject(error) : resolve(answer))))
}

async function json(path: string): Promise<JsonValue> {
  const response = await fetch(url + path)
  if (!response.ok) throw new Error(await response.text())
  return (await response.json()) as JsonValue
}

/** An output that is too large for an answer, loaded by its reference. */
async function loaded(output: JsonValue): Promise<JsonValue> {
  const { $json } = output as { $json: { blob: string; size: number } }
  const bytes = await fetch(`${url}/v1/objects/${$json.blob}`).then((response) => response.bytes())
  t.equal(bytes.length, $json.size)
  const downloaded = await new Promise<number>((resolve, reject) => {
    let length = 0
    const call = objects.downloadObject({ blob: $json.blob })
    call.on('data', ({ part }) => {
      if (part?.$case === 'chunk') length += part.value.length
    })
    call.on('end', () => resolve(length))
    call.on('error', reject)
  })
  t.equal(downloaded, $json.size)
  return JSON.parse(Buffer.from(bytes).toString()) as JsonValue
}

/** The task at all transports, in one form. */
async function atAllTransports(id: string): Promise<[transport: string, task: TaskState][]> {
  const { task: overNats } = (await ask(SERVICES.getTask, { taskId: id })) as unknown as { task: TaskState }
  const { task: overRest } = (await json(`/v1/tasks/${id}`)) as unknown as { task: TaskState }
  const { task: overGrpc } = await calledBack<{ task?: unknown }>((done) =>
    grpc.getTask({ taskId: id }, done),
  )
  const events = await readEvents(`${url}/v1/tasks/${id}/events`)
  const { task: overSse } = events.find(({ event }) => event === 'snapshot')!.data as { task: TaskState }
  const watched = await new Promise<unknown>((resolve, reject) => {
    const call = grpc.watchTask({ taskId: id })
    call.on('data', ({ item }) => resolve(item.value))
    call.on('error', reject)
  })
  const snapshot = await watchedOverNats(id)
  return Object.entries({
    nats: overNats,
    rest: overRest,
    grpc: overGrpc,
    events: overSse,
    watch: snapshot,
    grpcWatch: watched,
  }) as [string, TaskState][]
}

async function watchedOverNats(taskId: string): Promise<TaskState> {
  const { nc } = await openNats(t, servers.natsUrl)
  const messages = await nc.requestMany(SERVICES.watchTask, JSON.stringify({ taskId, forMs: 5000 }), {
    strategy: 'timer',
    maxWait: 5000,
  } as never)
  for await (const message of messages) {
    const item = message.json() as WatchTaskItem
    if ('kind' in item && item.kind === 'snapshot') return item.task
    if ('problem' in item) throw new Error(item.problem.code)
  }
  throw new Error('nothing was watched')
}

t.test('64 outputs of 16,000 bytes', async (t) => {
  const payload = 'x'.repeat(16_000)
  const steps = Array.from({ length: 64 }, (_, i) => ({
    id: `s${i}`,
    agent: 'noop-a',
    input: { payload: { $from: 'input.payload' } },
  }))
  const { id } = await ended({ type: 'plan', input: { payload }, plan: { steps } })
  const whole = Object.fromEntries(steps.map((step) => [step.id, { payload }]))
  for (const [transport, task] of await atAllTransports(id)) {
    t.equal(Object.keys(task.steps).length, 64, `${transport} gives the task`)
    t.ok(Buffer.byteLength(JSON.stringify(task)) <= LIMITS.answerBytes + 10_000, `${transport} has bounds`)
  }
  t.strictSame(await json(`/v1/tasks/${id}/result`), whole)
  const overGrpc = await calledBack<{ output?: unknown }>((done) => grpc.getTaskResult({ taskId: id }, done))
  t.strictSame(overGrpc.output, whole)
  const { output } = await ask(SERVICES.getTaskResult, { taskId: id })
  t.ok(Buffer.byteLength(JSON.stringify(output)) <= LIMITS.answerBytes)
  // What did not fit stands in it as references, one for each step.
  const parts = Object.entries(output as Record<string, JsonValue>).map(
    async ([id, part]) =>
      [id, JSON.stringify(part).startsWith('{"$json"') ? await loaded(part) : part] as const,
  )
  t.strictSame(Object.fromEntries(await Promise.all(parts)), whole)
})

t.test('an output that is small as JSON and large as a message of gRPC', async (t) => {
  const zeros = Array.from({ length: 50_000 }, () => 0)
  const plan = (copies: number) => ({
    steps: [{ id: 'a', agent: 'noop-a', input: { payload: '' } }],
    output: Array.from({ length: copies }, () => ({ $from: 'input.zeros' })),
  })
  for (const copies of [6, 9]) {
    const { id } = await ended({ type: 'plan', input: { zeros }, plan: plan(copies) })
    const whole = Array.from({ length: copies }, () => zeros)
    for (const [transport, task] of await atAllTransports(id))
      t.equal(task.id, id, `${copies} copies: ${transport}`)
    t.ok(isDeepStrictEqual(await json(`/v1/tasks/${id}/result`), whole))
    const overGrpc = await calledBack<{ output?: JsonValue }>((done) =>
      grpc.getTaskResult({ taskId: id }, done),
    )
    const overNats = await ask(SERVICES.getTaskResult, { taskId: id })
    for (const output of [overGrpc.output!, overNats.output!]) {
      const value = Array.isArray(output) ? output : await loaded(output)
      t.ok(isDeepStrictEqual(value, whole), 'whole, or a reference to it')
    }
  }
})

t.test('a list of tasks with long labels: pages end early, and nothing is left out', async (t) => {
  const labels = Object.fromEntries(Array.from({ length: 16 }, (_, i) => [`label-${i}`, '€'.repeat(256)]))
  const plan = { steps: [{ id: 'a', agent: 'noop-a', input: { payload: '' } }] }
  const ids = new Set<string>()
  for (let i = 0; i < 90; i++) {
    const { taskId } = await ask(SERVICES.submitTask, { type: 'plan', plan, labels })
    ids.add(String(taskId))
  }
  await Promise.all([...ids].map((id) => endOfTask(bus, id)))
  const found = new Set<string>()
  let cursor: string | undefined
  let pages = 0
  do {
    const request = { limit: 500, labels: { 'label-0': '€'.repeat(256) }, ...(cursor && { cursor }) }
    const page = (await ask(SERVICES.listTasks, request)) as unknown as {
      tasks: TaskSummary[]
      nextCursor?: string
    }
    const bytes = Buffer.byteLength(JSON.stringify(page))
    t.ok(bytes <= LIMITS.pageBytes + 1000, `a page of ${page.tasks.length} has ${bytes} bytes`)
    t.ok(page.tasks.length > 0)
    for (const { id } of page.tasks) found.add(id)
    cursor = page.nextCursor
    pages++
  } while (cursor !== undefined)
  t.ok(pages > 1)
  t.strictSame(found, ids)
  const rest = (await json('/v1/tasks?limit=500')) as { nextCursor?: string }
  t.type(rest.nextCursor, 'string')
  const overGrpc = await calledBack<{ tasks?: unknown[] | undefined }>((done) =>
    grpc.listTasks({ limit: 500 }, done),
  )
  t.ok(overGrpc.tasks!.length > 0)
})
