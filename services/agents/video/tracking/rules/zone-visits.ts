import { z } from 'zod'
import { boxSchema } from '#schemas/geometry.ts'
import { boxArea, containment } from '../geometry.ts'
import type { ObservedTrack } from '../track/tracker.ts'
import { withoutForgotten } from './known-keys.ts'
import {
  enteredMessage,
  eventTime,
  type RuleEvent,
  type RuleOf,
  type RuleView,
  stayedMessage,
  trackSubject,
} from './rule-event.ts'

/** What is remembered of one track's visits to a zone, once an event was raised. */
const visitSchema = z.object({
  /** Since when the condition of the last event has been true without a break. */
  sinceMs: z.number(),
  /** Where it was last while that was so: the centre of its box; and whether it has moved from there. */
  at: z.tuple([z.number(), z.number()]),
  /** Its box there. */
  box: boxSchema.optional(),
  moved: z.boolean(),
  /** Where and when it was last within the polygon itself. */
  inside: z.object({ at: z.tuple([z.number(), z.number()]), ms: z.number() }),
  seenMs: z.number(),
  /** Its event was about a learned false positive: when it turns out to be something else, it is told. */
  falsePositive: z.boolean().optional(),
})

/** By the track's key. */
export const visitsSchema = z.record(z.string(), visitSchema)
export type Visits = z.infer<typeof visitsSchema>

/** Share of its size by which an object must have moved before it can be news again. */
const MOVED_SHARE = 0.5
/** A box that lies in another by this share shows a part of the same: that is no move. */
const PART_INSIDE = 0.8
/** Who appears so soon and so near (share of its size) to where another was last is that one. */
const HANDOVER_MS = 3000
const HANDOVER_SHARE = 0.5

/** A track whose visit is due for an event. */
export interface DueVisit {
  track: ObservedTrack
  dueMs: number
}

/**
 * The tracks that are due now: confirmed, seen, in the zone while the schedule holds, and so for `afterMs`. Once for every
 * time that this is true without a break; and what has not moved since, never again: parked cars.
 *
 * Two who pass each other in the picture may end with each other's track. So who appears in the middle of the zone, where
 * one with an event has just vanished or walked off from, is taken for that one.
 * Pure.
 */
export function stepVisits(
  before: Visits,
  view: RuleView,
  afterMs: number,
): { visits: Visits; due: DueVisit[] } {
  const visits: Visits = withoutForgotten(before, view.atMs, view.known)
  const due: DueVisit[] = []
  for (const track of view.tracks) {
    if (track.predicted) continue
    const isFalse = track.falsePositive !== undefined
    const last = visits[track.key]
    const previous = last?.falsePositive && !isFalse ? undefined : last
    const sinceMs = truthSince(track, view)
    const same = previous !== undefined && previous.sinceMs === sinceMs
    const moved = previous !== undefined && !same && (previous.moved || hasMoved(track, previous))
    const { enteredMs, outMs } = view.presence[track.key] ?? { enteredMs: 0, outMs: undefined }
    if (previous) {
      const at = centre(track)
      visits[track.key] = {
        ...previous,
        seenMs: view.atMs,
        moved,
        ...(same && { at, box: track.box }),
        ...(same && outMs === undefined && { inside: { at, ms: view.atMs } }),
      }
    }
    if (sinceMs === undefined || same || track.id === 0) continue
    const dueMs = Math.max(sinceMs, enteredMs + afterMs)
    // Who is on the way out may still count as inside, but raises nothing.
    if (view.atMs < dueMs || outMs !== undefined) continue
    const former = previous || track.apart ? undefined : predecessorOf(track, visits, view)
    if (former !== undefined) delete visits[former]
    else if (!previous || moved) due.push({ track, dueMs })
    const at = centre(track)
    const inside = { at, ms: view.atMs }
    const visit = { sinceMs, seenMs: view.atMs, at, box: track.box, moved: false, inside }
    visits[track.key] = { ...visit, ...(isFalse && { falsePositive: true }) }
  }
  return { visits, due }
}

/** Since when it is in the zone while the schedule holds. */
function truthSince(track: ObservedTrack, view: RuleView): number | undefined {
  const presence = view.presence[track.key]
  if (!presence?.inside || view.activeSinceMs === undefined) return undefined
  return Math.max(presence.enteredMs, view.activeSinceMs)
}

/** The key of the one whose visit this track goes on with, if any. */
function predecessorOf(track: ObservedTrack, visits: Visits, view: RuleView): string | undefined {
  const { appeared, enteredMs } = view.presence[track.key]!
  if (!appeared) return undefined
  const reach = HANDOVER_SHARE * Math.sqrt(boxArea(track.box))
  const [x, y] = centre(track)
  return Object.keys(visits).find((key) => {
    const { at, ms } = visits[key]!.inside
    if (Math.abs(enteredMs - ms) > HANDOVER_MS || Math.hypot(x - at[0], y - at[1]) > reach) return false
    const now = view.tracks.find((other) => String(other.key) === key)
    return !now || now.predicted || view.presence[key]?.outMs !== undefined || !view.presence[key]?.inside
  })
}

function centre({ box }: ObservedTrack): [number, number] {
  return [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]
}

function hasMoved(track: ObservedTrack, { at: [atX, atY], box }: Visits[string]): boolean {
  if (box && containment(box, track.box) >= PART_INSIDE) return false
  const [x, y] = centre(track)
  return Math.hypot(x - atX, y - atY) > MOVED_SHARE * Math.sqrt(boxArea(track.box))
}

/** An object is in the zone while it must not be: raised with the moment at which it entered, or the schedule began. Pure. */
export function stepIntrusion(
  rule: RuleOf<'intrusion'>,
  state: Visits,
  view: RuleView,
): { state: Visits; events: RuleEvent[] } {
  const { visits, due } = stepVisits(state, view, 0)
  const events = due.map(({ track, dueMs }) => ({
    rule,
    subject: trackSubject(track),
    message: enteredMessage(track.class, rule.zone),
    atMs: eventTime(dueMs, view.atMs),
    objects: [track],
    ...(track.falsePositive !== undefined && { falsePositive: track.falsePositive }),
  }))
  return { state: visits, events }
}

/** An object has been in the zone for `dwellMs`, counted from when it entered: raised once per visit. Pure. */
export function stepLoitering(
  rule: RuleOf<'loitering'>,
  state: Visits,
  view: RuleView,
): { state: Visits; events: RuleEvent[] } {
  const { visits, due } = stepVisits(state, view, rule.dwellMs)
  const events = due.map(({ track, dueMs }) => ({
    rule,
    subject: trackSubject(track),
    message: stayedMessage(track.class, rule.zone, rule.dwellMs),
    atMs: eventTime(dueMs, view.atMs),
    objects: [track],
    ...(track.falsePositive !== undefined && { falsePositive: track.falsePositive }),
  }))
  return { state: visits, events }
}
