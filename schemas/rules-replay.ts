import { z } from 'zod'
import { cameraEventSchema } from './camera-event.ts'
import { taskIdSchema } from './identifiers.ts'
import {
  cameraSchema,
  checkPolygons,
  checkReferences,
  monitorRequestSchema,
  watchRulesShape,
} from './monitor-request.ts'
import { MAX_SPAN_MS } from './recording.ts'

/** What the agent `rules-replay` gets: rules, and the past that they are run over. Times are Unix milliseconds. */
export const rulesReplayInputSchema = z
  .object({
    camera: cameraSchema,
    fromMs: z.int().min(0),
    toMs: z.int().min(0),
    ...watchRulesShape,
    /** Detections below this are ignored; as it was then unless given. */
    minScore: monitorRequestSchema.shape.minScore,
    /** Only what this monitor has seen. */
    monitor: taskIdSchema.optional(),
    /** So much of what was before is looked at first, so that who was there then is known. Milliseconds. */
    warmUpMs: z.int().min(0).max(86_400_000).default(600_000),
  })
  .superRefine(checkReferences)
  .superRefine(checkPolygons)
  .superRefine(({ fromMs, toMs }, context) => {
    if (toMs <= fromMs)
      context.addIssue({ code: 'custom', path: ['toMs'], message: 'must be later than fromMs' })
    else if (toMs - fromMs > MAX_SPAN_MS)
      context.addIssue({ code: 'custom', path: ['toMs'], message: 'must be within 31 days of fromMs' })
  })
export type RulesReplayInput = z.infer<typeof rulesReplayInputSchema>
export type RulesReplayInputInput = z.input<typeof rulesReplayInputSchema>

/** Events in one result: a rule that never stops is told by its count. */
export const MAX_REPLAYED_EVENTS = 5000

/** What the rules would have raised. */
export const rulesReplaySchema = z.object({
  schema: z.literal('murmuration.rules-replay/1'),
  camera: z.string(),
  fromMs: z.number(),
  toMs: z.number(),
  /** Frames of the span, and those of them that came too late for the tracker then, and are left out. */
  frames: z.int(),
  late: z.int(),
  /** Of the first and the last of them; missing when there are none. */
  firstMs: z.number().optional(),
  lastMs: z.number().optional(),
  monitors: z.array(z.string()),
  /** By id of the rule. */
  byRule: z.record(z.string(), z.object({ events: z.int(), alerts: z.int() })),
  /** In the order in which they come true; the first 5000. `isAlert`: it would have been an alert of its own: of a group the first, and not within the cooldown of one before. */
  events: z.array(cameraEventSchema.extend({ isAlert: z.boolean() })).max(MAX_REPLAYED_EVENTS),
  isCut: z.boolean(),
  /** How long it took, and how many times as long what it went through did. */
  tookMs: z.number(),
  timesRealTime: z.number(),
})
export type RulesReplay = z.infer<typeof rulesReplaySchema>
