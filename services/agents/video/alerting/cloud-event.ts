import type { Alert, AlertChange, AlertChangeCloudEvent, AlertCloudEvent } from '#schemas/alert.ts'

/** An alert as it is published, CloudEvents 1.0 in structured mode. Pure. */
export function raisedCloudEvent(alert: Alert): AlertCloudEvent {
  return {
    specversion: '1.0',
    id: alert.id,
    source: sourceOf(alert),
    type: 'murmuration.alert.raised',
    subject: `${alert.rule.id}/${alert.subject}`,
    time: new Date(alert.atMs).toISOString(),
    datacontenttype: 'application/json',
    data: alert,
  }
}

/** What happened to an alert, with the whole of it as it is since then. `atMs`: when. Pure. */
export function changedCloudEvent(alert: Alert, change: AlertChange, atMs: number): AlertChangeCloudEvent {
  return {
    ...raisedCloudEvent(alert),
    // One id an event, as the standard asks: each change happens to an alert once.
    id: `${alert.id}:${change}`,
    type: 'murmuration.alert.changed',
    time: new Date(atMs).toISOString(),
    change,
  }
}

function sourceOf({ tenant, monitor, camera }: Alert): string {
  return `/murmuration/${tenant}/monitors/${monitor}/cameras/${camera}`
}
