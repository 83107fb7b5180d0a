import { z } from 'zod'
import { boxSchema } from './geometry.ts'
import { tenantSchema } from './identifiers.ts'
import { objectClassSchema } from './watch-rule.ts'

/** What a camera sees again and again and what is none: learned from an alert that somebody marked as "not this". */
export const falsePositiveSchema = z.object({
  id: z.string().min(1).max(64),
  camera: z.string().min(1).max(64),
  class: objectClassSchema,
  label: z.string().max(64),
  /** Where it is. */
  box: boxSchema,
  /** What it looks like: see detections. */
  look: z.string().max(160).optional(),
  /** The view of a camera that turns. */
  preset: z.int().min(1).optional(),
  /** The alert that it was learned from, who said so, and when. */
  alert: z.string().max(128),
  by: z.string().max(256).optional(),
  note: z.string().max(1000).optional(),
  markedAtMs: z.number(),
})
export type FalsePositive = z.infer<typeof falsePositiveSchema>

/** False positives of one camera, at most: marking one more is refused. */
export const MAX_FALSE_POSITIVES = 64

/** `false-positives.<tenant>.<camera>`: all of one camera, each time that they change. */
export const falsePositivesSchema = z.object({
  v: z.literal(1),
  tenant: tenantSchema,
  camera: z.string(),
  falsePositives: z.array(falsePositiveSchema).max(MAX_FALSE_POSITIVES),
})
export type FalsePositives = z.infer<typeof falsePositivesSchema>
