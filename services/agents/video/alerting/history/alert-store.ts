import type { ServerMark } from '#platform/redis/server-mark.ts'
import type { Alert, AlertStatus } from '#schemas/alert.ts'
import type { BlobRef } from '#schemas/blob.ts'
import type { CameraEvent } from '#schemas/camera-event.ts'

/** An alert with what others need not know about it. */
export interface StoredAlert {
  alert: Alert
  /** It is known to be in the stream of alerts. */
  published: boolean
  /** Its snapshot is there, or is known never to come. */
  snapshotSettled: boolean
}

/** What an event became; see `raise.lua`. */
export type RaiseResult =
  | { kind: 'unready' }
  | { kind: 'raised' }
  /** By an earlier delivery of the same event: what a crash left undone has to be finished. */
  | { kind: 'again'; stored: StoredAlert }
  /** Within the cooldown of this alert. `first`: counted just now. */
  | { kind: 'counted'; alertId: string; first: boolean }

export type StatusChangeResult =
  | { kind: 'unready' }
  | { kind: 'missing' }
  | { kind: 'conflict'; status: AlertStatus }
  | { kind: 'changed'; alert: Alert }

export interface StatusChange {
  id: string
  status: 'acknowledged' | 'resolved'
  by?: string | undefined
  note?: string | undefined
  atMs: number
}

/** By which index alerts are looked up, newest first. */
export type AlertIndex = 'all' | { status: AlertStatus } | { monitor: string }

/**
 * The history of alerts and the cooldowns. It is a projection of the stream of alerts: it may be lost at any time and is
 * then made again; until that is done it answers `unready` and writes nothing.
 * All methods throw when the store can't be reached; what was asked may then have happened or not.
 */
export interface AlertStore {
  /** Which Redis has been looked over: another one may lack the last alerts. */
  readonly server: Pick<ServerMark, 'another' | 'note'>
  isReady(): Promise<boolean>
  /** To be called when everything of the stream has been put back. */
  markReady(): Promise<void>
  raise(event: CameraEvent, alert: Alert): Promise<RaiseResult>
  /** Takes away what is too old, or too much. */
  trim(nowMs: number): Promise<void>
  /** What an alert has beside what its event says, before it is published. */
  settle(id: string, about: Pick<Alert, 'review' | 'snoozed'>): Promise<void>
  /** Where it stands in Slack. */
  noteSlack(id: string, slack: NonNullable<Alert['slack']>): Promise<void>
  markPublished(id: string): Promise<void>
  /** undefined: it will never have one. */
  settleSnapshot(id: string, snapshot: BlobRef | undefined): Promise<void>
  change(order: StatusChange): Promise<StatusChangeResult>
  /** The change has been published. */
  markChangePublished(id: string, status: AlertStatus): Promise<void>
  /** Unless it is there already, and has become no less. */
  restore(alert: Alert): Promise<void>
  read(ids: readonly string[]): Promise<(StoredAlert | undefined)[]>
  /** Of those raised at the same time, the larger id first. `untilMs`: only those raised then or before. */
  newest(index: AlertIndex, start: number, count: number, untilMs?: number): Promise<string[]>
  /** Events of a monitor that were dealt with, by kind of rule: raised or counted, each once. */
  eventsOf(monitor: string): Promise<ReadonlyMap<string, number>>
}
