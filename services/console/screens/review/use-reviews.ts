import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useRef } from 'react'
import type { Alert } from '#schemas/alert.ts'
import type { Review } from '#schemas/review.ts'
import { api, ask } from '../../data/api.ts'
import { monotonicMs } from '../../data/clock.ts'
import { useLive } from '../../data/use-live.ts'
import { joinReviews, type ReviewItem } from './timeline.ts'

const MAX_PAGES = 10
const REFRESH_MS = 30_000
const ASK_AGAIN_MS = 1000

/** Review items since a moment with their alerts; read anew soon after something was raised or changed. */
export function useReviews(sinceMs: number) {
  const client = useQueryClient()
  const answer = useQuery<{ items: ReviewItem[]; isCut: boolean }>({
    queryKey: ['reviews', sinceMs],
    refetchInterval: REFRESH_MS,
    placeholderData: (before) => before,
    queryFn: async ({ signal }) => {
      const since = String(sinceMs)
      const [reviews, alerts] = await Promise.all([
        pages<Review>(async (cursor) => {
          const query = { since, limit: 200, ...(cursor && { cursor }) }
          const page = await ask(api.GET('/v1/reviews', { params: { query }, signal }))
          return { rows: (page.reviews ?? []) as Review[], cursor: page.nextCursor }
        }),
        pages<Alert>(async (cursor) => {
          const query = { since, limit: 500, ...(cursor && { cursor }) }
          const page = await ask(api.GET('/v1/alerts', { params: { query }, signal }))
          return { rows: (page.alerts ?? []) as Alert[], cursor: page.nextCursor }
        }),
      ])
      return { items: joinReviews(reviews.rows, alerts.rows), isCut: reviews.isCut || alerts.isCut }
    },
  })
  const timer = useRef<{ dueAtMs: number }>({ dueAtMs: 0 })
  const { state } = useLive('/v1/alerts/events', (events) => {
    if (!events.some(({ event }) => event === 'alert' || event === 'change')) return
    const nowAtMs = monotonicMs()
    if (timer.current.dueAtMs > nowAtMs) return
    timer.current.dueAtMs = nowAtMs + ASK_AGAIN_MS
    setTimeout(() => void client.invalidateQueries({ queryKey: ['reviews'] }), ASK_AGAIN_MS)
  })
  return { ...answer, live: state }
}

async function pages<Row>(
  read: (cursor: string | undefined) => Promise<{ rows: Row[]; cursor: string | undefined }>,
): Promise<{ rows: Row[]; isCut: boolean }> {
  const rows: Row[] = []
  let cursor: string | undefined
  for (let page = 0; page < MAX_PAGES; page++) {
    const answer = await read(cursor)
    rows.push(...answer.rows)
    cursor = answer.cursor
    if (cursor === undefined) return { rows, isCut: false }
  }
  return { rows, isCut: true }
}
