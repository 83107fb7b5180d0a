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
  return {
    specversion: '1.0',
    id: `${mark.id}:${mark.reviewed ? 'reviewed' : 'unreviewed'}:${mark.by}:${Math.round(mark.atMs)}`,
    source: `/murmuration/${mark.tenant}/cameras/${mark.camera}`,
    type: 'murmuration.review.marked',
    subject: mark.id,
    time: new Date(mark.atMs).toISOString(),
    datacontenttype: 'application/json',
    data: mark,
  }
}

/** Pure. */
export function snoozedCloudEvent(snooze: Snooze): SnoozeCloudEvent {
  const { id, tenant, camera, fromMs, endedAtMs } = snooze
  return {
    specversion: '1.0',
    id: `${id}:${endedAtMs === undefined ? 'begins' : 'ended'}`,
    source: `/murmuration/${tenant}/cameras/${camera}`,
    type: 'murmuration.snooze.changed',
    subject: id,
    time: new Date(endedAtMs ?? fromMs).toISOString(),
    datacontenttype: 'application/json',
    data: snooze,
  }
}

/** Pure. */
export function bookmarkedCloudEvent(bookmark: Bookmark): BookmarkCloudEvent {
  const { id, tenant, camera, madeAtMs, removedAtMs } = bookmark
  return {
    specversion: '1.0',
    id: `${id}:${removedAtMs === undefined ? 'made' : 'removed'}`,
    source: `/murmuration/${tenant}/cameras/${camera}`,
    type: 'murmuration.bookmark.changed',
    subject: id,
    time: new Date(removedAtMs ?? madeAtMs).toISOString(),
    datacontenttype: 'application/json',
    data: bookmark,
  }
}

function sourceOf({ tenant, monitor, camera }: Alert): string {
  return `/murmuration/${tenant}/monitors/${monitor}/cameras/${camera}`
}
