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
})
export type TrackState = z.infer<typeof trackStateSchema>

/** All that a tracker knows: plain JSON, so that another instance can resume from it. */
export const trackerStateSchema = z.object({
  /** Time of the last frame; undefined before the first. */
  atMs: z.number().optional(),
  births: z.int().min(0),
  /** Confirmed so far. The ids given are the numbers up to their sum. */
  confirmed: z.object({ person: z.int().min(0), vehicle: z.int().min(0) }),
  tracks: z.array(trackStateSchema).max(4000),
})
export type TrackerState = z.infer<typeof trackerStateSchema>

export const EMPTY_TRACKER: TrackerState = { births: 0, confirmed: { person: 0, vehicle: 0 }, tracks: [] }
