import type { FastifyInstance, FastifyRequest } from 'fastify'
import type { JsonObject } from '#schemas/json.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { addRoute } from './add-route.ts'
import { numberOf, readJsonObject, readQuery, searchOf } from './read-request.ts'
import { idOf } from './task-routes.ts'

const INBOX_PARAMETERS = ['assignee', 'taskId', 'limit', 'cursor']
const MAX_TARGET = 256

/** `/v1/tasks/{id}/…` and `/v1/approvals`: pause, resume, signal, decide, run again, and the same for many. */
export function addControlRoutes(app: FastifyInstance, { controls }: Gateway): void {
  addRoute(app, 'pauseTask', async (request, reply) =>
    reply.code(202).send(await controls.pause(request.caller, aboutTask(request))),
  )
  addRoute(app, 'resumeTask', async (request, reply) =>
    reply.code(202).send(await controls.resume(request.caller, aboutTask(request))),
  )
  addRoute(app, 'signalTask', async (request, reply) =>
    reply.code(202).send(await controls.signal(request.caller, aboutTask(request))),
  )
  addRoute(app, 'listApprovals', ({ url, caller }) => {
    const { limit, ...same } = readQuery(searchOf({ url }), INBOX_PARAMETERS).single
    return controls.approvals(caller, { ...same, ...(limit !== undefined && { limit: numberOf(limit) }) })
  })
  addRoute(app, 'answerApproval', async (request, reply) => {
    const { step } = request.params as { step: string }
    const answer = { ...aboutTask(request), stepId: step }
    return reply.code(202).send(await controls.answer(request.caller, answer))
  })
  addRoute(app, 'handOnApproval', async (request, reply) => {
    const { step } = request.params as { step: string }
    const order = { ...aboutTask(request), stepId: step }
    return reply.code(202).send(await controls.handOn(request.caller, order))
  })
  addRoute(app, 'retryTask', async (request, reply) => {
    const retried = await controls.retry(request.caller, aboutTask(request))
    return reply.code(202).header('location', `/v1/tasks/${retried.taskId}`).send(retried)
  })
  addRoute(app, 'changeTasks', (request) => {
    const body = readJsonObject(request.body)
    request.target = JSON.stringify(body.taskIds ?? body.filter ?? {}).slice(0, MAX_TARGET)
    return controls.changeMany(request.caller, body)
  })
}

/** The body with the task of the path, which counts. */
function aboutTask(request: FastifyRequest): JsonObject {
  return { ...readJsonObject(request.body), taskId: idOf(request) }
}
