import { z } from 'zod'
import type { Clock } from '#platform/clock/clock.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { LogMessage } from '#platform/nats/log-reader.ts'
import type { Streams } from '#platform/nats/streams.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { ALERT_STATUSES, type Alert, alertMessageSchema } from '#schemas/alert.ts'
import { type Bookmark, bookmarkCloudEventSchema } from '#schemas/bookmark.ts'
import { type ReviewMark, reviewCloudEventSchema } from '#schemas/review.ts'
import { type Snooze, snoozeCloudEventSchema } from '#schemas/snooze.ts'
import { STREAMS } from '#subjects/streams.ts'
import type { BookmarkStore } from '../bookmarks/bookmark-store.ts'
import type { ReviewStore } from '../reviews/review-store.ts'
import type { SnoozeStore } from '../snoozes/snooze-store.ts'
import type { AlertStore } from './alert-store.ts'
import { HISTORY_LIMITS } from './history-limits.ts'

export interface RebuildDeps {
  bus: { streams: Pick<Streams, 'lastSeq' | 'nextMessage'> }
  store: AlertStore
  reviews: Pick<ReviewStore, 'assign' | 'mark'>
  snoozes: Pick<SnoozeStore, 'put'>
  bookmarks: Pick<BookmarkStore, 'put' | 'remove'>
  clock: Pick<Clock, 'nowMs'>
  log: Log
}

/**
 * Puts the history and the cooldowns back from the stream of alerts, if they are gone. Safe to call from several instances at
 * once: what is there stays, and nothing is raised until one of them is through. What only counted within a cooldown was
 * never published, so those numbers begin again.
 * @throws Error when the stream or the store can't be reached
 */
export async function ensureHistory(deps: RebuildDeps): Promise<void> {
  const { store, log } = deps
  if (await store.isReady()) return
  const alerts = await restoreAlerts(deps)
  await store.markReady()
  log.info({ alerts }, 'the history of alerts was rebuilt from their stream')
}

/**
 * After a fail-over of Redis, or a restart, the last alerts may be missing, and what became of others: both are put back from the stream
 * of alerts. New ones are raised meanwhile.
 * @throws Error when the stream or the store can't be reached
 */
export async function lookOverHistory(deps: RebuildDeps): Promise<void> {
  const { store, log } = deps
  const another = await store.server.another()
  if (!another) return
  if (!another.isFirst && (await store.isReady())) {
    const alerts = await restoreAlerts(deps)
    log.info({ alerts }, 'another Redis answers: the history of alerts was compared with their stream')
  }
  await store.server.note(another.id)
}

/** @returns how many there are */
async function restoreAlerts(deps: RebuildDeps): Promise<number> {
  const { bus, store, reviews, snoozes, bookmarks, clock } = deps
  const { alerts, marks, snoozed, bookmarked } = await readAlerts(bus)
  const sorted = [...alerts.values()].sort((a, b) => a.raisedAtMs - b.raisedAtMs)
  const firstKept = sorted.length - HISTORY_LIMITS.keep
  // The newest ones only: the store would drop the others again. What is not closed stays, however old.
  const newest = sorted.filter(({ incident }, i) => i >= firstKept || (incident && incident.phase !== 'over'))
  for (const alert of newest) {
    await store.restore(alert)
    if (alert.review !== undefined) await reviews.assign(alert)
  }
  for (const mark of marks) await reviews.mark(mark)
  for (const snooze of snoozed.values()) await snoozes.put(snooze, clock.nowMs())
  for (const bookmark of bookmarked.values())
    if (bookmark.removedAtMs === undefined) await bookmarks.put(bookmark, clock.nowMs())
    else await bookmarks.remove(bookmark.tenant, bookmark.id)
  return newest.length
}

interface StreamOfAlerts {
  alerts: Map<string, Alert>
  marks: ReviewMark[]
  snoozed: Map<string, Snooze>
  bookmarked: Map<string, Bookmark>
}

/** All alerts of the stream, each as its last change left it; who has reviewed what, what is snoozed, what is bookmarked. */
async function readAlerts(bus: RebuildDeps['bus']): Promise<StreamOfAlerts> {
  const found: StreamOfAlerts = { alerts: new Map(), marks: [], snoozed: new Map(), bookmarked: new Map() }
  await readStream(bus, '>', ({ data }) => {
    const message = readMessage(data, messageSchema)
    if (message?.type === 'murmuration.review.marked') found.marks.push(message.data)
    else if (message?.type === 'murmuration.snooze.changed') {
      const { data: snooze } = message
      // What was ended before its time stays so, in whichever order it was told.
      if (found.snoozed.get(snooze.id)?.endedAtMs === undefined) found.snoozed.set(snooze.id, snooze)
    } else if (message?.type === 'murmuration.bookmark.changed') {
      const { data: bookmark } = message
      if (found.bookmarked.get(bookmark.id)?.removedAtMs === undefined)
        found.bookmarked.set(bookmark.id, bookmark)
    } else if (message)
      found.alerts.set(message.data.id, merge(found.alerts.get(message.data.id), message.data))
  })
  return found
}

/** All that the stream holds; what is none of it is passed over: nothing of ours is lost with it. */
const messageSchema = z.union([
  alertMessageSchema,
  reviewCloudEventSchema,
  snoozeCloudEventSchema,
  bookmarkCloudEventSchema,
])

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
  const revisions = (next.revision ?? 0) - (known.revision ?? 0)
  const isNewer = revisions > 0 || (revisions === 0 && rank(next) >= rank(known))
  const [older, newer] = isNewer ? [known, next] : [next, known]
  const snapshot = newer.snapshot ?? older.snapshot
  const slack = newer.slack ?? older.slack
  return {
    ...newer,
    occurrences: Math.max(known.occurrences, next.occurrences),
    lastSeenAtMs: Math.max(known.lastSeenAtMs, next.lastSeenAtMs),
    ...(snapshot && { snapshot }),
    ...(slack && { slack }),
  }
}
