import { z } from 'zod'
import { detectionSchema, detectionsSchema } from './detection.ts'

/** An object that is followed over frames, confirmed: seen often enough to be believed. */
export const trackSchema = detectionSchema.extend({
  /** Unique within the monitor: 1, 2, 3 … */
  id: z.int().min(1),
  /** True while it is only expected here and was not seen in this very frame. */
  predicted: z.boolean(),
  /** Zones that it is in. */
  zones: z.array(z.string()),
})
export type Track = z.infer<typeof trackSchema>

/** `tracks.<camera>`: the state of a camera after each frame that was analysed; for live views and for captures. */
export const tracksSchema = detectionsSchema
  .pick({
    v: true,
    camera: true,
    monitor: true,
    epoch: true,
    seq: true,
    capturedAtMs: true,
    atMs: true,
    mediaMs: true,
  })
  .extend({
    tracks: z.array(trackSchema).max(1000),
    /** Confirmed objects in this frame. */
    persons: z.int().min(0),
    vehicles: z.int().min(0),
    /** From capture to here. Milliseconds. */
    latencyMs: z.number(),
    /** Frames analysed since the monitor began. */
    frames: z.int().min(0),
  })
export type Tracks = z.infer<typeof tracksSchema>
