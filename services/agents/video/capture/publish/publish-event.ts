import type { Bus } from '#platform/nats/bus.ts'
import { traceHeaders } from '#platform/telemetry/active-trace.ts'
import type { CameraEvent } from '#schemas/camera-event.ts'
import type { AgentLog } from '#sdk/define-agent.ts'
import { MESSAGE_IDS, SUBJECTS } from '#subjects/subjects.ts'

/** Stores an event about a camera for alerting; it goes on trying behind the caller's back. */
export function publishCameraEvent(
  { bus, log }: { bus: Pick<Bus, 'publisher'>; log: Pick<AgentLog, 'error'> },
  event: CameraEvent,
): void {
  const msgId = MESSAGE_IDS.cameraEvent(event.id)
  bus.publisher
    .publish(SUBJECTS.cameraEvents(event.tenant, event.camera), JSON.stringify(event), {
      msgId,
      headers: traceHeaders(),
    })
    .catch((err: unknown) => log.error({ err, event: event.id }, 'an event could not be stored'))
}
