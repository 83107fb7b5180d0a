import { randomBytes } from 'node:crypto'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Serving } from '#platform/nats/bus.ts'
import { decodeCursor, encodeCursor, isBehind, type PageEnd } from '#platform/requests/cursor.ts'
import {
  type AddBookmarkRequest,
  type Bookmark,
  type ListBookmarksRequest,
  type ListBookmarksResponse,
  MAX_BOOKMARKS,
  type RemoveBookmarkRequest,
} from '#schemas/bookmark.ts'
import { toUnavailable } from '../alert-api.ts'
import type { AlertPublisher } from '../alert-publisher.ts'
import type { AlertStore } from '../history/alert-store.ts'
import type { ReviewStore } from '../reviews/review-store.ts'
import type { BookmarkStore } from './bookmark-store.ts'

export interface BookmarkApiDeps {
  bus: Serving
  store: Pick<AlertStore, 'read'>
  reviews: Pick<ReviewStore, 'read'>
  bookmarks: BookmarkStore
  publisher: AlertPublisher
  clock: Pick<Clock, 'nowMs'>
  ensureHistory(): Promise<void>
}

/** A message takes a megabyte: what is longer ends before that. Bytes. */
const MAX_BYTES = 768 * 1024
/** Clocks of those who ask may be ahead. Milliseconds. */
const CLOCK_SKEW_MS = 60_000
/** Where nobody says who it is. */
const NOBODY = 'somebody'

/** Answers `murmur.bookmarks.add`, `list` and `remove`. @returns what ends that */
export function serveBookmarks(deps: BookmarkApiDeps): () => void {
  const { bus } = deps
  const ends = [
    bus.serve('addBookmark', (request, { tenant }) => add(tenant, request, deps).catch(toUnavailable)),
    bus.serve('listBookmarks', (request, { tenant }) => list(tenant, request, deps).catch(toUnavailable)),
    bus.serve('removeBookmark', (request, { tenant }) => remove(tenant, request, deps).catch(toUnavailable)),
  ]
  return () => {
    for (const end of ends) end()
  }
}

/** @throws MurmurError ALERT_NOT_FOUND, REVIEW_NOT_FOUND; INVALID_REQUEST for a moment to come; LIMIT_EXCEEDED; UNAVAILABLE */
async function add(
  tenant: string,
  request: AddBookmarkRequest,
  deps: BookmarkApiDeps,
): Promise<{ bookmark: Bookmark }> {
  const { bookmarks, publisher, clock, ensureHistory } = deps
  await ensureHistory()
  const nowMs = Math.round(clock.nowMs())
  const { by = NOBODY, note } = request
  const bookmark: Bookmark = {
    id: `b${randomBytes(8).toString('hex')}`,
    tenant,
    ...(await targetOf(tenant, request, nowMs, deps)),
    ...(note !== undefined && { note }),
    by,
    madeAtMs: nowMs,
  }
  if ((await bookmarks.put(bookmark, nowMs)) === 'full')
    throw new MurmurError('LIMIT_EXCEEDED', `there are ${MAX_BOOKMARKS} bookmarks: take some away first`)
  await publisher.bookmarked(bookmark)
  return { bookmark }
}

async function targetOf(
  tenant: string,
  { alert: alertId, review: reviewId, camera, atMs }: AddBookmarkRequest,
  nowMs: number,
  { store, reviews }: Pick<BookmarkApiDeps, 'store' | 'reviews'>,
): Promise<Pick<Bookmark, 'camera' | 'atMs' | 'alert' | 'review'>> {
  if (alertId !== undefined) {
    const [stored] = await store.read([alertId])
    if (stored?.alert.tenant !== tenant)
      throw new MurmurError('ALERT_NOT_FOUND', `there is no alert "${alertId}"`)
    const { alert } = stored
    return {
      ...{ camera: alert.camera, atMs: alert.atMs, alert: alertId },
      ...(alert.review !== undefined && { review: alert.review }),
    }
  }
  if (reviewId !== undefined) {
    const [review] = await reviews.read([reviewId], nowMs)
    if (review?.tenant !== tenant)
      throw new MurmurError('REVIEW_NOT_FOUND', `there is no review item "${reviewId}"`)
    return { camera: review.camera, atMs: review.beganAtMs, review: reviewId }
  }
  if (atMs! > nowMs + CLOCK_SKEW_MS)
    throw new MurmurError('INVALID_REQUEST', 'the request is not valid: atMs is still to come', {
      issues: [{ path: 'atMs', message: 'is still to come' }],
    })
  return { camera: camera!, atMs: atMs! }
}

/** The latest moment first; pages are stable. @throws MurmurError INVALID_REQUEST for a cursor that is none; UNAVAILABLE */
async function list(
  tenant: string,
  request: ListBookmarksRequest,
  { bookmarks, clock, ensureHistory }: BookmarkApiDeps,
): Promise<ListBookmarksResponse> {
  const after = request.cursor === undefined ? undefined : decodeCursor(request.cursor)
  await ensureHistory()
  const wanted = (await bookmarks.list(tenant, clock.nowMs()))
    .filter((bookmark) => isWanted(bookmark, request) && (!after || isBehind(endOf(bookmark), after)))
    .sort((a, b) => b.atMs - a.atMs || (a.id < b.id ? 1 : -1))
  const found: Bookmark[] = []
  let bytes = 0
  for (const bookmark of wanted) {
    bytes += Buffer.byteLength(JSON.stringify(bookmark)) + 1
    const last = found.at(-1)
    if (last && (found.length === request.limit || bytes > MAX_BYTES))
      return { bookmarks: found, nextCursor: encodeCursor(endOf(last)) }
    found.push(bookmark)
  }
  return { bookmarks: found }
}

function endOf({ atMs, id }: Bookmark): PageEnd {
  return { atMs, id }
}

function isWanted(bookmark: Bookmark, request: ListBookmarksRequest): boolean {
  const { camera, alert, review, by, text, sinceMs = 0, beforeMs = Number.POSITIVE_INFINITY } = request
  return (
    (camera === undefined || bookmark.camera === camera) &&
    (alert === undefined || bookmark.alert === alert) &&
    (review === undefined || bookmark.review === review) &&
    (by === undefined || bookmark.by === by) &&
    (text === undefined || (bookmark.note ?? '').toLowerCase().includes(text.toLowerCase())) &&
    bookmark.atMs >= sinceMs &&
    bookmark.atMs < beforeMs
  )
}

/** Told before it goes: who fails in between asks again. @throws MurmurError BOOKMARK_NOT_FOUND; UNAVAILABLE */
async function remove(
  tenant: string,
  { id, by = NOBODY }: RemoveBookmarkRequest,
  { bookmarks, publisher, clock, ensureHistory }: BookmarkApiDeps,
): Promise<{ bookmark: Bookmark }> {
  await ensureHistory()
  const known = await bookmarks.get(tenant, id)
  if (!known) throw new MurmurError('BOOKMARK_NOT_FOUND', `there is no bookmark "${id}"`)
  const bookmark = { ...known, removedAtMs: Math.round(clock.nowMs()), removedBy: by }
  await publisher.bookmarked(bookmark)
  await bookmarks.remove(tenant, id)
  return { bookmark }
}
