import { systemClock } from '#platform/clock/clock.ts'
import type { Delivery } from '#platform/nats/delivery.ts'
import { ATTRIBUTES, messaging, SPANS, type Span } from '#platform/telemetry/spans.ts'
import { TRACEPARENT_HEADER } from '#platform/telemetry/traceparent.ts'
import type { Tracing } from '#platform/telemetry/tracing.ts'
import type { Alert } from '#schemas/alert.ts'
import type { CameraEvent } from '#schemas/camera-event.ts'

export interface AlertTrace {
  /** What is done about the alert is a child of it. */
  readonly traceparent: string
  /** The event has become this alert: only then is there a span, however many events only count. */
  raised(alert: Alert): void
}

/**
 * The trace of an alert: one of its own, because a monitor runs for days, linked to the step of the monitor that saw what it is about.
 * Undefined without tracing.
 */
export function alertTrace(
  tracing: Tracing | undefined,
  event: CameraEvent,
  delivery: Pick<Delivery, 'header' | 'subject'>,
): AlertTrace | undefined {
  if (!tracing) return undefined
  const traceparent = tracing.startTraceparent()
  const startMs = systemClock.nowMs()
  const monitor = delivery.header(TRACEPARENT_HEADER)
  return {
    traceparent,
    raised(alert) {
      if (!tracing.records(traceparent)) return
      tracing.record(SPANS.alert(), {
        kind: 'consumer',
        traceparent,
        links: monitor === undefined ? undefined : [monitor],
        startMs,
        endMs: systemClock.nowMs(),
        attributes: {
          ...messaging('process'),
          [ATTRIBUTES.destination]: delivery.subject,
          [ATTRIBUTES.destinationTemplate]: 'cameras.events.{tenant}.{camera}',
          [ATTRIBUTES.tenant]: event.tenant,
          [ATTRIBUTES.taskId]: event.monitor,
          [ATTRIBUTES.camera]: event.camera,
          [ATTRIBUTES.alertId]: alert.id,
          [ATTRIBUTES.severity]: alert.severity,
        },
      })
    },
  }
}

/** The span of one attempt to hand an alert over, in the trace of the alert; undefined where that is not recorded. */
export function deliverySpan(
  tracing: Tracing | undefined,
  delivery: Pick<Delivery, 'header' | 'deliveryCount'>,
  about: { sink: string; alert: Alert },
): Span | undefined {
  const parent = delivery.header(TRACEPARENT_HEADER)
  if (!tracing?.records(parent)) return undefined
  return tracing.span(SPANS.alertDelivery(about.sink), {
    kind: 'client',
    parent,
    attributes: {
      [ATTRIBUTES.tenant]: about.alert.tenant,
      [ATTRIBUTES.taskId]: about.alert.monitor,
      [ATTRIBUTES.alertId]: about.alert.id,
      [ATTRIBUTES.attempt]: delivery.deliveryCount,
    },
  })
}
