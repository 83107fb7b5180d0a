import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import { type CameraEvent, cameraEventSchema } from '#schemas/camera-event.ts'
import { TOKEN_PATTERN } from '#schemas/identifiers.ts'
import { SUBJECTS } from '#subjects/subjects.ts'

/** A hundred objects with labels take 20 KB. */
const MAX_BYTES = 64 * 1024
const MAX_DEPTH = 16

export type ReadEvent = { event: CameraEvent } | { fault: string }

/** A message of the queue as an event, or what is wrong with it; bytes and depth are checked before anything walks it. Pure. */
export function readEvent(subject: string, bytes: Uint8Array): ReadEvent {
  try {
    const parsed = cameraEventSchema.safeParse(
      parseBoundedJson(bytes, { maxBytes: MAX_BYTES, maxDepth: MAX_DEPTH }),
    )
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      return { fault: `${issue?.path.join('.') || 'the event'}: ${issue?.message}` }
    }
    const event = parsed.data
    // It names subjects; and who may publish for one camera of a tenant must not raise alerts for another.
    if (!TOKEN_PATTERN.test(event.camera)) return { fault: 'camera: is no subject token' }
    if (SUBJECTS.cameraEvents(event.tenant, event.camera) !== subject)
      return { fault: `camera: "${event.camera}" of "${event.tenant}" came on ${subject}` }
    return { event }
  } catch (error) {
    if (!(error instanceof MurmurError)) throw error
    return { fault: messageOf(error) }
  }
}
