import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { checkRequest } from '#platform/requests/check-request.ts'
import { listCamerasRequestSchema } from '#schemas/camera-view.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { watchCameras } from '../gateway/watch-cameras.ts'
import { addRoute } from './add-route.ts'
import { EventStream, sendStream } from './event-stream.ts'
import { readQuery, searchOf } from './read-request.ts'

const PARAMETERS = ['status', 'camera']

/** `/v1/cameras` */
export function addCameraRoutes(app: FastifyInstance, { gateway }: { gateway: Gateway }): void {
  addRoute(app, 'listCameras', ({ url, caller }) =>
    gateway.cameras(caller.tenant, readQuery(searchOf({ url }), PARAMETERS).single),
  )
  addRoute(app, 'watchCameras', (request, reply) => streamCameras(request, reply, gateway))
}

/** `camera` for each that has changed, `gone` for each that nobody is to watch any more. */
async function streamCameras(request: FastifyRequest, reply: FastifyReply, gateway: Gateway) {
  const wanted = readQuery(searchOf(request), PARAMETERS).single
  // What is wrong with it shows here, while a status can still be sent.
  checkRequest(listCamerasRequestSchema, wanted)
  const stream = new EventStream(reply.raw, request.credentialEnd)
  await sendStream(reply, stream, async () => {
    const about = { tenant: request.caller.tenant, request: wanted }
    for await (const item of watchCameras(about, gateway, stream.signal)) {
      if (item.kind === 'idle') await stream.comment()
      else await stream.send(item.kind, { camera: item.camera })
    }
  })
}
