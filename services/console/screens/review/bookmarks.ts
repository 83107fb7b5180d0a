import type { Bookmark } from '#schemas/bookmark.ts'

export interface BookmarkFilter {
  readonly camera: string | undefined
  readonly by: string | undefined
  /** In the note, however it is written. */
  readonly text: string | undefined
}

/** Pure. */
export function filterBookmarks(
  bookmarks: readonly Bookmark[],
  { camera, by, text }: BookmarkFilter,
): Bookmark[] {
  const wanted = text?.toLowerCase()
  return bookmarks.filter(
    (bookmark) =>
      (camera === undefined || bookmark.camera === camera) &&
      (by === undefined || bookmark.by === by) &&
      (wanted === undefined || (bookmark.note ?? '').toLowerCase().includes(wanted)),
  )
}

/** How many bookmarks each review item has. Pure. */
export function countByReview(bookmarks: readonly Bookmark[]): ReadonlyMap<string, number> {
  const counts = new Map<string, number>()
  for (const { review } of bookmarks)
    if (review !== undefined) counts.set(review, (counts.get(review) ?? 0) + 1)
  return counts
}

/** What a moment of a camera is shown by, before and after it. Milliseconds. */
const AROUND_MS = { before: 10_000, after: 20_000 }

/** The video around a moment, where something was recorded. Pure. */
export function momentVideoUrl({ camera, atMs }: Pick<Bookmark, 'camera' | 'atMs'>): string {
  const from = Math.round(atMs - AROUND_MS.before)
  const to = Math.round(atMs + AROUND_MS.after)
  return `/v1/recordings/${encodeURIComponent(camera)}/video?from=${from}&to=${to}`
}

/** A moment as a field of a form has it, in the reader's own time: `2026-11-30T12:04:31`. Pure. */
export function localMoment(atMs: number): string {
  const offsetMs = new Date(atMs).getTimezoneOffset() * 60_000
  return new Date(Math.floor(atMs / 1000) * 1000 - offsetMs).toISOString().slice(0, 19)
}

/** What stands in such a field, as Unix milliseconds; undefined where that is no time. Pure. */
export function readMoment(text: string): number | undefined {
  const atMs = new Date(text).getTime()
  return Number.isFinite(atMs) ? atMs : undefined
}
