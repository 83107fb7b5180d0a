import type { AlertChangeCloudEvent, AlertCloudEvent } from '#schemas/alert.ts'
import { compareSeverity, type Severity } from '#schemas/watch-rule.ts'
import type { AlertSinkName } from '#subjects/streams.ts'

/** What is published about alerts. */
export type AlertMessage = AlertCloudEvent | AlertChangeCloudEvent

/** A POST that delivers one message. */
export interface SinkRequest {
  url: string
  headers: Record<string, string>
  body: string
}

/** An outside service that receives alerts. Pure: sending, waiting and counting is done for all of them in one place. */
export interface Sink {
  readonly name: AlertSinkName
  readonly minSeverity: Severity
  /** The request for a message; undefined when there is nothing to send. The same message may be sent again, so ids are stable. */
  build(message: AlertMessage, nowMs: number): SinkRequest | undefined
}

/** Whether an alert is severe enough. Pure. */
export function isSevereEnough(severity: Severity, minimum: Severity): boolean {
  return compareSeverity(severity, minimum) <= 0
}
