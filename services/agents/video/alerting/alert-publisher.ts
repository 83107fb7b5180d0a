import type { Bus } from '#platform/nats/bus.ts'
import { traceHeaders } from '#platform/telemetry/active-trace.ts'
import type { Alert, AlertChange, AlertChangeCloudEvent, AlertCloudEvent } from '#schemas/alert.ts'
import { MESSAGE_IDS, SUBJECTS } from '#subjects/subjects.ts'

/** Publishes alerts and their changes to the stream of alerts. */
export interface AlertPublisher {
  /**
   * Resolves when the stream has it. Announcing again within its deduplication window changes nothing.
   * @throws MurmurError UNAVAILABLE, OVERLOADED after 10 s
   */
  raised(alert: Alert): Promise<void>
  changed(alert: Alert, change: AlertChange, atMs: number): Promise<void>
}

const GIVE_UP_AFTER_MS = 10_000

export function createAlertPublisher(bus: Pick<Bus, 'publisher'>): AlertPublisher {
  return {
    // With the trace of now: sinks hand it over within the same.
    async raised(alert) {
      await bus.publisher.publish(
        SUBJECTS.alert(alert.severity, alert.tenant, alert.camera),
        JSON.stringify(raisedCloudEvent(alert)),
        { msgId: MESSAGE_IDS.alert(alert.id), giveUpAfterMs: GIVE_UP_AFTER_MS, headers: traceHeaders() },
      )
    },
    async changed(alert, change, atMs) {
      await bus.publisher.publish(
        SUBJECTS.alertChange(alert.tenant, alert.camera),
        JSON.stringify(changedCloudEvent(alert, change, atMs)),
        {
          msgId: MESSAGE_IDS.alertChange(alert.id, change),
          giveUpAfterMs: GIVE_UP_AFTER_MS,
          headers: traceHeaders(),
        },
      )
    },
  }
}

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

/** What happened to an alert, with the alert as it is since then. `atMs`: when. Pure. */
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
