import type { AlertChangeCloudEvent, AlertCloudEvent } from '#schemas/alert.ts'
import { compareSeverity, type Severity } from '#schemas/watch-rule.ts'
import type { AlertSinkName } from '#subjects/streams.ts'

/** What is published about alerts. */
export type AlertMessage = AlertCloudEvent | AlertChangeCloudEvent

/** A POST that hands one message over. */
export interface SinkRequest {
  url: string
  headers: Record<string, string>
  body: string
}

/** A service outside that is told about alerts. Pure: sending, waiting and counting is done for all of them in one place. */
export interface Sink {
  readonly name: AlertSinkName
  readonly minSeverity: Severity
  /** The request for a message; undefined when there is nothing to tell. The same message may be sent again, so ids are stable. */
  build(message: AlertMessage, nowMs: number): SinkRequest | undefined
}

/** Whether an alert is severe enough. Pure. */
export function isSevereEnough(severity: Severity, least: Severity): boolean {
  return compareSeverity(severity, least) <= 0
}
