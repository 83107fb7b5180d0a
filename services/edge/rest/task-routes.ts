import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { toProblem } from '#platform/errors/murmur-error.ts'
import { taskIdSchema } from '#schemas/identifiers.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import { cancelTaskRequestSchema, listTasksRequestSchema } from '#schemas/task-queries.ts'
import type { Access } from '../access/access.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { type WatchDeps, watchTask } from '../gateway/watch-task.ts'
import { does } from './enter.ts'
import { EventStream } from './event-stream.ts'
import { addStream } from './known-paths.ts'
import { checked, invalid, numberOf, readJsonObject, readQuery, timeOf } from './read-request.ts'
import { readWait } from './wait-preference.ts'

export interface RestDeps extends WatchDeps {
  gateway: Gateway
  access: Access
}

const revSchema = z.coerce.number().int().min(0)
const LIST_PARAMETERS = ['status', 'type', 'createdFrom', 'createdBefore', 'limit', 'cursor']

/** `/v1/tasks`: submit, list, get, watch, cancel. */
export function addTaskRoutes(app: FastifyInstance, deps: RestDeps): void {
  app.post('/v1/tasks', does('submitTask'), (request, reply) => submit(request, reply, deps))
  app.get('/v1/tasks', does('listTasks'), (request) =>
    deps.gateway.list(request.caller.tenant, listRequestOf(request)),
  )
  app.get('/v1/tasks/:id', does('getTask'), (request, reply) => get(request, reply, deps))
  addStream(app, '/v1/tasks/:id/events', does('watchTask'), (request, reply) =>
    streamEvents(request, reply, deps),
  )
  app.post('/v1/tasks/:id/cancel', does('cancelTask'), async (request, reply) => {
    const body = { ...readJsonObject(request.body), taskId: idOf(request) }
    const accepted = await deps.gateway.cancel(request.caller.tenant, checked(cancelTaskRequestSchema, body))
    return reply.code(202).send(accepted)
  })
  app.post('/v1/monitors/:id/stop', does('stopMonitor'), async (request, reply) => {
    const taskId = idOf(request)
    await deps.gateway.stopMonitor(request.caller.tenant, taskId)
    return reply.code(202).send({ taskId, accepted: true })
  })
}

/** 202 and the receipt; 200 and the task, if it is waited for and ends by then. */
async function submit(request: FastifyRequest, reply: FastifyReply, deps: RestDeps) {
  const waitS = readWait(readQuery(searchOf(request), ['wait']).single.wait, request, reply)
  const receipt = await deps.gateway.submit(request.caller.tenant, submissionOf(request))
  request.target = receipt.taskId
  reply.header('location', `/v1/tasks/${receipt.taskId}`)
  const task = waitS > 0 ? await endOf(request.caller.tenant, receipt.taskId, waitS * 1000, deps) : undefined
  if (task) return reply.code(200).send({ ...receipt, task })
  return reply.code(202).send(receipt)
}

/** As it came, unless the key stands in a header: an orchestrator checks all of it. */
function submissionOf({ body, raw }: FastifyRequest): unknown {
  const [key, ...more] = raw.headersDistinct['idempotency-key'] ?? []
  if (key === undefined) return body instanceof Uint8Array ? body : new Uint8Array()
  if (more.length > 0) throw invalid('Idempotency-Key', 'was given twice')
  const submission = readJsonObject(body)
  if (submission.idempotencyKey !== undefined && submission.idempotencyKey !== key)
    throw invalid('idempotencyKey', 'differs from the header Idempotency-Key')
  return { ...submission, idempotencyKey: key }
}

async function endOf(
  tenant: string,
  taskId: string,
  waitMs: number,
  deps: RestDeps,
): Promise<TaskState | undefined> {
  const signal = AbortSignal.timeout(waitMs)
  for await (const item of watchTask({ tenant, taskId }, deps, signal)) {
    if (item.kind === 'snapshot' && isTerminal(item.task.status)) return item.task
  }
  return undefined
}

function listRequestOf(request: FastifyRequest) {
  const { single, lists } = readQuery(searchOf(request), LIST_PARAMETERS, ['label'])
  const { createdFrom, createdBefore, limit, ...same } = single
  return checked(listTasksRequestSchema, {
    ...same,
    ...(createdFrom !== undefined && { createdFromMs: timeOf(createdFrom) }),
    ...(createdBefore !== undefined && { createdBeforeMs: timeOf(createdBefore) }),
    ...(limit !== undefined && { limit: numberOf(limit) }),
    ...(lists.label && { labels: Object.fromEntries(lists.label.map(labelOf)) }),
  })
}

function labelOf(text: string): [name: string, value: string] {
  const at = text.indexOf(':')
  if (at < 1) throw invalid('label', 'must be name:value')
  return [text.slice(0, at), text.slice(at + 1)]
}

async function get(request: FastifyRequest, reply: FastifyReply, { gateway }: RestDeps) {
  const task = await gateway.get(request.caller.tenant, idOf(request))
  const etag = `"${task.rev}"`
  reply.header('etag', etag)
  if (request.headers['if-none-match'] === etag) return reply.code(304).send()
  return reply.send({ task })
}

/** `snapshot`, then an `event` each, with the revision as its id; at last `snapshot` with the result, and `end`. */
async function streamEvents(request: FastifyRequest, reply: FastifyReply, deps: RestDeps) {
  const taskId = idOf(request)
  const last = request.headers['last-event-id']
  const afterRev = last === undefined ? undefined : revSchema.safeParse(last).data
  const stream = new EventStream(reply.raw)
  const items = watchTask({ tenant: request.caller.tenant, taskId, afterRev }, deps, stream.signal)
  // What is wrong with the request shows with the first item, while a status can still be sent.
  let next = await items.next()
  reply.hijack()
  stream.open(reply.getHeaders() as Record<string, string>)
  try {
    for (; !next.done; next = await items.next()) {
      const item = next.value
      if (item.kind === 'snapshot') await stream.send('snapshot', { task: item.task }, String(item.task.rev))
      else if (item.kind === 'event') await stream.send('event', item.event, item.event.rev?.toString())
      else await stream.comment()
    }
    await stream.send('end', {})
  } catch (error) {
    await stream.send('problem', { problem: toProblem(error) })
  }
  stream.end()
}

function idOf(request: FastifyRequest): string {
  return checked(z.object({ id: taskIdSchema }), request.params).id
}

function searchOf({ url }: FastifyRequest): string {
  const at = url.indexOf('?')
  return at < 0 ? '' : url.slice(at + 1)
}
