import { z } from 'zod'
import { jsonValueSchema } from './json.ts'
import { LIMITS } from './limits.ts'

/** Of one run of a step: an attempt, as it was handed out. A higher attempt, and of one attempt a higher delivery, is a later run. */
const runFields = {
  stepId: z.string(),
  attempt: z.int().min(1),
  /** How often the attempt had been handed out when this run began: another process may have begun it before. */
  delivery: z.int().min(1),
}

/**
 * What a step says while it runs, on `chunks.<tenant>.<agent>.<taskId>.<stepId>`: partial results, such as the tokens of a language model. It is
 * never stored; the output of the step is what counts.
 */
export const stepChunksSchema = z.object({
  v: z.literal(1),
  taskId: z.string(),
  ...runFields,
  atMs: z.number(),
  /** Chunks of a run are numbered from 1 without a gap; this is the number of the first one here. */
  from: z.int().min(1),
  /** Text (a string), to be shown as it is behind what came before; or any other JSON value. */
  chunks: z.array(jsonValueSchema).min(1).max(LIMITS.chunkBufferCount),
})
export type StepChunks = z.infer<typeof stepChunksSchema>

/** The answer on `chunk-replay.<tenant>.<agent>.<taskId>.<stepId>.<attempt>`: what the run that emits just now has kept, oldest first. */
export const chunkReplaySchema = z.object({ parts: z.array(stepChunksSchema).max(LIMITS.chunkBufferCount) })
export type ChunkReplay = z.infer<typeof chunkReplaySchema>

/** Chunks as a watcher is told them: in order, none twice, and it is said what is missing. */
export const watchedChunksSchema = z.object({
  ...runFields,
  atMs: z.number(),
  from: z.int().min(1),
  chunks: z.array(jsonValueSchema),
  /** So many chunks right before `from` are not told: they were beyond a bound, or lost on their way. */
  cut: z.int().min(1).optional(),
  /** A later run of the step than the one that was told so far: it starts again, and what was told counts no more. */
  restarts: z.literal(true).optional(),
})
export type WatchedChunks = z.infer<typeof watchedChunksSchema>

export const stepChunksExample: StepChunks = {
  v: 1,
  taskId: 'kq3v9x',
  stepId: 'write',
  attempt: 1,
  delivery: 1,
  atMs: 1_790_000_000_050,
  from: 3,
  chunks: ['Sales rose ', 'by 4 % in May.'],
}
export const watchedChunksExample: WatchedChunks = {
  stepId: 'write',
  attempt: 1,
  delivery: 1,
  atMs: 1_790_000_000_050,
  from: 3,
  chunks: ['Sales rose by 4 % in May.'],
}
