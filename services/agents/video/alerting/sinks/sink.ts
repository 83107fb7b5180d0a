import type { Alert, AlertChange, AlertChangeCloudEvent, AlertCloudEvent } from '#schemas/alert.ts'
import { compareSeverity, type Severity } from '#schemas/watch-rule.ts'
import type { AlertSinkName } from '#subjects/streams.ts'
import type { AlertLinks } from './alert-links.ts'

/** What is published about alerts. */
export type AlertMessage = AlertCloudEvent | AlertChangeCloudEvent

/** A POST that delivers one message. */
export interface SinkRequest {
  url: string
  headers: Record<string, string>
  body: string
}

/** What a sink may know beside the message. */
export interface SinkContext {
  nowMs: number
  /** Undefined where nobody says how people reach the edge. */
  links?: AlertLinks | undefined
  /** Where the alert stands in Slack, once it does. */
  slack?: Alert['slack']
  /** Without pictures: the service could not fetch them. */
  isPlain?: boolean
}

/** What the body of an answer of status 2xx says. */
export type SinkAnswer =
  | { kind: 'done'; slack?: NonNullable<Alert['slack']> }
  /** `noPicture`: it may do without its picture. */
  | { kind: 'refused' | 'noPicture' | 'later'; why: string }

/** An outside service that receives alerts. Pure: sending, waiting and counting is done for all of them in one place. */
export interface Sink {
  readonly name: AlertSinkName
  readonly minSeverity: Severity
  /** The request for a message; undefined when there is nothing to send. The same message may be sent again, so ids are stable. */
  build(message: AlertMessage, context: SinkContext): SinkRequest | undefined
  /** Where the body of an answer says more than its status. */
  readAnswer?(body: Uint8Array, request: SinkRequest): SinkAnswer
}

/** What happened, as one word: `raised`, or the change. Pure. */
export function happeningOf(message: AlertMessage): 'raised' | AlertChange {
  return message.type === 'murmuration.alert.raised' ? 'raised' : message.change
}

/** What makes it open, where it was not or nobody was told. Pure. */
export function isOpening(happening: 'raised' | AlertChange): boolean {
  return happening === 'raised' || happening === 'reopened' || happening === 'unsnoozed'
}

/** Whether an alert is severe enough. Pure. */
export function isSevereEnough(severity: Severity, minimum: Severity): boolean {
  return compareSeverity(severity, minimum) <= 0
}

/**
 * When a trigger comes after the end of its alert, which overtook it while it was waiting, nobody would end it any more; and an
 * end that comes after it has begun again would end the wrong one. Pure.
 */
export function isOutdated(message: AlertMessage, status: Alert['status']): boolean {
  const happening = happeningOf(message)
  if (isOpening(happening)) return status === 'resolved'
  return happening === 'resolved' && status !== 'resolved'
}
