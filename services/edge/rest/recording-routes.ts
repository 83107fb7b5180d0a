import type { FastifyInstance, FastifyRequest, RouteHandlerMethod } from 'fastify'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { type EdgeLinks, sharedAlertPath, signedLink } from '#platform/http/signed-link.ts'
import { checkRequest } from '#platform/requests/check-request.ts'
import { getAlertRequestSchema } from '#schemas/alert.ts'
import {
  findClipsRequestSchema,
  getTimelineRequestSchema,
  linkClipRequestSchema,
  listRecordingsRequestSchema,
  spanOfAlert,
} from '#schemas/recording.ts'
import type { Access } from '../access/access.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { aroundSchema, clipIndexSchema } from '../gateway/recordings.ts'
import { addRoute } from './add-route.ts'
import { numberOf, readJsonObject, readQuery, searchOf, timeOf } from './read-request.ts'
import { sendClip } from './send-clip.ts'

export interface RecordingRouteDeps {
  gateway: Gateway
  access: Access
  clock: Pick<Clock, 'nowMs'>
  /** Undefined: there are no links. */
  links?: EdgeLinks | undefined
}

/** `/v1/recordings`, and clips of alerts. */
export function addRecordingRoutes(app: FastifyInstance, deps: RecordingRouteDeps): void {
  const { gateway, access } = deps
  const { recordings } = gateway
  addRoute(app, 'listRecordings', ({ url, caller }) => {
    const { camera } = checkRequest(
      listRecordingsRequestSchema,
      readQuery(searchOf({ url }), ['camera']).single,
    )
    return recordings.list(caller.tenant, camera)
  })
  addRoute(app, 'getTimeline', (request) => {
    const { single, ...span } = spanOf(request, ['step'])
    const step = single.step === undefined ? {} : { stepMs: numberOf(single.step) }
    return recordings.timeline(
      request.caller.tenant,
      checkRequest(getTimelineRequestSchema, { ...span, ...step }),
    )
  })
  addRoute(app, 'findClips', (request) => {
    const { single, ...span } = spanOf(request, ['monitor'])
    return recordings.clips(
      request.caller.tenant,
      checkRequest(findClipsRequestSchema, { ...span, ...single }),
    )
  })
  const spend = (request: FastifyRequest) => (bytes: number) => access.spendBytes(request.caller, bytes)
  const video: RouteHandlerMethod = async (request, reply) => {
    const { single, ...span } = spanOf(request, ['monitor', 'clip'])
    const { clip, ...rest } = single
    const { tenant } = request.caller
    const asked = checkRequest(findClipsRequestSchema, { ...span, ...rest })
    const which = checkRequest(clipIndexSchema, numberOf(clip))
    const found = await recordings.findClip(tenant, asked, which)
    const name = `${asked.camera}-${asked.fromMs}.mp4`
    return sendClip(request, reply, recordings, { tenant, found, name, spend: spend(request) })
  }
  addRoute(app, 'exportRecording', video, { head: video })
  const alertClip: RouteHandlerMethod = async (request, reply) => {
    const { id } = checkRequest(getAlertRequestSchema, request.params)
    const { before, after } = readQuery(searchOf(request), ['before', 'after']).single
    const around = checkRequest(aroundSchema, { beforeMs: numberOf(before), afterMs: numberOf(after) })
    const { tenant } = request.caller
    const alert = await gateway.alert(tenant, id)
    const found = await recordings.findClip(tenant, spanOfAlert(alert, around), { atMs: alert.atMs })
    return sendClip(request, reply, recordings, { tenant, found, name: `${id}.mp4`, spend: spend(request) })
  }
  addRoute(app, 'getAlertClip', alertClip, { head: alertClip })
  addRoute(app, 'linkAlertClip', async (request) => {
    const { id } = checkRequest(getAlertRequestSchema, request.params)
    const { expiresInSec } = checkRequest(linkClipRequestSchema, readJsonObject(request.body))
    if (!deps.links)
      throw new MurmurError('INVALID_REQUEST', 'there are no links here: MURMUR_LINK_KEYS is not set')
    const { tenant } = request.caller
    // What is not there is told now, and not to whoever gets the link.
    await gateway.alert(tenant, id)
    const { keys, publicUrl } = deps.links
    const nowMs = deps.clock.nowMs()
    const signing = { publicUrl, key: keys[0]!, lifetimeMs: expiresInSec * 1000 }
    const url = signedLink(signing, sharedAlertPath(tenant, id, 'clip'), nowMs)
    return { url, expiresAtMs: Math.floor(nowMs / 1000 + expiresInSec) * 1000 }
  })
}

/** The camera of the path and the times of the query; what else may stand in it is given back as it is. @throws MurmurError INVALID_REQUEST */
function spanOf(request: FastifyRequest, more: readonly string[]) {
  const { camera } = request.params as { camera: string }
  const { from, to, ...single } = readQuery(searchOf(request), ['from', 'to', ...more]).single
  return {
    camera,
    ...(from !== undefined && { fromMs: timeOf('from', from) }),
    ...(to !== undefined && { toMs: timeOf('to', to) }),
    single,
  }
}
