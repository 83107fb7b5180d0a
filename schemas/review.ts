import { z } from 'zod'
import { alertSchema } from './alert.ts'
import { tenantSchema } from './identifiers.ts'
import { problemSchema } from './problem.ts'
import { severitySchema } from './watch-rule.ts'

const idSchema = z.string().regex(/^r[A-Za-z0-9]{1,62}$/, { error: 'must be the id of a review item' })
const bySchema = z.string().min(1).max(256)

export const REVIEW_LIMITS = {
  /** What comes within this after the end of an item belongs to it. Milliseconds. */
  gapMs: 30_000,
  /** An item that has gone on for so long takes nothing more: the next one begins. Milliseconds. */
  longestMs: 3_600_000,
  /** Alerts of one item, at most. */
  alerts: 200,
  /** Persons who have reviewed it, at most. */
  persons: 100,
  /** Items that one request marks, at most. */
  marked: 200,
} as const

/** What one person has to look at once: alerts of one camera that overlap, or come close after one another. */
export const reviewSchema = z.object({
  id: idSchema,
  tenant: tenantSchema,
  camera: z.string(),
  /** The highest of its alerts. */
  severity: severitySchema,
  /** From its first alert to the last time that one of them came true, Unix milliseconds. */
  beganAtMs: z.number(),
  endedAtMs: z.number(),
  /** It may still grow: something goes on, or has just ended. */
  isOngoing: z.boolean(),
  /** When it was first heard of, Unix milliseconds: lists go by it. */
  raisedAtMs: z.number(),
  /** Ids, in the order in which they were raised. */
  alerts: z.array(z.string()).max(REVIEW_LIMITS.alerts),
  /** Who has looked at it, the last one first. */
  reviewedBy: z.array(z.object({ by: bySchema, atMs: z.number() })).max(REVIEW_LIMITS.persons),
})
export type Review = z.infer<typeof reviewSchema>

/** `murmur.reviews.list`: newest first. */
export const listReviewsRequestSchema = z.strictObject({
  camera: z.string().max(64).optional(),
  severity: severitySchema.optional(),
  /** Only those that this person has reviewed, or has not. */
  reviewedBy: bySchema.optional(),
  notReviewedBy: bySchema.optional(),
  /** First heard of at this time or later, Unix milliseconds. */
  sinceMs: z.int().min(0).optional(),
  limit: z.int().min(1).max(200).default(50),
  /** Where the last page ended: its `nextCursor`. The other fields are to be the same as there. */
  cursor: z.string().min(1).max(256).optional(),
})
export type ListReviewsRequest = z.infer<typeof listReviewsRequestSchema>
export const listReviewsResponseSchema = z.object({
  reviews: z.array(reviewSchema),
  nextCursor: z.string().optional(),
})
export type ListReviewsResponse = z.infer<typeof listReviewsResponseSchema>

/** `murmur.reviews.get` */
export const getReviewRequestSchema = z.strictObject({ id: idSchema })
export const getReviewResponseSchema = z.object({
  review: reviewSchema,
  /** Those that the history still has, as they are now; fewer where they are too long for a message. */
  alerts: z.array(alertSchema),
})
export type GetReviewResponse = z.infer<typeof getReviewResponseSchema>

/** `murmur.reviews.mark`: one person has looked at them, or takes that back. */
export const markReviewsRequestSchema = z.strictObject({
  ids: z.array(idSchema).min(1).max(REVIEW_LIMITS.marked),
  /** Who. An edge says it for whoever asks it without a name. */
  by: bySchema.optional(),
  reviewed: z.boolean().default(true),
})
export type MarkReviewsRequest = z.infer<typeof markReviewsRequestSchema>
export const markedReviewSchema = z.object({
  id: z.string(),
  outcome: z.enum(['done', 'failed']),
  review: reviewSchema.optional(),
  problem: problemSchema.optional(),
})
export const markReviewsResponseSchema = z.object({ results: z.array(markedReviewSchema) })
export type MarkReviewsResponse = z.infer<typeof markReviewsResponseSchema>

/** In the stream of alerts, on `alert-changes.<tenant>.<camera>`: what the marks are made again from. */
export const reviewMarkSchema = z.object({
  id: idSchema,
  tenant: tenantSchema,
  camera: z.string(),
  by: bySchema,
  atMs: z.number(),
  reviewed: z.boolean(),
})
export type ReviewMark = z.infer<typeof reviewMarkSchema>
export const reviewCloudEventSchema = z.object({
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.string(),
  type: z.literal('murmuration.review.marked'),
  subject: z.string(),
  time: z.string(),
  datacontenttype: z.literal('application/json'),
  data: reviewMarkSchema,
})
export type ReviewCloudEvent = z.infer<typeof reviewCloudEventSchema>

export const reviewExample: Review = {
  id: 'ra0123456789abcdef',
  tenant: 'default',
  camera: 'yard',
  severity: 'critical',
  beganAtMs: 1_790_000_001_700,
  endedAtMs: 1_790_000_042_000,
  isOngoing: false,
  raisedAtMs: 1_790_000_001_750,
  alerts: ['a0123456789abcdef'],
  reviewedBy: [{ by: 'anna', atMs: 1_790_000_100_000 }],
}
