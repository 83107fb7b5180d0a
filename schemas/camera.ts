import { z } from 'zod'
import { detectionSchema, frameIdentitySchema } from './detection.ts'
import { taskIdSchema } from './identifiers.ts'
import { lineSchema, zoneSchema } from './watch-rule.ts'

/**
 * How a camera is. `blind`: pictures come, and nothing has been seen in them for some seconds, because detection or tracking does not
 * answer. `lagging`: what is looked at is seconds old.
 */
export const CAMERA_STATUSES = ['connecting', 'live', 'blind', 'lagging', 'offline', 'ended'] as const
export type CameraStatus = (typeof CAMERA_STATUSES)[number]

/** Those in which pictures come. */
const PICTURE_STATUSES: readonly CameraStatus[] = ['live', 'blind', 'lagging']

/** Whether pictures come from a camera that is like this. Pure. */
export function givesPictures(status: CameraStatus): boolean {
  return PICTURE_STATUSES.includes(status)
}

/** Frames counted where they pass or get lost, since the monitor began. Every frame decoded is in exactly one of the others. */
export const frameCountsSchema = z.object({
  /** Came out of the decoder. */
  decoded: z.int().min(0),
  /** Let go by capture: the connection to NATS was down or behind. */
  droppedAtCapture: z.int().min(0),
  /** Never looked at: newer frames were there, or a detector died with them. Known once later frames have come back. */
  droppedAtDetection: z.int().min(0),
  /** Looked at, but came back after a later one. */
  late: z.int().min(0),
  /** Looked at and used. */
  analysed: z.int().min(0),
  /** Not looked at because nothing had moved: covered by the look before. None where it does not say. */
  gated: z.int().min(0).optional(),
})
export type FrameCounts = z.infer<typeof frameCountsSchema>

/** `cameras.state.<tenant>.<camera>`: every second, and whenever it changes. */
export const cameraStateSchema = z.object({
  v: z.literal(1),
  camera: z.string(),
  monitor: taskIdSchema,
  epoch: z.number(),
  status: z.enum(CAMERA_STATUSES),
  /** Why it is so, for people: the last error of the source. */
  reason: z.string().max(1000).optional(),
  /** Times that the source was opened again. */
  reconnects: z.int().min(0),
  /** Decoded frames a second, lately. */
  fps: z.number(),
  source: z.object({ width: z.int(), height: z.int(), fps: z.number().optional() }).optional(),
  /** The model that looks at its frames, since it is known. */
  model: z.string().max(64).optional(),
  /** What speaks against relying on that model for this source. */
  modelWarning: z.string().max(200).optional(),
  /** What decodes it: `software`, or a device's method (`cuda`, `vaapi` …); and why nothing better does. */
  decoding: z.object({ method: z.string().max(32), reason: z.string().max(1000).optional() }).optional(),
  /** What the network looks at, pixels; the share of it that is border; and what could be had for less, where that is much. */
  input: z
    .object({ width: z.int(), height: z.int(), border: z.number(), note: z.string().max(500).optional() })
    .optional(),
  /** How its main stream is, where a substream is analysed: pictures and recordings come from there; `warning`: why zones may not fit both. */
  mainStream: z
    .object({
      status: z.enum(['connecting', 'live', 'offline']),
      reason: z.string().max(300).optional(),
      source: z.object({ width: z.int(), height: z.int() }).optional(),
      warning: z.string().max(500).optional(),
    })
    .optional(),
  frames: frameCountsSchema.pick({ decoded: true, droppedAtCapture: true, gated: true }).extend({
    /** Never looked at, as far as later ones have come back. Missing from captures of an earlier version, as all that follows is. */
    droppedAtDetection: z.int().min(0).optional(),
  }),
  /** Since when it has this status. Unix milliseconds. */
  sinceMs: z.number().optional(),
  /** Frames a second that came back analysed, lately. */
  analysedFps: z.number().optional(),
  /** How old the picture is when it is decoded, by the stream's own time; missing where the stream has none. Milliseconds. */
  lagMs: z.number().optional(),
  /** How old the picture was whose objects came back last. Milliseconds. */
  ageMs: z.number().optional(),
  /** When it came back. Unix milliseconds. */
  analysedAtMs: z.number().optional(),
  /** Times that a backlog was cut by opening the source again at its live edge. */
  cuts: z.int().min(0).optional(),
  atMs: z.number(),
})
export type CameraState = z.infer<typeof cameraStateSchema>

/** `monitors.<id>.snapshot`: asks the capture for a frame that it still has; the answer is a JPEG, or a problem as JSON. */
export const snapshotRequestSchema = z.object({ epoch: z.number(), seq: z.int() })
export type SnapshotRequest = z.infer<typeof snapshotRequestSchema>

/** The same, for the newest frame that there is, with what is to be drawn into it. */
export const frameRequestSchema = z.strictObject({
  newest: z.literal(true),
  /** Lines at each tenth, with their numbers. */
  grid: z.boolean().default(false),
  zones: z.array(zoneSchema).max(64).default([]),
  lines: z.array(lineSchema).max(64).default([]),
})
export type FrameRequest = z.input<typeof frameRequestSchema>

/** What is drawn into a frame that somebody asks for: a grid to read coordinates off, and the zones and lines of its monitor. */
export interface FrameMarks {
  grid: boolean
  zones: boolean
}

const shapesSchema = z.object({
  zones: z.array(zoneSchema).default([]),
  lines: z.array(lineSchema).default([]),
})

/** The request for the newest frame of a monitor. `input`: that of its task. Pure. */
export function frameRequestOf(input: unknown, { grid, zones }: FrameMarks): FrameRequest {
  return { newest: true, grid, ...(zones && shapesSchema.safeParse(input).data) }
}

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

/** `tracks.<tenant>.<camera>`: the state of a camera after each frame that was analysed; for live views and for captures. */
export const tracksSchema = frameIdentitySchema.omit({ pace: true }).extend({
  tracks: z.array(trackSchema).max(1000),
  /** Confirmed objects in this frame. */
  persons: z.int().min(0),
  vehicles: z.int().min(0),
  /** From capture to here. Milliseconds. */
  latencyMs: z.number(),
  /** Frames analysed since the monitor began. */
  frames: z.int().min(0),
  /** The view that a camera shows which turns, and whether it is turning now: then no rule holds. */
  preset: z.int().min(1).optional(),
  moving: z.boolean().optional(),
  /** Frames since the monitor began that were not looked at: nothing had moved, or what moved was followed well enough without. */
  gated: z.int().min(0).optional(),
  /** This frame is one of them: what is in it is what was there before. */
  still: z.literal(true).optional(),
  /** How soon the tracker wants the next look while nothing moves; 0 is the next frame. Milliseconds. */
  lookAgainMs: z.number().min(0).optional(),
  /** The same while something moves. Milliseconds. */
  lookMovingMs: z.number().min(0).optional(),
})
export type Tracks = z.infer<typeof tracksSchema>
