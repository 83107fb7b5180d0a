import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError, toProblem } from '#platform/errors/murmur-error.ts'
import type { Serving } from '#platform/nats/bus.ts'
import { decodeCursor, encodeCursor, isBehind, type PageEnd } from '#platform/requests/cursor.ts'
import type { Alert } from '#schemas/alert.ts'
import {
  type GetReviewResponse,
  type ListReviewsRequest,
  type ListReviewsResponse,
  type MarkReviewsRequest,
  type MarkReviewsResponse,
  REVIEW_LIMITS,
  type Review,
} from '#schemas/review.ts'
import { toUnavailable } from '../alert-api.ts'
import type { AlertPublisher } from '../alert-publisher.ts'
import type { AlertStore } from '../history/alert-store.ts'
import type { ReviewStore } from './review-store.ts'

export interface ReviewApiDeps {
  bus: Serving
  store: Pick<AlertStore, 'read'>
  reviews: ReviewStore
  publisher: AlertPublisher
  clock: Pick<Clock, 'nowMs'>
  ensureHistory(): Promise<void>
}

const PAGE = 200
/** A message takes a megabyte: what is longer ends before that. Bytes. */
const MAX_BYTES = 768 * 1024
/** Where nobody says who has looked. */
const NOBODY = 'somebody'

/** Answers `murmur.reviews.list`, `get` and `mark`. @returns what ends that */
export function serveReviews(deps: ReviewApiDeps): () => void {
  const { bus } = deps
  const ends = [
    bus.serve('listReviews', (request, { tenant }) =>
      listReviews(tenant, request, deps).catch(toUnavailable),
    ),
    bus.serve('getReview', ({ id }, { tenant }) => getReview(tenant, id, deps).catch(toUnavailable)),
    bus.serve('markReviews', (request, { tenant }) =>
      markReviews(tenant, request, deps).catch(toUnavailable),
    ),
  ]
  return () => {
    for (const end of ends) end()
  }
}

/** Newest first; pages are stable. @throws MurmurError INVALID_REQUEST for a cursor that is none */
async function listReviews(
  tenant: string,
  request: ListReviewsRequest,
  { reviews, clock, ensureHistory }: ReviewApiDeps,
): Promise<ListReviewsResponse> {
  const after = request.cursor === undefined ? undefined : decodeCursor(request.cursor)
  await ensureHistory()
  const found: Review[] = []
  let bytes = 0
  for (let start = 0; ; start += PAGE) {
    const ids = await reviews.newest(tenant, { max: after?.atMs ?? '+inf', start, count: PAGE })
    for (const review of await reviews.read(ids, clock.nowMs())) {
      if (!review || (after && !isBehind(endOf(review), after))) continue
      if (review.raisedAtMs < (request.sinceMs ?? 0)) return { reviews: found }
      if (!isWanted(review, request)) continue
      bytes += Buffer.byteLength(JSON.stringify(review)) + 1
      const last = found.at(-1)
      if (last && (found.length === request.limit || bytes > MAX_BYTES))
        return { reviews: found, nextCursor: encodeCursor(endOf(last)) }
      found.push(review)
    }
    if (ids.length < PAGE) return { reviews: found }
  }
}

function endOf({ raisedAtMs, id }: Review): PageEnd {
  return { atMs: raisedAtMs, id }
}

function isWanted(
  review: Review,
  { camera, severity, reviewedBy, notReviewedBy }: ListReviewsRequest,
): boolean {
  const hasReviewed = (person: string) => review.reviewedBy.some(({ by }) => by === person)
  return (
    (camera === undefined || review.camera === camera) &&
    (severity === undefined || review.severity === severity) &&
    (reviewedBy === undefined || hasReviewed(reviewedBy)) &&
    (notReviewedBy === undefined || !hasReviewed(notReviewedBy))
  )
}

async function getReview(
  tenant: string,
  id: string,
  { store, reviews, clock, ensureHistory }: ReviewApiDeps,
): Promise<GetReviewResponse> {
  await ensureHistory()
  const review = await findReview(tenant, id, { reviews, clock })
  const alerts: Alert[] = []
  let bytes = 0
  for (const stored of await store.read(review.alerts)) {
    if (stored?.alert.tenant !== tenant) continue
    bytes += Buffer.byteLength(JSON.stringify(stored.alert)) + 1
    if (bytes > MAX_BYTES) break
    alerts.push(stored.alert)
  }
  return { review, alerts }
}

/** An item of another tenant is not found. @throws MurmurError REVIEW_NOT_FOUND */
async function findReview(
  tenant: string,
  id: string,
  { reviews, clock }: Pick<ReviewApiDeps, 'reviews' | 'clock'>,
): Promise<Review> {
  const [review] = await reviews.read([id], clock.nowMs())
  if (review?.tenant !== tenant) throw new MurmurError('REVIEW_NOT_FOUND', `there is no review item "${id}"`)
  return review
}

async function markReviews(
  tenant: string,
  { ids, by = NOBODY, reviewed }: MarkReviewsRequest,
  deps: ReviewApiDeps,
): Promise<MarkReviewsResponse> {
  await deps.ensureHistory()
  const markOne = async (id: string): Promise<MarkReviewsResponse['results'][number]> => {
    try {
      return { id, outcome: 'done', review: await mark(tenant, { id, by, reviewed }, deps) }
    } catch (error) {
      return { id, outcome: 'failed', problem: toProblem(error) }
    }
  }
  return { results: await Promise.all([...new Set(ids)].map(markOne)) }
}

/** @throws MurmurError REVIEW_NOT_FOUND, LIMIT_EXCEEDED, UNAVAILABLE: a retry says the same again */
async function mark(
  tenant: string,
  { id, by, reviewed }: { id: string; by: string; reviewed: boolean },
  { reviews, publisher, clock }: ReviewApiDeps,
): Promise<Review> {
  const { camera } = await findReview(tenant, id, { reviews, clock })
  const order = { id, tenant, camera, by, reviewed, atMs: Math.round(clock.nowMs()) }
  const done = await reviews.mark(order)
  if (done === 'full')
    throw new MurmurError(
      'LIMIT_EXCEEDED',
      `${REVIEW_LIMITS.persons} persons have marked item "${id}" already`,
    )
  await publisher.marked(order)
  return findReview(tenant, id, { reviews, clock })
}
