import type { Alert, ListAlertsRequest } from '#schemas/alert.ts'
import type { VideoClient } from '../client/video-client.ts'

/** What alerts are asked for, beside how many. */
export type AlertFilter = Omit<ListAlertsRequest, 'limit'>

export interface AlertFollower {
  onRaised(alert: Alert): void
  /** Acknowledged or resolved. */
  onChanged(alert: Alert): void
}

/**
 * Alerts from now on. What comes before `begin` waits for it, so that the history can be asked for in between without a gap.
 */
export function followAlerts(
  video: Pick<VideoClient, 'onAlerts' | 'onAlertChanges'>,
  filter: AlertFilter,
  follower: AlertFollower,
): { begin(known: readonly Alert[]): void; end(): void } {
  let waiting: { alert: Alert; tell: () => void }[] | undefined = []
  const take = (alert: Alert, tell: () => void) => {
    if (!isWanted(alert, filter)) return
    if (waiting) waiting.push({ alert, tell })
    else tell()
  }
  const ends = [
    video.onAlerts(({ data }) => take(data, () => follower.onRaised(data))),
    video.onAlertChanges(({ data, change }) => {
      if (change !== 'snapshot') take(data, () => follower.onChanged(data))
    }),
  ]
  return {
    begin(known) {
      const statusOf = new Map(known.map(({ id, status }) => [id, status]))
      // What the history shows already, and as it is now, is not told again.
      for (const { alert, tell } of waiting ?? []) if (statusOf.get(alert.id) !== alert.status) tell()
      waiting = undefined
    },
    end() {
      for (const end of ends) end()
    },
  }
}

/** Whether an alert is among those that are asked for. Pure. */
export function isWanted(alert: Alert, { severity, status, camera, monitor }: AlertFilter): boolean {
  return (
    (severity === undefined || alert.severity === severity) &&
    (status === undefined || alert.status === status) &&
    (camera === undefined || alert.camera === camera) &&
    (monitor === undefined || alert.monitor === monitor)
  )
}
