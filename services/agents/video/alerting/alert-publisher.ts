import type { Bus } from '#platform/nats/bus.ts'
import { traceHeaders } from '#platform/telemetry/active-trace.ts'
import type { Alert, AlertChange, AlertChangeCloudEvent, AlertCloudEvent } from '#schemas/alert.ts'
import type { Bookmark, BookmarkCloudEvent } from '#schemas/bookmark.ts'
import type { ReviewCloudEvent, ReviewMark } from '#schemas/review.ts'
import type { Snooze, SnoozeCloudEvent } from '#schemas/snooze.ts'
import { MESSAGE_IDS, SUBJECTS } from '#subjects/subjects.ts'

/** Publishes alerts and their changes to the stream of alerts. */
export interface AlertPublisher {
  /**
   * Resolves when the stream has it. Announcing again within its deduplication window changes nothing.
   * @throws MurmurError UNAVAILABLE, OVERLOADED after 10 s
   */
  raised(alert: Alert): Promise<void>
  changed(alert: Alert, change: AlertChange, atMs: number): Promise<void>
  /** Who has looked at a review item. */
  marked(mark: ReviewMark): Promise<void>
  /** What is snoozed, or no longer. */
  snoozed(snooze: Snooze): Promise<void>
  /** What somebody wants to find again, or no longer. */
  bookmarked(bookmark: Bookmark): Promise<void>
}

const GIVE_UP_AFTER_MS = 10_000

export function createAlertPublisher(bus: Pick<Bus, 'publisher'>): AlertPublisher {
  async function publish(subject: string, event: object, msgId: string): Promise<void> {
    // With the trace of now: sinks hand it over within the same.
    const options = { msgId, giveUpAfterMs: GIVE_UP_AFTER_MS, headers: traceHeaders() }
    await bus.publisher.publish(subject, JSON.stringify(event), options)
  }
  return {
    raised: (alert) =>
      publish(
        SUBJECTS.alert(alert.severity, alert.tenant, alert.camera),
        raisedCloudEvent(alert),
        MESSAGE_IDS.alert(alert.id),
      ),
    changed: (alert, change, atMs) =>
      publish(
        SUBJECTS.alertChange(alert.tenant, alert.camera),
        changedCloudEvent(alert, change, atMs),
        MESSAGE_IDS.alertChange(alert.id, changeName(alert, change)),
      ),
    marked: (mark) => {
      const event = markedCloudEvent(mark)
      return publish(SUBJECTS.alertChange(mark.tenant, mark.camera), event, event.id)
    },
    snoozed: (snooze) => {
      const event = snoozedCloudEvent(snooze)
      return publish(SUBJECTS.alertChange(snooze.tenant, snooze.camera), event, event.id)
    },
    bookmarked: (bookmark) => {
      const event = bookmarkedCloudEvent(bookmark)
      return publish(SUBJECTS.alertChange(bookmark.tenant, bookmark.camera), event, event.id)
    },
  }
}

/** An alert as it is published, CloudEvents 1.0 in structured mode. Pure. */
export function raisedCloudEvent(alert: Alert): AlertCloudEvent {
  return {
    specversion: '1.0',
    id: alert.id,
    source: sourceOf(alert),
    type: 'murmuration.alert.raised',
    subject: `${alert.rule.id}/${alert.subject}`,
    time: new Date(alert.atMs).toISOString(),
    datacontenttype: 'application/json',
    data: alert,
  }
}

/** What happened to an alert, with the alert as it is since then. `atMs`: when. Pure. */
export function changedCloudEvent(alert: Alert, change: AlertChange, atMs: number): AlertChangeCloudEvent {
  return {
    ...raisedCloudEvent(alert),
    // One id an event, as the standard asks.
    id: `${alert.id}:${changeName(alert, change)}`,
    type: 'murmuration.alert.changed',
    time: new Date(atMs).toISOString(),
    change,
  }
}

/** Each change happens to an alert once; to one of an incident, as often as that comes and goes. */
function changeName({ incident, revision }: Alert, change: AlertChange): string {
  return incident ? `${change}:${revision ?? 0}` : change
}

/** Pure. */
export function markedCloudEvent(mark: ReviewMark): ReviewCloudEvent {
  const what = `${mark.reviewed ? 'reviewed' : 'unreviewed'}:${mark.by}:${Math.round(mark.atMs)}`
  return cameraCloudEvent('murmuration.review.marked', mark, { what, atMs: mark.atMs })
}

/** Pure. */
export function snoozedCloudEvent(snooze: Snooze): SnoozeCloudEvent {
  const { fromMs, endedAtMs } = snooze
  const what = endedAtMs === undefined ? 'begins' : 'ended'
  return cameraCloudEvent('murmuration.snooze.changed', snooze, { what, atMs: endedAtMs ?? fromMs })
}

/** Pure. */
export function bookmarkedCloudEvent(bookmark: Bookmark): BookmarkCloudEvent {
  const { madeAtMs, removedAtMs } = bookmark
  const what = removedAtMs === undefined ? 'made' : 'removed'
  return cameraCloudEvent('murmuration.bookmark.changed', bookmark, { what, atMs: removedAtMs ?? madeAtMs })
}

/** What happened to something of a camera. @param what stands in its id: one id an event, as the standard asks */
function cameraCloudEvent<Type extends string, Data extends { id: string; tenant: string; camera: string }>(
  type: Type,
  data: Data,
  { what, atMs }: { what: string; atMs: number },
) {
  return {
    specversion: '1.0' as const,
    id: `${data.id}:${what}`,
    source: `/murmuration/${data.tenant}/cameras/${data.camera}`,
    type,
    subject: data.id,
    time: new Date(atMs).toISOString(),
    datacontenttype: 'application/json' as const,
    data,
  }
}

function sourceOf({ tenant, monitor, camera }: Alert): string {
  return `/murmuration/${tenant}/monitors/${monitor}/cameras/${camera}`
}
