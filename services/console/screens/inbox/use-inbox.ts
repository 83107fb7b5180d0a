import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useMemo, useRef } from 'react'
import type { Alert } from '#schemas/alert.ts'
import type { Review } from '#schemas/review.ts'
import type { OpenApprovalView } from '#schemas/task-controls.ts'
import { api, ask } from '../../data/api.ts'
import { monotonicMs } from '../../data/clock.ts'
import { useLive } from '../../data/use-live.ts'
import { useAlerting } from '../review/use-alerting.ts'
import { applyAlerts, inboxItems } from './inbox-items.ts'

const REFRESH_MS = 15_000
const MAX_ALERTS = 500
const MAX_APPROVALS = 200
/** A task that changed may ask something: the questions are read anew, but not more often. Milliseconds. */
const ASK_AGAIN_MS = 1000

/** All that waits for somebody, as it is now. @param person whose reviewed state it is */
export function useInbox(person: string) {
  const client = useQueryClient()
  const hasAlerting = useAlerting()
  // What nobody can answer is not asked.
  const enabled = hasAlerting !== false
  const approvals = useQuery({
    queryKey: ['inbox', 'approvals'],
    refetchInterval: REFRESH_MS,
    queryFn: async ({ signal }) => {
      const query = { limit: MAX_APPROVALS }
      const answer = await ask(api.GET('/v1/approvals', { params: { query }, signal }))
      return (answer.approvals ?? []) as OpenApprovalView[]
    },
  })
  const alerts = useQuery({
    queryKey: ['inbox', 'alerts'],
    enabled,
    refetchInterval: REFRESH_MS,
    queryFn: async ({ signal }) => {
      const of = async (status: 'open' | 'acknowledged') => {
        const query = { status, limit: MAX_ALERTS }
        const answer = await ask(api.GET('/v1/alerts', { params: { query }, signal }))
        return (answer.alerts ?? []) as Alert[]
      }
      return (await Promise.all([of('open'), of('acknowledged')])).flat()
    },
  })
  const reviewed = useQuery({
    queryKey: ['inbox', 'reviewed', person],
    enabled,
    refetchInterval: REFRESH_MS,
    queryFn: async ({ signal }) => {
      const query = { reviewedBy: person, limit: 200 }
      const { reviews } = await ask(api.GET('/v1/reviews', { params: { query }, signal }))
      return new Set(((reviews ?? []) as Review[]).map(({ id }) => id))
    },
  })
  const told = useLive('/v1/alerts/events', (events) => {
    const changed = events.flatMap(({ event, data }) =>
      event === 'alert' || event === 'change' ? [(data as { alert: Alert }).alert] : [],
    )
    if (changed.length === 0) return
    client.setQueryData<Alert[]>(['inbox', 'alerts'], (before) => before && applyAlerts(before, changed))
    void client.invalidateQueries({ queryKey: ['inbox', 'count'] })
  })
  const askedAtMs = useRef(0)
  useLive('/v1/tasks/events', () => {
    const waitMs = askedAtMs.current + ASK_AGAIN_MS - monotonicMs()
    if (waitMs > ASK_AGAIN_MS) return
    askedAtMs.current = monotonicMs() + Math.max(0, waitMs)
    setTimeout(() => void client.invalidateQueries({ queryKey: ['inbox', 'approvals'] }), Math.max(0, waitMs))
  })
  const items = useMemo(
    () => inboxItems(approvals.data ?? [], alerts.data ?? [], reviewed.data ?? new Set()),
    [approvals.data, alerts.data, reviewed.data],
  )
  return {
    items,
    hasAlerting,
    /** What is still read for the first time. */
    loading: { approvals: approvals.isPending, alerts: enabled && alerts.isPending },
    /** Why something is not shown at all, each once: what was had stays shown while it is asked again. */
    problems: distinct([approvals, ...(enabled ? [alerts, reviewed] : [])]),
    live: told.state,
    refetch: () => void client.invalidateQueries({ queryKey: ['inbox'] }),
  }
}

function distinct(queries: readonly { error: Error | null; data?: unknown }[]): Error[] {
  const errors = queries.flatMap(({ error, data }) => (error && data === undefined ? [error] : []))
  return [...new Map(errors.map((error) => [error.message, error])).values()]
}
