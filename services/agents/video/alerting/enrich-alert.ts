import type { Clock } from '#platform/clock/clock.ts'
import type { Alert } from '#schemas/alert.ts'
import type { Snooze } from '#schemas/snooze.ts'
import type { ReviewStore } from './reviews/review-store.ts'
import type { SnoozeStore } from './snoozes/snooze-store.ts'

export interface EnrichDeps {
  reviews: Pick<ReviewStore, 'assign'>
  snoozes: Pick<SnoozeStore, 'hiding'>
  clock: Pick<Clock, 'nowMs'>
}

/**
 * What an alert has beside what its event says: the review item that it belongs to, and the snooze that hides it. Again, it gives
 * the same. @throws when the store can't be reached
 */
export async function enrichAlert(alert: Alert, { reviews, snoozes, clock }: EnrichDeps): Promise<Alert> {
  const { snoozed: _before, ...rest } = alert
  const [review, snooze] = await Promise.all([reviews.assign(alert), snoozes.hiding(alert, clock.nowMs())])
  return { ...rest, review, ...(snooze && { snoozed: markOf(snooze) }) }
}

function markOf({ id, by, untilMs, reason }: Snooze): NonNullable<Alert['snoozed']> {
  return { id, by, untilMs, ...(reason !== undefined && { reason }) }
}
