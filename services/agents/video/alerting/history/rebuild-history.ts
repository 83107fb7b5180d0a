import { readMessage } from '#platform/json/read-message.ts'
import type { LogMessage } from '#platform/nats/log-reader.ts'
import type { Streams } from '#platform/nats/streams.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { ALERT_STATUSES, type Alert, alertMessageSchema } from '#schemas/alert.ts'
import { STREAMS } from '#subjects/streams.ts'
import type { AlertStore } from './alert-store.ts'
import { HISTORY_LIMITS } from './redis-alert-store.ts'

export interface RebuildDeps {
  bus: { streams: Pick<Streams, 'lastSeq' | 'nextMessage'> }
  store: AlertStore
  log: Log
}

/**
 * Puts the history and the cooldowns back from the stream of alerts, if they are gone. Safe to call from several instances at
 * once: what is there stays, and nothing is raised until one of them is through. What only counted within a cooldown was
 * never published, so those numbers begin again.
 * @throws Error when the stream or the store can't be reached
 */
export async function ensureHistory({ bus, store, log }: RebuildDeps): Promise<void> {
  if (await store.isReady()) return
  const alerts = await restoreAlerts(bus, store)
  await store.markReady()
  log.info({ alerts }, 'the history of alerts was rebuilt from their stream')
}

/**
 * After a fail-over of Redis, or a restart, the last alerts may be missing, and what became of others: both are put back from the stream
 * of alerts. New ones are raised meanwhile.
 * @throws Error when the stream or the store can't be reached
 */
export async function lookOverHistory({ bus, store, log }: RebuildDeps): Promise<void> {
  const another = await store.server.another()
  if (!another) return
  if (!another.isFirst && (await store.isReady())) {
    const alerts = await restoreAlerts(bus, store)
    log.info({ alerts }, 'another Redis answers: the history of alerts was compared with their stream')
  }
  await store.server.note(another.id)
}

/** @returns how many there are */
async function restoreAlerts(bus: RebuildDeps['bus'], store: AlertStore): Promise<number> {
  const alerts = await readAlerts(bus)
  // The newest ones only: the store would drop the others again.
  const newest = [...alerts.values()].sort((a, b) => a.raisedAtMs - b.raisedAtMs).slice(-HISTORY_LIMITS.keep)
  for (const alert of newest) await store.restore(alert)
  return newest.length
}

/** All alerts of the stream, each as its last change left it. */
async function readAlerts(bus: RebuildDeps['bus']): Promise<Map<string, Alert>> {
  const alerts = new Map<string, Alert>()
  await readStream(bus, '>', ({ data }) => {
    const alert = alertIn(data)
    if (alert) alerts.set(alert.id, merge(alerts.get(alert.id), alert))
  })
  return alerts
}

/**
 * Passes on all messages that are on a subject of the stream of alerts now, in order.
 * @throws Error when it can't be read
 */
export async function readStream(
  bus: RebuildDeps['bus'],
  subject: string,
  onMessage: (message: LogMessage) => void,
): Promise<void> {
  const stream = STREAMS.alerts.name
  const lastSeq = await bus.streams.lastSeq(stream, subject)
  for (let seq = 1; seq <= lastSeq; ) {
    const message = await bus.streams.nextMessage(stream, subject, seq)
    if (!message) return
    onMessage(message)
    seq = message.seq + 1
  }
}

/** Changes are published by whichever instance made them, so they may be out of order: none may undo another. */
function merge(known: Alert | undefined, next: Alert): Alert {
  if (!known) return next
  const rank = ({ status }: Alert) => ALERT_STATUSES.indexOf(status)
  const [older, newer] = rank(next) >= rank(known) ? [known, next] : [next, known]
  const snapshot = newer.snapshot ?? older.snapshot
  return {
    ...newer,
    occurrences: Math.max(known.occurrences, next.occurrences),
    lastSeenAtMs: Math.max(known.lastSeenAtMs, next.lastSeenAtMs),
    ...(snapshot && { snapshot }),
  }
}

/** Undefined for what is none: nothing of ours is lost with it. */
function alertIn(bytes: Uint8Array): Alert | undefined {
  return readMessage(bytes, alertMessageSchema)?.data
}
