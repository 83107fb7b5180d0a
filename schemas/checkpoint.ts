import { z } from 'zod'
import { taskIdSchema } from './identifiers.ts'

/**
 * The messages of the CHECKPOINTS stream: states of tasks that live longer than the log is kept, and up to where each partition needs
 * the log no more. Sequence numbers are those of the LOG stream, unless it says otherwise.
 */

const seq = z.int().min(0)

/** The state of a task. Everything of it that the log has up to `foldedTo` is in it; nothing behind `upTo` is. */
export const checkpointSchema = z.object({
  v: z.literal(1),
  taskId: taskIdSchema,
  /** Of the owner that wrote it. */
  claim: z.string().min(1).max(64),
  /** The message before it on its subject, in CHECKPOINTS; 0: it is the first. */
  after: seq.optional(),
  foldedTo: seq,
  upTo: seq,
  /** When the broker stored the message at `upTo`: a log that was set back shows by it. Unix milliseconds. */
  upToMs: z.number(),
  /** The state of the task; absent: it is in parts. */
  state: z.looseObject({}).optional(),
  /** Number of those. */
  parts: z.int().min(1).max(256).optional(),
})
export type CheckpointRecord = z.infer<typeof checkpointSchema>

/** A part of a state that is too large for one message: of its JSON, compressed with zstd, as base64. */
export const checkpointPartSchema = z.object({ v: z.literal(1), taskId: taskIdSchema, data: z.string() })

/** Outcomes of items of a list that stand beside the state. */
export const checkpointItemsSchema = z.object({
  v: z.literal(1),
  taskId: taskIdSchema,
  stepId: z.string(),
  /** Index and outcome of each that there is. */
  items: z.array(z.tuple([z.int().min(0), z.looseObject({})])),
})

/** Up to where a partition needs the log no more: checkpoints and the log behind `horizon` give all of its tasks. */
export const horizonSchema = z.object({
  v: z.literal(1),
  /**
   * Who wrote checkpoints of the partition, each from which sequence number of CHECKPOINTS on; 0: from this record on. The last one does
   * now. What anybody else has written behind counts for nothing. One is enough once the last has looked at all that there is.
   */
  claims: z
    .array(z.object({ claim: z.string().min(1).max(64), from: seq }))
    .min(1)
    .max(64),
  /** When the LOG stream was made. */
  stream: z.string(),
  horizon: seq,
  /** When the broker stored the message at the horizon. Unix milliseconds; 0 where there is none. */
  horizonMs: z.number(),
  /** No event of the partition lies between this and the horizon. */
  reached: seq,
  /** The horizon before, up to which the log may be purged; the same of it. */
  before: seq,
  beforeReached: seq,
  /** When the horizon moved last, by the broker's clock. Unix milliseconds. */
  movedAtMs: z.number(),
  /** Offset of the partition when this was written, and when that message was stored (Unix ms). */
  offset: seq,
  offsetMs: z.number(),
})
export type HorizonRecord = z.infer<typeof horizonSchema>

/**
 * Stands in the LOG stream itself, behind the horizon: what lies before may have been purged. It changes no task. Orchestrators of releases
 * that know nothing of horizons take it for an event of a later version, which names a task, and go no further.
 */
export const horizonMarkSchema = z.object({ v: z.literal(1), taskId: z.literal('horizon'), horizon: seq })
export type HorizonMark = z.infer<typeof horizonMarkSchema>
