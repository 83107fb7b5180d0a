import { z } from 'zod'
import { boxSchema } from '#schemas/geometry.ts'
import { objectClassSchema } from '#schemas/watch-rule.ts'
import { boxFilterSchema } from './kalman-filter.ts'

/** One object that is followed. Times are milliseconds of the tracker's time line. */
export const trackStateSchema = z.object({
  /** Counts births; the name of a track before it has an id. */
  key: z.int().min(1),
  /** 1, 2, 3 … once it is confirmed; 0 before. */
  id: z.int().min(0),
  class: objectClassSchema,
  /** What the model called it, with the sum of its scores: the label is the heaviest. */
  votes: z.array(z.tuple([z.string(), z.number()])),
  /** Of the last detection. */
  score: z.number(),
  filter: boxFilterSchema,
  /** The last detection's box: where an object that stood still is searched again. */
  box: boxSchema,
  bornMs: z.number(),
  seenMs: z.number(),
  hits: z.int().min(1),
  /** Where its centre has been, within a quarter of its size, and since when. */
  stillAt: z.tuple([z.number(), z.number()]),
  stillSinceMs: z.number(),
  /** What it looks like, over time. */
  look: z.string().max(160).optional(),
  /** The first box, and whether it has been away from there since. */
  bornAt: boxSchema.optional(),
  roamed: z.boolean().optional(),
  /** Where it stands, as a whole, until it has left there, and since when; and since when only a part of that has been seen. */
  place: boxSchema.optional(),
  placeSinceMs: z.number().optional(),
  /** The place that it has just left, and when: unless it was the camera that began to turn. */
  left: z.object({ place: boxSchema, sinceMs: z.number(), roamed: z.boolean(), atMs: z.number() }).optional(),
  partMs: z.number().optional(),
  /** When it was found again in the memory of the tracker, and the key that it had for a moment before. */
  recalledMs: z.number().optional(),
  bornAs: z.int().min(1).optional(),
  /** It moved off from the place of another that it was taken for: it is nobody that was there before. */
  apart: z.boolean().optional(),
})
export type TrackState = z.infer<typeof trackStateSchema>

/** An object that was lost and may come back: a track without what has to do with motion. */
export const lostObjectSchema = trackStateSchema
  .omit({ filter: true, recalledMs: true, bornAs: true, partMs: true, left: true })
  .extend({
    place: boxSchema,
    /** How it moved when it was seen last: shares of the picture a second. */
    velocity: z.tuple([z.number(), z.number()]).optional(),
    /** The view in which it was lost; the first where it does not say. */
    preset: z.int().min(1).optional(),
  })
export type LostObject = z.infer<typeof lostObjectSchema>

/** All that a tracker knows: plain JSON, so that another instance can resume from it. */
export const trackerStateSchema = z.object({
  /** Time of the last frame; undefined before the first. */
  atMs: z.number().optional(),
  births: z.int().min(0),
  /** Confirmed so far. The ids given are the numbers up to their sum. */
  confirmed: z.object({ person: z.int().min(0), vehicle: z.int().min(0) }),
  tracks: z.array(trackStateSchema).max(4000),
  /** Lost objects, the latest last. */
  lost: z.array(lostObjectSchema).max(512).optional(),
})
export type TrackerState = z.infer<typeof trackerStateSchema>

export const EMPTY_TRACKER: TrackerState = { births: 0, confirmed: { person: 0, vehicle: 0 }, tracks: [] }
