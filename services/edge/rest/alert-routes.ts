import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { z } from 'zod'
import type { LogReading } from '#platform/nats/bus.ts'
import { checkRequest } from '#platform/requests/check-request.ts'
import { changeAlertRequestSchema, getAlertRequestSchema, listAlertsRequestSchema } from '#schemas/alert.ts'
import { STREAMS } from '#subjects/streams.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { watchAlerts } from '../gateway/watch-alerts.ts'
import { addRoute } from './add-route.ts'
import { EventStream, sendStream } from './event-stream.ts'
import { numberOf, readJsonObject, readQuery, searchOf, timeOf } from './read-request.ts'

export interface AlertRouteDeps {
  gateway: Gateway
  bus: LogReading
}

const WATCH_PARAMETERS = ['severity', 'camera', 'monitor']
const watchSchema = listAlertsRequestSchema.pick({ severity: true, camera: true, monitor: true })
const seqSchema = z.coerce.number().int().min(0)
const LIST_PARAMETERS = ['severity', 'status', 'camera', 'monitor', 'since', 'limit', 'cursor']
const CHANGES = { acknowledge: 'acknowledged', resolve: 'resolved' } as const

/** `/v1/alerts` */
export function addAlertRoutes(app: FastifyInstance, { gateway, bus }: AlertRouteDeps): void {
  addRoute(app, 'watchAlerts', (request, reply) => streamAlerts(request, reply, bus))
  addRoute(app, 'listAlerts', async ({ url, caller }) => {
    const { limit, since, ...same } = readQuery(searchOf({ url }), LIST_PARAMETERS).single
    const request = {
      ...same,
      ...(since !== undefined && { sinceMs: timeOf('since', since) }),
      ...(limit !== undefined && { limit: numberOf(limit) }),
    }
    return gateway.alerts(caller.tenant, checkRequest(listAlertsRequestSchema, request))
  })
  addRoute(app, 'getAlert', async ({ params, caller }) => {
    const { id } = checkRequest(getAlertRequestSchema, params)
    return { alert: await gateway.alert(caller.tenant, id) }
  })
  for (const [verb, status] of Object.entries(CHANGES)) {
    const change: RouteHandlerMethod = async ({ body, params, caller }) => {
      const { id } = checkRequest(getAlertRequestSchema, params)
      const request = checkRequest(changeAlertRequestSchema, { ...readJsonObject(body), id, status })
      return { alert: await gateway.changeAlert(caller.tenant, request) }
    }
    addRoute(app, 'changeAlert', change, { operationId: `${verb}Alert` })
  }
}

/** `alert` for each that is raised, `change` for what becomes of one; the id is its place in the stream of alerts. */
async function streamAlerts(request: FastifyRequest, reply: FastifyReply, bus: AlertRouteDeps['bus']) {
  const { single } = readQuery(searchOf(request), WATCH_PARAMETERS)
  const wanted = checkRequest(watchSchema, single)
  const last = request.headers['last-event-id']
  // Known before the client hears of the stream: what is raised from then on is in it.
  const afterSeq = seqSchema.safeParse(last).data ?? (await bus.streams.lastSeq(STREAMS.alerts.name, '>'))
  const stream = new EventStream(reply.raw, request.credentialEnd)
  await sendStream(reply, stream, async () => {
    await stream.mark(String(afterSeq))
    const about = { tenant: request.caller.tenant, afterSeq, ...wanted }
    for await (const item of watchAlerts(about, bus, stream.signal)) {
      if (item.kind === 'idle') await stream.comment()
      else if (item.kind === 'raised') await stream.send('alert', { alert: item.alert }, String(item.seq))
      else await stream.send('change', { change: item.change, alert: item.alert }, String(item.seq))
    }
  })
}
