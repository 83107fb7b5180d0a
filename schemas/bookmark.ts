import { z } from 'zod'
import { cameraNameSchema, tenantSchema } from './identifiers.ts'

const idSchema = z.string().regex(/^b[A-Za-z0-9]{1,62}$/, { error: 'must be the id of a bookmark' })
const bySchema = z.string().min(1).max(256)
const alertSchema = z.string().min(1).max(128)
const reviewSchema = z.string().regex(/^r[A-Za-z0-9]{1,62}$/, { error: 'must be the id of a review item' })

/** Bookmarks of a tenant; one more is refused with `LIMIT_EXCEEDED`. They are kept as long as alerts: 30 days. */
export const MAX_BOOKMARKS = 1000
/** Characters of a note. */
export const MAX_BOOKMARK_NOTE = 500

/** What somebody wants to find again: a moment of a camera, by itself or with the alert or the review item that it belongs to. */
export const bookmarkSchema = z.object({
  id: idSchema,
  tenant: tenantSchema,
  camera: cameraNameSchema,
  /** The moment, Unix milliseconds: of an alert, when it came true; of a review item, when it began. */
  atMs: z.number(),
  alert: alertSchema.optional(),
  review: reviewSchema.optional(),
  note: z.string().max(MAX_BOOKMARK_NOTE).optional(),
  by: bySchema,
  /** When it was made, Unix milliseconds. */
  madeAtMs: z.number(),
  /** Taken away: when, and by whom. */
  removedAtMs: z.number().optional(),
  removedBy: bySchema.optional(),
})
export type Bookmark = z.infer<typeof bookmarkSchema>

/** `murmur.bookmarks.add` */
export const addBookmarkRequestSchema = z
  .strictObject({
    /** Either an alert, */
    alert: alertSchema.describe('Either an alert …').optional(),
    /** or a review item, */
    review: reviewSchema.describe('… or a review item …').optional(),
    /** or a camera and a moment of it, Unix milliseconds. */
    camera: cameraNameSchema.describe('… or a camera …').optional(),
    atMs: z.int().min(0).describe('… with a moment of it, Unix milliseconds.').optional(),
    note: z.string().max(MAX_BOOKMARK_NOTE).optional(),
    by: bySchema.optional(),
  })
  .refine(
    ({ alert, review, camera }) =>
      [alert, review, camera].filter((target) => target !== undefined).length === 1,
    { path: ['alert'], error: 'give one of: an alert, a review item, a camera with a moment' },
  )
  .refine(({ camera, atMs }) => (camera === undefined) === (atMs === undefined), {
    path: ['atMs'],
    error: 'a camera is bookmarked at a moment; alerts and review items have their own',
  })
export type AddBookmarkRequest = z.infer<typeof addBookmarkRequestSchema>
export const bookmarkResponseSchema = z.object({ bookmark: bookmarkSchema })

/** `murmur.bookmarks.list`: the latest moment first. */
export const listBookmarksRequestSchema = z.strictObject({
  camera: z.string().max(64).optional(),
  alert: alertSchema.optional(),
  review: reviewSchema.optional(),
  by: bySchema.optional(),
  /** Only those with this in their note, however it is written. */
  text: z.string().min(1).max(100).optional(),
  /** Of moments at this time or later, and before this one. Unix milliseconds. */
  sinceMs: z.int().min(0).optional(),
  beforeMs: z.int().min(0).optional(),
  limit: z.int().min(1).max(500).default(50),
  /** Where the last page ended: its `nextCursor`. The other fields are to be the same as there. */
  cursor: z.string().min(1).max(256).optional(),
})
export type ListBookmarksRequest = z.infer<typeof listBookmarksRequestSchema>
export const listBookmarksResponseSchema = z.object({
  bookmarks: z.array(bookmarkSchema),
  /** For the next page; missing on the last one. */
  nextCursor: z.string().optional(),
})
export type ListBookmarksResponse = z.infer<typeof listBookmarksResponseSchema>

/** `murmur.bookmarks.remove` */
export const removeBookmarkRequestSchema = z.strictObject({ id: idSchema, by: bySchema.optional() })
export type RemoveBookmarkRequest = z.infer<typeof removeBookmarkRequestSchema>

/** In the stream of alerts, on `alert-changes.<tenant>.<camera>`: what the bookmarks are made again from. */
export const bookmarkCloudEventSchema = z.object({
  specversion: z.literal('1.0'),
  id: z.string(),
  source: z.string(),
  type: z.literal('murmuration.bookmark.changed'),
  subject: z.string(),
  time: z.string(),
  datacontenttype: z.literal('application/json'),
  data: bookmarkSchema,
})
export type BookmarkCloudEvent = z.infer<typeof bookmarkCloudEventSchema>

export const bookmarkExample: Bookmark = {
  id: 'b4d1e07a92',
  tenant: 'default',
  camera: 'yard',
  atMs: 1_790_000_001_700,
  alert: 'a0123456789abcdef',
  review: 'ra0123456789abcdef',
  note: 'The van that was here on Monday, too',
  by: 'anna',
  madeAtMs: 1_790_000_100_000,
}
