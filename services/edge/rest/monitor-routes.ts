import type { FastifyInstance } from 'fastify'
import type { Gateway } from '../gateway/gateway.ts'
import { does } from './enter.ts'
import { readJsonObject } from './read-request.ts'
import { MONITOR_FILTERS, readIdempotencyKey, readListRequest } from './read-task-requests.ts'
import { idOf } from './task-routes.ts'

/** `/v1/monitors`: tasks of type `monitor`, said shorter. Whatever can be done with a task can be done with them under `/v1/tasks`. */
export function addMonitorRoutes(app: FastifyInstance, gateway: Gateway): void {
  app.post('/v1/monitors', does('startMonitor'), async (request, reply) => {
    const idempotencyKey = readIdempotencyKey(request.raw)
    const receipt = await gateway.submit(request.caller.tenant, {
      type: 'monitor',
      input: readJsonObject(request.body),
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    })
    request.target = receipt.taskId
    return reply.code(202).header('location', `/v1/tasks/${receipt.taskId}`).send(receipt)
  })
  app.get('/v1/monitors', does('listMonitors'), (request) =>
    gateway.list(request.caller.tenant, { ...readListRequest(request, MONITOR_FILTERS), type: 'monitor' }),
  )
  app.post('/v1/monitors/:id/stop', does('stopMonitor'), async (request, reply) => {
    const taskId = idOf(request)
    await gateway.stopMonitor(request.caller.tenant, taskId)
    return reply.code(202).send({ taskId, accepted: true })
  })
}
