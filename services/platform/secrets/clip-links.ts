import { z } from 'zod'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { taskIdSchema, tenantSchema } from '#schemas/identifiers.ts'
import { cameraSchema } from '#schemas/monitor-request.ts'
import type { TextSealer } from './sealed-text.ts'

/** What a link shows: a span of a camera, until it expires. Times are Unix milliseconds. */
const linkedClipSchema = z.strictObject({
  tenant: tenantSchema,
  camera: cameraSchema,
  monitor: taskIdSchema.optional(),
  fromMs: z.int(),
  toMs: z.int(),
  expiresAtMs: z.int(),
})
export type LinkedClip = z.infer<typeof linkedClipSchema>

/** Below which path an edge serves them. */
export const CLIP_LINK_PATH = '/v1/clips'
const PURPOSE = 'clip-link'
/** What was made by us is shorter. */
const MAX_TOKEN = 2048

/** Links to clips that whoever has them may follow, without a credential, until they expire. */
export interface ClipLinks {
  /** Its address: with the name of the edge where that is configured, else from its path on. */
  link(clip: LinkedClip): string
  /**
   * What a token of a link shows.
   * @throws MurmurError NOT_FOUND when it was not made by us, was changed, or has expired
   */
  open(token: string, nowMs: number): LinkedClip
}

/** @param publicUrl where edges are reached by people; without a `/` at its end */
export function createClipLinks(sealer: TextSealer, publicUrl: string | undefined): ClipLinks {
  return {
    link(clip) {
      const token = sealer.seal(JSON.stringify(linkedClipSchema.parse(clip)), PURPOSE)
      return `${publicUrl ?? ''}${CLIP_LINK_PATH}/${token}`
    },
    open(token, nowMs) {
      const clip = opened(sealer, token)
      if (!clip || clip.expiresAtMs <= nowMs)
        throw new MurmurError('NOT_FOUND', 'there is no such link, or it has expired')
      return clip
    },
  }
}

function opened(sealer: TextSealer, token: string): LinkedClip | undefined {
  if (token.length > MAX_TOKEN) return undefined
  try {
    return linkedClipSchema.safeParse(JSON.parse(sealer.open(token, PURPOSE))).data
  } catch {
    // Made with another key, for something else, or by somebody else.
    return undefined
  }
}
