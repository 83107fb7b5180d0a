import type { Alert, ListAlertsRequest } from '#schemas/alert.ts'
import type { AlertListener } from '../client/transport.ts'
import type { VideoClient } from '../client/video-client.ts'

/** What alerts are asked for, beside how many. */
export type AlertFilter = Omit<ListAlertsRequest, 'limit' | 'cursor' | 'sinceMs'>

/**
 * Alerts from now on. What comes before `begin` waits for it, so that the history can be asked for in between without a gap.
 */
export async function followAlerts(
  video: Pick<VideoClient, 'onAlerts'>,
  filter: AlertFilter,
  { onRaised, onChanged, onFault }: AlertListener & { onFault(error: unknown): void },
): Promise<{ begin(known: readonly Alert[]): void; end(): void }> {
  let waiting: { alert: Alert; report: () => void }[] | undefined = []
  const take = (alert: Alert, report: () => void) => {
    if (!matchesFilter(alert, filter)) return
    if (waiting) waiting.push({ alert, report })
    else report()
  }
  const listener: AlertListener = {
    onRaised: (alert) => take(alert, () => onRaised(alert)),
    onChanged: (alert) => take(alert, () => onChanged(alert)),
  }
  const end = await video.onAlerts(listener, onFault)
  return {
    begin(known) {
      const statusOf = new Map(known.map(({ id, status }) => [id, status]))
      // What the history shows already, and as it is now, is not reported again.
      for (const { alert, report } of waiting ?? []) if (statusOf.get(alert.id) !== alert.status) report()
      waiting = undefined
    },
    end,
  }
}

/** Whether an alert is among those that are asked for. Pure. */
export function matchesFilter(alert: Alert, { severity, status, camera, monitor }: AlertFilter): boolean {
  return (
    (severity === undefined || alert.severity === severity) &&
    (status === undefined || alert.status === status) &&
    (camera === undefined || alert.camera === camera) &&
    (monitor === undefined || alert.monitor === monitor)
  )
}
