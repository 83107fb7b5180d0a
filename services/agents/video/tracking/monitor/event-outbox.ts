import type { Publishing } from '#platform/nats/bus.ts'
import { traceHeaders } from '#platform/telemetry/active-trace.ts'
import type { CameraEvent } from '#schemas/camera-event.ts'
import { MESSAGE_IDS, SUBJECTS } from '#subjects/subjects.ts'

/** Events on their way into the stream. */
export interface EventOutbox {
  /** To be published, now or by the next instance: add before the checkpoint, send after it. */
  add(events: readonly CameraEvent[]): void
  send(events: readonly CameraEvent[]): void
  /** Those that are not known to be stored. */
  readonly pending: CameraEvent[]
  /** Resolves when all that were sent are stored, or can't be any more because the connection is closed. */
  settled(): Promise<void>
}

/** @param onLost called with an event that the stream refuses for good */
export function createEventOutbox(
  { publisher }: Publishing,
  onLost: (event: CameraEvent, error: unknown) => void,
): EventOutbox {
  const pending = new Map<string, CameraEvent>()
  const sending = new Set<Promise<void>>()
  // Of the step that it is made in: frames come from elsewhere.
  const headers = traceHeaders()

  async function publish(event: CameraEvent): Promise<void> {
    const msgId = MESSAGE_IDS.cameraEvent(event.id)
    try {
      await publisher.publish(SUBJECTS.cameraEvents(event.tenant, event.camera), JSON.stringify(event), {
        msgId,
        headers,
      })
      pending.delete(event.id)
    } catch (error) {
      onLost(event, error)
    }
  }

  return {
    add(events) {
      for (const event of events) pending.set(event.id, event)
    },
    send(events) {
      for (const event of events) {
        const sent = publish(event).finally(() => sending.delete(sent))
        sending.add(sent)
      }
    },
    get pending() {
      return [...pending.values()]
    },
    async settled() {
      await Promise.all(sending)
    },
  }
}
