import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { checkRequest } from '#platform/requests/check-request.ts'
import { taskIdSchema } from '#schemas/identifiers.ts'
import { getTaskLogRequestSchema } from '#schemas/task-log.ts'
import { cancelTaskRequestSchema } from '#schemas/task-requests.ts'
import type { Access } from '../access/access.ts'
import type { Gateway } from '../gateway/gateway.ts'
import type { TaskFeed } from '../gateway/task-feed.ts'
import { RESULT_BYTES, type ResultRequest, taskArtifacts, taskResult } from '../gateway/task-results.ts'
import { endOfAccepted, type WatchDeps, watchTask } from '../gateway/watch-task.ts'
import { addRoute } from './add-route.ts'
import { EventStream, sendStream } from './event-stream.ts'
import { flagOf, numberOf, readJsonObject, readQuery, searchOf } from './read-request.ts'
import { readListRequest, readSubmission, readWait } from './read-task-requests.ts'

export interface RestDeps extends WatchDeps {
  gateway: Gateway
  access: Access
  feed: Pick<TaskFeed, 'watch'>
}

const revSchema = z.coerce.number().int().min(0)

/** `/v1/tasks`: submit, list, get, watch, cancel, and what came out of it. */
export function addTaskRoutes(app: FastifyInstance, deps: RestDeps): void {
  addRoute(app, 'submitTask', (request, reply) => submit(request, reply, deps))
  addRoute(app, 'listTasks', (request) =>
    deps.gateway.list(request.caller.tenant, readListRequest(request, 'listTasks')),
  )
  addRoute(app, 'getTask', (request, reply) => get(request, reply, deps))
  addRoute(app, 'getTaskResult', (request, reply) => getResult(request, reply, deps))
  addRoute(app, 'listArtifacts', async (request) => {
    const artifacts = await taskArtifacts(deps.gateway, resultRequest(request, deps))
    return { artifacts: artifacts.map((artifact) => ({ ...artifact, href: `/v1/objects/${artifact.blob}` })) }
  })
  addRoute(app, 'getTaskLog', (request) => {
    const { afterSeq, limit } = readQuery(searchOf(request), ['afterSeq', 'limit']).single
    const page = {
      taskId: idOf(request),
      ...(afterSeq !== undefined && { afterSeq: numberOf(afterSeq) }),
      ...(limit !== undefined && { limit: numberOf(limit) }),
    }
    return deps.gateway.taskLog(request.caller.tenant, checkRequest(getTaskLogRequestSchema, page))
  })
  addRoute(app, 'watchTasks', (request, reply) => streamTasks(request, reply, deps))
  addRoute(app, 'watchTask', (request, reply) => streamEvents(request, reply, deps))
  addRoute(app, 'cancelTask', async (request, reply) => {
    const body = { ...readJsonObject(request.body), taskId: idOf(request) }
    const accepted = await deps.gateway.cancel(
      request.caller.tenant,
      checkRequest(cancelTaskRequestSchema, body),
    )
    return reply.code(202).send(accepted)
  })
}

/** 202 and the receipt; 200 and the task, if it is waited for and ends by then. */
async function submit(request: FastifyRequest, reply: FastifyReply, deps: RestDeps) {
  const waitS = readWait(readQuery(searchOf(request), ['wait']).single.wait, request, reply)
  const receipt = await deps.gateway.submit(request.caller.tenant, readSubmission(request))
  request.target = receipt.taskId
  reply.header('location', `/v1/tasks/${receipt.taskId}`)
  if (waitS === 0) return reply.code(202).send(receipt)
  request.hasWaited = true
  const accepted = { tenant: request.caller.tenant, taskId: receipt.taskId }
  // The task exists: whatever goes wrong from here on, its id is what the client needs.
  const patience = AbortSignal.timeout(Math.ceil(waitS * 1000))
  const signal = AbortSignal.any([patience, request.credentialEnd.signal])
  const task = await endOfAccepted(accepted, deps, signal)
  if (task) return reply.code(200).send({ ...receipt, task })
  return reply.code(202).send(receipt)
}

async function get(request: FastifyRequest, reply: FastifyReply, { gateway }: RestDeps) {
  const task = await gateway.get(request.caller.tenant, idOf(request))
  const etag = `"${task.rev}"`
  reply.header('etag', etag)
  if (request.headers['if-none-match'] === etag) return reply.code(304).send()
  return reply.send({ task })
}

/** The output and nothing around it: it never changes. */
async function getResult(request: FastifyRequest, reply: FastifyReply, deps: RestDeps) {
  const { output, rev } = await taskResult(deps.gateway, resultRequest(request, deps))
  const etag = `"${rev}"`
  reply.header('etag', etag)
  if (request.headers['if-none-match'] === etag) return reply.code(304).send()
  return reply.type('application/json').send(JSON.stringify(output))
}

function resultRequest(request: FastifyRequest, { access }: RestDeps): ResultRequest {
  const { caller } = request
  const spend = (bytes: number) => access.spendBytes(caller, bytes)
  return { tenant: caller.tenant, taskId: idOf(request), maxBytes: RESULT_BYTES, spend }
}

/**
 * `snapshot`, then an `event` each, with the revision as its id, and `chunks` that steps emit; at last `snapshot` with the result, and
 * `end`.
 */
async function streamEvents(request: FastifyRequest, reply: FastifyReply, deps: RestDeps) {
  const taskId = idOf(request)
  const last = request.headers['last-event-id']
  const afterRev = last === undefined ? undefined : revSchema.safeParse(last).data
  const chunks = flagOf('chunks', readQuery(searchOf(request), ['chunks']).single.chunks) ?? true
  const stream = new EventStream(reply.raw, request.credentialEnd)
  const watched = { tenant: request.caller.tenant, taskId, afterRev, chunks }
  const items = watchTask(watched, deps, stream.signal)
  // What is wrong with the request shows with the first item, while a status can still be sent.
  let next = await items.next()
  await sendStream(reply, stream, async () => {
    for (; !next.done; next = await items.next()) {
      const item = next.value
      if (item.kind === 'snapshot') await stream.send('snapshot', { task: item.task }, String(item.task.rev))
      else if (item.kind === 'event') await stream.send('event', item.event, item.event.rev?.toString())
      else if (item.kind === 'chunks') await stream.send('chunks', item.chunks)
      else await stream.comment()
    }
    await stream.send('end', {})
  })
}

/** `tasks` for those that are new or have changed, `reset` when the list has to be read anew; the id is the place in the feed. */
async function streamTasks(request: FastifyRequest, reply: FastifyReply, { feed }: RestDeps) {
  readQuery(searchOf(request), [])
  const last = request.headers['last-event-id']
  const afterSeq = last === undefined ? undefined : revSchema.safeParse(last).data
  const stream = new EventStream(reply.raw, request.credentialEnd)
  const items = feed.watch(request.caller.tenant, afterSeq, stream.signal)
  // What is wrong with the request shows with the first item, while a status can still be sent.
  let next = await items.next()
  await sendStream(reply, stream, async () => {
    for (; !next.done; next = await items.next()) {
      const item = next.value
      if (item.kind === 'tasks') await stream.send('tasks', { tasks: item.tasks }, String(item.seq))
      else if (item.kind === 'reset') await stream.send('reset', {}, String(item.seq))
      else await stream.comment()
    }
  })
}

/** @throws MurmurError INVALID_REQUEST */
export function idOf(request: FastifyRequest): string {
  return checkRequest(z.object({ id: taskIdSchema }), request.params).id
}
