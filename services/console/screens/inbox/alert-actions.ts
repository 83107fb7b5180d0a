import type { Alert } from '#schemas/alert.ts'
import type { ChangeAlertsResponse } from '#schemas/alert-changes.ts'
import type { MarkReviewsResponse } from '#schemas/review.ts'
import { api, ask } from '../../data/api.ts'

export type AlertVerb = 'acknowledge' | 'resolve'

/** What one request takes. */
const AT_ONCE = 200

/** Changes alerts. @returns how many were changed, and why others were not @throws ProblemError */
export async function changeAlerts(
  verb: AlertVerb,
  alerts: readonly Pick<Alert, 'id'>[],
  by: string,
  note?: string,
): Promise<{ done: number; failed: { id: string; message: string }[] }> {
  let done = 0
  const failed: { id: string; message: string }[] = []
  for (let at = 0; at < alerts.length; at += AT_ONCE) {
    const ids = alerts.slice(at, at + AT_ONCE).map(({ id }) => id)
    const body = { ids, by, ...(note ? { note } : {}) }
    const { results } = (await ask(
      verb === 'acknowledge'
        ? api.POST('/v1/alerts/acknowledge', { body })
        : api.POST('/v1/alerts/resolve', { body }),
    )) as ChangeAlertsResponse
    for (const { id, outcome, problem } of results) {
      if (outcome === 'failed') failed.push({ id, message: problem?.message ?? 'it was not changed' })
      else done++
    }
  }
  return { done, failed }
}

/** Says that a person has seen review items, or takes that back. @returns how many @throws ProblemError */
export async function markReviewed(ids: readonly string[], by: string, reviewed: boolean): Promise<number> {
  let done = 0
  for (let at = 0; at < ids.length; at += AT_ONCE) {
    const body = { ids: ids.slice(at, at + AT_ONCE), by, reviewed }
    const { results } = (await ask(api.POST('/v1/reviews/mark', { body }))) as MarkReviewsResponse
    done += results.filter(({ outcome }) => outcome === 'done').length
  }
  return done
}

/** What an alert is about is none: it is learned, and not told again. @throws ProblemError */
export async function markNotThis(id: string, by: string, note?: string): Promise<void> {
  const body = { by, ...(note ? { note } : {}) }
  await ask(api.POST('/v1/alerts/{id}/not-this', { params: { path: { id } }, body }))
}
