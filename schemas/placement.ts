import { z } from 'zod'
import { STRATEGY_NAMES } from './agent-policy.ts'

/** Instances that are told of, of those that were considered and of those that were left out; of more, their number. */
export const MAX_PLACEMENT_INSTANCES = 16

/** Who got a step, or the last run of one of several, and why. A part of answers: docs/dispatch.md. */
export const placementSchema = z.object({
  /** The run, where it is not the step itself: `resize.17`. */
  runId: z.string().optional(),
  attempt: z.int(),
  strategy: z.enum(STRATEGY_NAMES),
  /** Who was chosen; undefined: whichever instance was free first. */
  instance: z.string().optional(),
  because: z.string(),
  /** When it was decided, by the broker's clock. Unix milliseconds; undefined where nothing was to decide. */
  atMs: z.number().optional(),
  /** What the choice was between; empty where nobody was chosen. */
  candidates: z
    .array(
      z.object({
        instance: z.string(),
        version: z.string(),
        /** Steps in hand before this one, as the orchestrator knew them, and slots. */
        inFlight: z.int(),
        capacity: z.int(),
        /** What the strategy compared: docs/dispatch.md says what it means of which. */
        score: z.number().optional(),
      }),
    )
    .max(MAX_PLACEMENT_INSTANCES),
  moreCandidates: z.int().optional(),
  /** Who could not have it. */
  leftOut: z.array(z.object({ instance: z.string(), because: z.string() })).max(MAX_PLACEMENT_INSTANCES),
  moreLeftOut: z.int().optional(),
})
export type Placement = z.infer<typeof placementSchema>

/** Between whom an instance was chosen. */
export type PlacementExplanation = Pick<
  Placement,
  'candidates' | 'moreCandidates' | 'leftOut' | 'moreLeftOut'
>
