import { MurmurError } from '#platform/errors/murmur-error.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { LogReading } from '#platform/nats/bus.ts'
import type { LogMessage } from '#platform/nats/log-reader.ts'
import { type Alert, type AlertChange, alertMessageSchema } from '#schemas/alert.ts'
import type { Severity } from '#schemas/watch-rule.ts'
import { STREAMS } from '#subjects/streams.ts'
import { WatcherLimit } from './watcher-limit.ts'

export interface WatchAlertsRequest {
  tenant: string
  /** Place in the stream of what was seen last; from now on without it. */
  afterSeq?: number | undefined
  severity?: Severity | undefined
  camera?: string | undefined
  monitor?: string | undefined
}

/** An alert that was raised, or what became of one; `idle` when nothing did for a while. */
export type AlertItem =
  | { kind: 'raised'; seq: number; alert: Alert }
  | { kind: 'changed'; seq: number; change: AlertChange; alert: Alert }
  | { kind: 'idle' }

/** Each of them is a consumer of the stream. */
const MAX_WATCHERS = 500
/** A watcher who is slower than this many alerts is sent away; it comes back where it was. */
const MAX_WAITING = 5000
const IDLE_AFTER_MS = 15_000
const watchers = new WatcherLimit('alerts', MAX_WATCHERS)

/**
 * Alerts of one tenant as they are raised and changed, none missing and none twice: they are read from their stream. What the
 * stream keeps no more (30 days) is passed over.
 * @throws MurmurError OVERLOADED when too many watch, or this one takes too little
 */
export async function* watchAlerts(
  request: WatchAlertsRequest,
  bus: LogReading,
  signal: AbortSignal,
): AsyncGenerator<AlertItem> {
  const stream = STREAMS.alerts.name
  const fromSeq = (request.afterSeq ?? (await bus.streams.lastSeq(stream, '>'))) + 1
  const leave = watchers.enter()
  const waiting: LogMessage[] = []
  let wake = () => {}
  const reader = bus.consumers.readLog({
    stream,
    filterSubject: '>',
    fromSeq,
    onMessage: (message) => {
      // Nobody comes for more than that: it ends with the next look.
      if (waiting.length <= MAX_WAITING) waiting.push(message)
      wake()
    },
  })
  const onAbort = () => wake()
  signal.addEventListener('abort', onAbort, { once: true })
  try {
    while (!signal.aborted) {
      if (waiting.length > MAX_WAITING)
        throw new MurmurError('OVERLOADED', 'alerts come faster than they are taken', { retryAfterMs: 1000 })
      const message = waiting.shift()
      const item = message && itemOf(message, request)
      if (item) yield item
      if (message) continue
      const isIdle = await new Promise<boolean>((resolve) => {
        const timer = setTimeout(() => resolve(true), IDLE_AFTER_MS)
        wake = () => {
          clearTimeout(timer)
          resolve(false)
        }
      })
      if (isIdle) yield { kind: 'idle' }
    }
  } finally {
    leave()
    signal.removeEventListener('abort', onAbort)
    await reader.stop()
  }
}

function itemOf({ seq, data }: LogMessage, request: WatchAlertsRequest): AlertItem | undefined {
  const message = readMessage(data, alertMessageSchema)
  if (!message || !isWanted(message.data, request)) return undefined
  const alert = message.data
  return 'change' in message
    ? { kind: 'changed', seq, change: message.change, alert }
    : { kind: 'raised', seq, alert }
}

function isWanted(alert: Alert, { tenant, severity, camera, monitor }: WatchAlertsRequest): boolean {
  return (
    alert.tenant === tenant &&
    (severity === undefined || alert.severity === severity) &&
    (camera === undefined || alert.camera === camera) &&
    (monitor === undefined || alert.monitor === monitor)
  )
}
