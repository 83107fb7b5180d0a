import type { Alert } from '#schemas/alert.ts'
import { SEVERITIES } from '#schemas/severities.ts'
import type { OpenApprovalView } from '#schemas/task-controls.ts'

/** What waits for somebody: a question of a task, or an alert of a camera. */
export type InboxItem =
  | {
      readonly kind: 'approval'
      readonly key: string
      readonly atMs: number
      readonly approval: OpenApprovalView
    }
  | {
      readonly kind: 'alert'
      readonly key: string
      readonly atMs: number
      readonly alert: Alert
      /** Whether this person has seen it. */
      readonly isReviewed: boolean
    }

export type InboxTab = 'all' | 'approvals' | 'alerts'

export interface InboxFilter {
  readonly tab: InboxTab
  readonly severity: string | undefined
  readonly camera: string | undefined
  /** Those that this person has seen, too. */
  readonly withReviewed: boolean
}

/** Questions first, those that time decides soonest; then alerts, the most severe and the newest first. Pure. */
export function inboxItems(
  approvals: readonly OpenApprovalView[],
  alerts: readonly Alert[],
  reviewed: ReadonlySet<string>,
): InboxItem[] {
  const questions = approvals
    .toSorted(
      (a, b) =>
        (a.untilMs ?? Number.POSITIVE_INFINITY) - (b.untilMs ?? Number.POSITIVE_INFINITY) ||
        a.sinceMs - b.sinceMs,
    )
    .map((approval) => ({
      kind: 'approval' as const,
      key: keyOfApproval(approval),
      atMs: approval.sinceMs,
      approval,
    }))
  const raised = alerts
    .toSorted(
      (a, b) =>
        SEVERITY_ORDER.get(a.severity)! - SEVERITY_ORDER.get(b.severity)! || b.raisedAtMs - a.raisedAtMs,
    )
    .map((alert) => ({
      kind: 'alert' as const,
      key: alert.id,
      atMs: alert.raisedAtMs,
      alert,
      isReviewed: alert.review !== undefined && reviewed.has(alert.review),
    }))
  return [...questions, ...raised]
}

const SEVERITY_ORDER = new Map<string, number>(SEVERITIES.map((severity, at) => [severity, at]))

export function keyOfApproval({ taskId, stepId, attempt }: OpenApprovalView): string {
  return `${taskId} ${stepId} ${attempt}`
}

/** Pure. */
export function filterItems(items: readonly InboxItem[], filter: InboxFilter): InboxItem[] {
  return items.filter((item) => {
    if (item.kind === 'approval') return filter.tab !== 'alerts'
    if (filter.tab === 'approvals') return false
    const { severity, camera } = item.alert
    return (
      (filter.severity === undefined || severity === filter.severity) &&
      (filter.camera === undefined || camera === filter.camera) &&
      (filter.withReviewed || !item.isReviewed)
    )
  })
}

/** Which item follows: what is shown stays shown, and the end is the end. Pure. */
export function stepKey(
  items: readonly { key: string }[],
  key: string | undefined,
  by: -1 | 1,
): string | undefined {
  if (items.length === 0) return undefined
  const at = items.findIndex((item) => item.key === key)
  if (at < 0) return items[by > 0 ? 0 : items.length - 1]!.key
  return items[Math.min(items.length - 1, Math.max(0, at + by))]!.key
}

/** The alerts with what was told of some of them since: what is over goes, of two versions the newer stays. Pure. */
export function applyAlerts(alerts: readonly Alert[], told: readonly Alert[]): Alert[] {
  const found = new Map(alerts.map((alert) => [alert.id, alert]))
  for (const alert of told) {
    const before = found.get(alert.id)
    if (before && (before.revision ?? 0) > (alert.revision ?? 0)) continue
    if (alert.status === 'resolved') found.delete(alert.id)
    else found.set(alert.id, alert)
  }
  return [...found.values()]
}

/** The review items of alerts, each once. Pure. */
export function reviewsOf(alerts: readonly Pick<Alert, 'review'>[]): string[] {
  return [...new Set(alerts.flatMap(({ review }) => review ?? []))]
}
