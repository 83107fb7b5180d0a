import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Alert } from '#schemas/alert.ts'
import type { CameraEvent } from '#schemas/camera-event.ts'
import { STREAMS } from '#subjects/streams.ts'
import { alertFromEvent } from './alert-from-event.ts'
import type { AlertPublisher } from './alert-publisher.ts'
import type { AlertStore, RaiseResult } from './history/alert-store.ts'

export interface RaiseDeps {
  store: AlertStore
  publisher: AlertPublisher
  clock: Pick<Clock, 'nowMs'>
  /** Puts the history back when it is gone. */
  ensureHistory(): Promise<void>
  /** Whether the alert is in the stream already: an expensive search, for the rare case that it is unknown. */
  isPublished(alert: Alert): Promise<boolean>
}

/** What was done with an event, durably. */
export type Handled =
  | { kind: 'raised'; alert: Alert; snapshotWanted: boolean }
  | { kind: 'counted'; first: boolean }

/** Half of the window in which the server itself drops what it has: after that it can't be relied on. */
const SURELY_DEDUPLICATED_MS = STREAMS.alerts.duplicateWindowMs / 2
const MAX_REBUILDS = 3

/**
 * Makes of an event what it has to become: a new alert in the history and in the stream, or one more occurrence of one that
 * is there. Done again, it finishes what a crash left undone, and repeats nothing:
 *
 *   event ──► history (one script) ──► stream (message id) ──► noted as published ──► acknowledged by the caller
 *                 │ crash: found again    │ crash: the same id, dropped by the server, or looked up when that is too long ago
 *
 * @throws when the history or the stream can't be reached; to be tried again
 */
export async function raiseAlert(event: CameraEvent, deps: RaiseDeps): Promise<Handled> {
  // The end of a state is no alert of its own.
  if (event.state?.phase === 'end') return { kind: 'counted', first: true }
  const alert = alertFromEvent(event, deps.clock.nowMs())
  const raised = await raiseInHistory(event, alert, deps)
  if (raised.kind === 'counted') return { kind: 'counted', first: raised.first }
  if (raised.kind === 'raised') {
    await publish(alert, deps)
    return { kind: 'raised', alert, snapshotWanted: true }
  }
  const { stored } = raised
  if (!stored.published) await publishOnce(stored.alert, deps)
  return { kind: 'raised', alert: stored.alert, snapshotWanted: !stored.snapshotSettled }
}

async function raiseInHistory(
  event: CameraEvent,
  alert: Alert,
  deps: RaiseDeps,
): Promise<Exclude<RaiseResult, { kind: 'unready' }>> {
  for (let rebuilds = 0; rebuilds <= MAX_REBUILDS; rebuilds++) {
    const raised = await deps.store.raise(event, alert)
    if (raised.kind !== 'unready') return raised
    await deps.ensureHistory()
  }
  throw new MurmurError('UNAVAILABLE', 'the history of alerts is lost as soon as it is made')
}

async function publish(alert: Alert, { publisher, store }: RaiseDeps): Promise<void> {
  await publisher.raised(alert)
  await store.markPublished(alert.id)
}

/** An instance died with this alert in flight, before it was marked as published. */
async function publishOnce(alert: Alert, deps: RaiseDeps): Promise<void> {
  const isLongAgo = deps.clock.nowMs() - alert.raisedAtMs > SURELY_DEDUPLICATED_MS
  if (isLongAgo && (await deps.isPublished(alert))) await deps.store.markPublished(alert.id)
  else await publish(alert, deps)
}
