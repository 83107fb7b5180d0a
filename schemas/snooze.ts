import { z } from 'zod'
import { cameraNameSchema, TOKEN_PATTERN, tenantSchema } from './identifiers.ts'

const ruleSchema = z.string().regex(TOKEN_PATTERN, { error: 'must be the id of a rule' })
const idSchema = z.string().regex(/^s[A-Za-z0-9]{1,62}$/, { error: 'must be the id of a snooze' })
const bySchema = z.string().min(1).max(256)

/** The longest snooze, which is as long as alerts are kept: 30 days. */
export const MAX_SNOOZE_MS = 30 * 86_400_000
/** Snoozes of a tenant that hold at the same time; one more is refused with `LIMIT_EXCEEDED`. */
export const MAX_SNOOZES = 200

/** For a while no sink is told of what a camera, or one rule of it, raises. Its alerts are in the history, marked. */
export const snoozeSchema = z.object({
  id: idSchema,
  tenant: tenantSchema,
  camera: cameraNameSchema,
  /** Only this rule; all of the camera's without it. */
  rule: ruleSchema.optional(),
  /** From when to when, Unix milliseconds. */
  fromMs: z.number(),
  untilMs: z.number(),
  by: bySchema,
  reason: z.string().max(500).optional(),
  /** Ended before its time: when, and by whom. */
  endedAtMs: z.number().optional(),
  endedBy: bySchema.optional(),
})
export type Snooze = z.infer<typeof snoozeSchema>

/** Whether it hides an alert at this time. Pure. */
export function isSnoozing(
  { camera, rule, fromMs, untilMs, endedAtMs }: Snooze,
  alert: { camera: string; rule: { id: string } },
  atMs: number,
): boolean {
  const isAbout = camera === alert.camera && (rule === undefined || rule === alert.rule.id)
  return isAbout && endedAtMs === undefined && fromMs <= atMs && atMs < untilMs
}

/** `murmur.snoozes.add` */
export const addSnoozeRequestSchema = z
  .strictObject({
    camera: cameraNameSchema,
    rule: ruleSchema.optional(),
    /** Either how long from now on, in milliseconds, */
    forMs: z
      .int()
      .min(1000)
      .max(MAX_SNOOZE_MS)
      .describe('How long from now on, in milliseconds …')
      .optional(),
    /** or until when, Unix milliseconds. */
    untilMs: z.int().min(0).describe('… or until when, Unix milliseconds.').optional(),
    by: bySchema.optional(),
    reason: z.string().max(500).optional(),
  })
  .refine(({ forMs, untilMs }) => (forMs === undefined) !== (untilMs === undefined), {
    path: ['untilMs'],
    error: 'give either forMs or untilMs: a snooze has an end',
  })
export type AddSnoozeRequest = z.infer<typeof addSnoozeRequestSchema>
export const snoozeResponseSchema = z.object({ snooze: snoozeSchema })

/** `murmur.snoozes.list`: those that hold now, the one that ends next first. */
export const listSnoozesRequestSchema = z.strictObject({
  camera: z.string().max(64).optional(),
  /** Those that are over, too, for as long as alerts are kept. */
  ended: z.boolean().default(false),
})
export type ListSnoozesRequest = z.infer<typeof listSnoozesRequestSchema>
export const listSnoozesResponseSchema = z.object({ snoozes: z.array(snoozeSchema) })

/** `murmur.snoozes.end`: before its time. */
export const endSnoozeRequestSchema = z.strictObject({ id: idSchema, by: bySchema.optional() })
export type EndSnoozeRequest = z.infer<typeof endSnoozeRequestSchema>

/** In the stream of alerts, on `alert-changes.<tenant>.<camera>`: what the snoozes are made again from. */
export const snoozeCloudEventSchema = z.object({
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.string(),
  type: z.literal('murmuration.snooze.changed'),
  subject: z.string(),
  time: z.string(),
  datacontenttype: z.literal('application/json'),
  data: snoozeSchema,
})
export type SnoozeCloudEvent = z.infer<typeof snoozeCloudEventSchema>

export const snoozeExample: Snooze = {
  id: 's7k2m9',
  tenant: 'default',
  camera: 'yard',
  rule: 'gate-access',
  fromMs: 1_790_000_000_000,
  untilMs: 1_790_003_600_000,
  by: 'anna',
  reason: 'The gate is being painted',
}
