import type { CameraEvent } from '#schemas/camera-event.ts'
import type { CameraRule, ObjectClass, WatchRule } from '#schemas/watch-rule.ts'
import type { ObservedTrack } from '../track/tracker.ts'
import type { KnownKeys } from './known-keys.ts'
import type { ZonePresence } from './zone-presence.ts'

/** The rules about tracks. What is about the camera itself is reported by its capture. */
export type TrackRule = Exclude<WatchRule, CameraRule>
export type RuleOf<Kind extends TrackRule['kind']> = Extract<TrackRule, { kind: Kind }>

/** A rule came true. */
export interface RuleEvent
  extends Pick<CameraEvent, 'subject' | 'message' | 'zone' | 'line' | 'direction' | 'count'> {
  rule: TrackRule
  /** When, on the time line of the tracker. Milliseconds. */
  atMs: number
  objects: readonly ObservedTrack[]
  /** It is about a learned false positive: to be counted, not told. */
  falsePositive?: string
}

/** What a rule gets to see of one frame. */
export interface RuleView {
  /** On the time line. Milliseconds. */
  atMs: number
  /** There were no frames for a while: what happened in between is unknown. */
  wasBlind: boolean
  /** Of the rule's classes. */
  tracks: readonly ObservedTrack[]
  /** In the rule's zone; empty for rules without one. */
  presence: ZonePresence
  /** Since when the rule's schedule holds (−∞: since before the first frame); undefined while it does not. */
  activeSinceMs: number | undefined
  known: KnownKeys
}

/** An event that is noticed later than this after it came true gets the present time. Milliseconds. */
const STALE_MS = 1000

/** When an event counts to have happened that was due at `dueMs` and is noticed now. Pure. */
export function eventTime(dueMs: number, nowMs: number): number {
  return nowMs - dueMs > STALE_MS ? nowMs : dueMs
}

export function trackSubject({ id }: ObservedTrack): string {
  return `track-${id}`
}

const NAMES: Record<ObjectClass, string> = { person: 'Person', vehicle: 'Vehicle' }

export function enteredMessage(objectClass: ObjectClass, zone: string): string {
  return `${NAMES[objectClass]} entered ${zone}`
}

export function stayedMessage(objectClass: ObjectClass, zone: string, dwellMs: number): string {
  return `${NAMES[objectClass]} stays in ${zone} for ${duration(dwellMs)}`
}

export function crossedMessage(objectClass: ObjectClass, line: string, direction: string): string {
  return `${NAMES[objectClass]} crossed ${line} from ${direction.replaceAll('-', ' ')}`
}

export function crowdMessage(
  count: number,
  classes: readonly ObjectClass[],
  zone: string | undefined,
  holdMs: number,
): string {
  const what = new Set(classes).size === 1 ? `${classes[0]}s` : 'objects'
  return `${count} ${what} in ${zone ?? 'the picture'}${holdMs > 0 ? ` for ${duration(holdMs)}` : ''}`
}

/** `2 s`, `1.5 s`, `3 min`, `2 h`: in the largest unit of which it has at least two, with a digit after the point if it needs one. */
function duration(ms: number): string {
  const [size, unit] = ms >= 7_200_000 ? [3_600_000, 'h'] : ms >= 120_000 ? [60_000, 'min'] : [1000, 's']
  return `${Math.round((ms / size) * 10) / 10} ${unit}`
}
