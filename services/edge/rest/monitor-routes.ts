import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { checkRequest } from '#platform/requests/check-request.ts'
import { type FrameMarks, type SnapshotRequest, snapshotRequestSchema } from '#schemas/camera.ts'
import { taskIdSchema } from '#schemas/identifiers.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { type MonitorItem, type WatchMonitorDeps, watchMonitor } from '../gateway/watch-monitor.ts'
import { watchMonitors } from '../gateway/watch-monitors.ts'
import { addRoute } from './add-route.ts'
import { EventStream, sendStream } from './event-stream.ts'
import { flagOf, numberOf, readJsonObject, readQuery, searchOf } from './read-request.ts'
import { readIdempotencyKey, readListRequest } from './read-task-requests.ts'
import { idOf } from './task-routes.ts'

const watchMonitorsSchema = z.object({ monitor: z.array(taskIdSchema).max(200).optional() })

/** `/v1/monitors`: tasks of type `monitor`, said shorter. Whatever can be done with a task can be done with them under `/v1/tasks`. */
export function addMonitorRoutes(app: FastifyInstance, deps: WatchMonitorDeps & { gateway: Gateway }): void {
  const { gateway } = deps
  addRoute(app, 'startMonitor', async (request, reply) => {
    const idempotencyKey = readIdempotencyKey(request.raw)
    const receipt = await gateway.submit(request.caller.tenant, {
      type: 'monitor',
      input: readJsonObject(request.body),
      ...(idempotencyKey !== undefined && { idempotencyKey }),
    })
    request.target = receipt.taskId
    return reply.code(202).header('location', `/v1/tasks/${receipt.taskId}`).send(receipt)
  })
  addRoute(app, 'listMonitors', (request) =>
    gateway.list(request.caller.tenant, { ...readListRequest(request, 'listMonitors'), type: 'monitor' }),
  )
  addRoute(app, 'watchMonitor', (request, reply) => streamMonitor(request, reply, deps))
  addRoute(app, 'watchMonitors', (request, reply) => {
    const { lists } = readQuery(searchOf(request), [], ['monitor'])
    const { monitor } = checkRequest(watchMonitorsSchema, lists)
    const about = { tenant: request.caller.tenant, monitors: monitor && new Set(monitor) }
    return sendItems(request, reply, async (signal) => watchMonitors(about, deps.bus, signal))
  })
  addRoute(app, 'getMonitorFrame', async (request, reply) => {
    const { jpeg, frame } = await gateway.monitorFrame(
      request.caller.tenant,
      idOf(request),
      wantedFrame(request),
    )
    return reply
      .headers({
        'content-type': 'image/jpeg',
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
        ...(frame && { 'x-frame': `${frame.epoch}/${frame.seq}` }),
      })
      .send(Buffer.from(jpeg.buffer, jpeg.byteOffset, jpeg.byteLength))
  })
  addRoute(app, 'stopMonitor', async (request, reply) => {
    const taskId = idOf(request)
    await gateway.stopMonitor(request.caller.tenant, taskId)
    return reply.code(202).send({ taskId, accepted: true })
  })
}

/** The newest frame with its marks; or, by `epoch` and `seq`, one that was looked at. @throws MurmurError INVALID_REQUEST */
function wantedFrame(request: FastifyRequest): FrameMarks | SnapshotRequest {
  const { grid, zones, epoch, seq } = readQuery(searchOf(request), ['grid', 'zones', 'epoch', 'seq']).single
  if (epoch === undefined && seq === undefined)
    return { grid: flagOf('grid', grid) ?? false, zones: flagOf('zones', zones) ?? true }
  return checkRequest(snapshotRequestSchema, { epoch: numberOf(epoch), seq: numberOf(seq) })
}

function streamMonitor(request: FastifyRequest, reply: FastifyReply, deps: WatchMonitorDeps) {
  const about = { tenant: request.caller.tenant, taskId: idOf(request) }
  return sendItems(request, reply, (signal) => watchMonitor(about, deps, signal))
}

/** `tracks` for what is seen, `state` for how the camera is, `end` when it is over. */
async function sendItems(
  request: FastifyRequest,
  reply: FastifyReply,
  watch: (signal: AbortSignal) => Promise<AsyncGenerator<MonitorItem>>,
) {
  const stream = new EventStream(reply.raw, request.credentialEnd)
  // What is wrong with the request shows here, while a status can still be sent.
  const items = await watch(stream.signal)
  await sendStream(reply, stream, async () => {
    for await (const item of items) {
      if (item.kind === 'tracks') await stream.send('tracks', item.tracks)
      else if (item.kind === 'state') await stream.send('state', item.state)
      else await stream.comment()
    }
    await stream.send('end', {})
  })
}
