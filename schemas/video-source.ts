import { z } from 'zod'
import { blobRefSchema } from './blob.ts'

/** Where video comes from. */
export const videoSourceSchema = z.discriminatedUnion('kind', [
  /** A clip in the object store. */
  z.strictObject({ kind: z.literal('file'), blob: blobRefSchema }),
  /** A camera or a stream: rtsp, rtsps, http or https (a file, MJPEG or an HLS playlist). */
  z.strictObject({
    kind: z.literal('url'),
    url: z
      .string()
      .max(2048)
      .regex(/^(rtsps?|https?):\/\/[^\s]+$/i, { error: 'must be an rtsp, rtsps, http or https address' }),
  }),
  /** A V4L2 device of the machine that captures. */
  z.strictObject({
    kind: z.literal('device'),
    path: z.string().regex(/^\/dev\/video\d{1,3}$/, { error: 'must be a device like /dev/video0' }),
  }),
  /** A rendered test scene; see docs/scenes.md. */
  z.strictObject({
    kind: z.literal('scene'),
    scenario: z.string().regex(/^[a-z][a-z0-9-]{0,63}$/),
    seed: z
      .int()
      .min(0)
      .max(2 ** 31 - 1)
      .default(1),
  }),
])
export type VideoSource = z.infer<typeof videoSourceSchema>

export const videoSourceExample: VideoSource = { kind: 'url', url: 'rtsp://192.0.2.10:554/stream1' }
