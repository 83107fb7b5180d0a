import type { Publishing } from '#platform/nats/bus.ts'
import type { Alert, AlertChange } from '#schemas/alert.ts'
import { MESSAGE_IDS, SUBJECTS } from '#subjects/subjects.ts'
import { changedCloudEvent, raisedCloudEvent } from './cloud-event.ts'

/** Tells the world, through the stream of alerts. */
export interface Announcer {
  /**
   * Resolves when the stream has it. Announcing again within its deduplication window changes nothing.
   * @throws MurmurError UNAVAILABLE, OVERLOADED after 10 s
   */
  raised(alert: Alert): Promise<void>
  changed(alert: Alert, change: AlertChange, atMs: number): Promise<void>
}

const GIVE_UP_AFTER_MS = 10_000

export function createAnnouncer(bus: Publishing): Announcer {
  return {
    async raised(alert) {
      await bus.publisher.publish(
        SUBJECTS.alert(alert.severity, alert.camera),
        JSON.stringify(raisedCloudEvent(alert)),
        { msgId: MESSAGE_IDS.alert(alert.id), giveUpAfterMs: GIVE_UP_AFTER_MS },
      )
    },
    async changed(alert, change, atMs) {
      await bus.publisher.publish(
        SUBJECTS.alertChange(alert.camera),
        JSON.stringify(changedCloudEvent(alert, change, atMs)),
        { msgId: MESSAGE_IDS.alertChange(alert.id, change), giveUpAfterMs: GIVE_UP_AFTER_MS },
      )
    },
  }
}
