import type { UntypedServiceImplementation } from '@grpc/grpc-js'
import { z } from 'zod'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { FoundClip } from '#platform/nats/read-clip.ts'
import { checkRequest } from '#platform/requests/check-request.ts'
import { getAlertRequestSchema } from '#schemas/alert.ts'
import {
  findClipsRequestSchema,
  getTimelineRequestSchema,
  listRecordingsRequestSchema,
  spanOfAlert,
} from '#schemas/recording.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { aroundSchema, clipIndexSchema } from '../gateway/recordings.ts'
import { type CallDeps, serverStream, unary } from './call.ts'
import type { CallContext } from './call-context.ts'
import { present } from './from-proto.ts'
import { type ExportRecordingResponse, RecordingServiceService } from './generated/v1/recording_service.ts'
import { clipMessage, recordingMessage, timelineMessage } from './recording-messages.ts'

export interface RecordingServiceDeps extends CallDeps {
  gateway: Gateway
}

const offsetSchema = z.int().min(0).default(0)

/** RecordingService over the gateway. */
export function recordingService(deps: RecordingServiceDeps): UntypedServiceImplementation {
  const is = RecordingServiceService
  const { gateway } = deps
  const { recordings } = gateway
  return {
    listRecordings: unary(deps, 'listRecordings', is.listRecordings, async (request, { caller }) => {
      const { camera } = checkRequest(listRecordingsRequestSchema, present(request))
      const { recordings: found, missing } = await recordings.list(caller.tenant, camera)
      return { recordings: found.map(recordingMessage), missing }
    }),
    getTimeline: unary(deps, 'getTimeline', is.getTimeline, async (request, { caller }) =>
      timelineMessage(
        await recordings.timeline(caller.tenant, checkRequest(getTimelineRequestSchema, present(request))),
      ),
    ),
    findClips: unary(deps, 'findClips', is.findClips, async (request, { caller }) => {
      const asked = checkRequest(findClipsRequestSchema, present(request))
      const { clips, missing } = await recordings.clips(caller.tenant, asked)
      return { clips: clips.map(clipMessage), missing }
    }),
    exportRecording: serverStream(
      deps,
      'exportRecording',
      is.exportRecording,
      async function* ({ clip, offset, ...span }, context) {
        const asked = checkRequest(findClipsRequestSchema, present(span))
        const which = checkRequest(clipIndexSchema, clip)
        const found = await recordings.findClip(context.caller.tenant, asked, which)
        yield* piecesOf(found, { offset }, context, deps)
      },
    ),
    getAlertClip: serverStream(
      deps,
      'getAlertClip',
      is.getAlertClip,
      async function* ({ offset, ...request }, context) {
        const { id } = checkRequest(getAlertRequestSchema, { id: request.id })
        const { beforeMs, afterMs } = request
        const around = checkRequest(aroundSchema, present({ beforeMs, afterMs }))
        const { tenant } = context.caller
        const alert = await gateway.alert(tenant, id)
        const found = await recordings.findClip(tenant, spanOfAlert(alert, around), { atMs: alert.atMs })
        yield* piecesOf(found, { offset }, context, deps)
      },
    ),
  }
}

/** What it is, then its bytes. @throws MurmurError INVALID_REQUEST for bytes behind its end; RECORDING_NOT_FOUND, UNAVAILABLE */
async function* piecesOf(
  found: FoundClip,
  { offset }: { offset: number | undefined },
  { caller }: CallContext,
  { gateway, access }: RecordingServiceDeps,
): AsyncGenerator<ExportRecordingResponse> {
  const from = checkRequest(offsetSchema, offset)
  const { bytes } = found.clip
  if (from > bytes)
    throw new MurmurError('INVALID_REQUEST', `the clip has ${bytes} bytes, and offset is ${from}`, {
      issues: [{ path: 'offset', message: `must be ${bytes} at most` }],
    })
  await access.spendBytes(caller, bytes - from)
  yield { part: { $case: 'clip', value: clipMessage(found.clip) } }
  // Left early, as by a client that is gone, nothing more is read.
  for await (const piece of gateway.recordings.read(caller.tenant, found, { from, to: bytes }))
    yield { part: { $case: 'chunk', value: Buffer.from(piece) } }
}
