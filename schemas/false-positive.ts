import { z } from 'zod'
import { boxSchema } from './geometry.ts'
import { cameraNameSchema, tenantSchema } from './identifiers.ts'
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

/** How often one was seen since, each time a rule would have come true. */
export const countedFalsePositiveSchema = falsePositiveSchema.extend({
  suppressed: z.int().min(0),
  lastSuppressedAtMs: z.number().optional(),
})
export type CountedFalsePositive = z.infer<typeof countedFalsePositiveSchema>

/** `murmur.false-positives.mark`: what an alert is about is none. */
export const markFalsePositiveRequestSchema = z.strictObject({
  /** Of the alert. */
  id: z.string().min(1).max(128),
  by: z.string().max(256).optional(),
  note: z.string().max(1000).optional(),
})
export type MarkFalsePositiveRequest = z.infer<typeof markFalsePositiveRequestSchema>
export const falsePositiveResponseSchema = z.object({ falsePositive: falsePositiveSchema })

/** `murmur.false-positives.list`: the last marked first. */
export const listFalsePositivesRequestSchema = z.strictObject({ camera: cameraNameSchema.optional() })
export type ListFalsePositivesRequest = z.infer<typeof listFalsePositivesRequestSchema>
export const listFalsePositivesResponseSchema = z.object({
  falsePositives: z.array(countedFalsePositiveSchema),
  /** There are more than fit into an answer: ask for one camera. */
  more: z.boolean().optional(),
})
export type ListFalsePositivesResponse = z.infer<typeof listFalsePositivesResponseSchema>

/** `murmur.false-positives.remove`: it is to be told again. */
export const removeFalsePositiveRequestSchema = z.strictObject({ id: z.string().min(1).max(64) })

export const falsePositiveExample: FalsePositive = {
  id: 'fa5f1c2d3e4f5a6b7c8d9e0f',
  camera: 'yard',
  class: 'person',
  label: 'person',
  box: [0.7, 0.4, 0.73, 0.52],
  alert: 'a5f1c2d3e4f5a6b7c8d9e0f1',
  by: 'anna',
  markedAtMs: 1_790_000_000_000,
}

/** `false-positives.<tenant>.<camera>`: all of one camera, each time that they change. */
export const falsePositivesSchema = z.object({
  v: z.literal(1),
  tenant: tenantSchema,
  camera: z.string(),
  falsePositives: z.array(falsePositiveSchema).max(MAX_FALSE_POSITIVES),
})
export type FalsePositives = z.infer<typeof falsePositivesSchema>
