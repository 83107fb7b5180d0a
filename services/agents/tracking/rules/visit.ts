import { z } from 'zod'
import { areaOf } from '../track/box-geometry.ts'
import type { ObservedTrack } from '../track/track-view.ts'
import type { RuleView } from './rule-event.ts'

/** What has been told about one track's visits to a zone. */
const visitSchema = z.object({
  /** Since when what was told last has been true without a break. */
  sinceMs: z.number(),
  /** Where it was last while that was so: the centre of its box; and whether it has moved from there. */
  at: z.tuple([z.number(), z.number()]),
  moved: z.boolean(),
  seenMs: z.number(),
})

/** By the track's key. */
export const visitsSchema = z.record(z.string(), visitSchema)
export type Visits = z.infer<typeof visitsSchema>

/** Share of its size by which an object must have moved before it can be news again. */
const MOVED_SHARE = 0.5
const FORGET_MS = 310_000

/** A track whose visit is to be told. */
export interface DueVisit {
  track: ObservedTrack
  dueMs: number
}

/**
 * Who is to be told about now: confirmed, seen, in the zone while the schedule holds, and so for `afterMs`. Once for every
 * time that this is true without a break; and what has not moved since, never again: parked cars.
 * Pure.
 */
export function stepVisits(
  before: Visits,
  view: RuleView,
  afterMs: number,
): { visits: Visits; due: DueVisit[] } {
  const visits: Visits = {}
  for (const [key, visit] of Object.entries(before))
    if (view.atMs - visit.seenMs <= FORGET_MS) visits[key] = visit
  const due: DueVisit[] = []
  for (const track of view.tracks) {
    if (track.predicted) continue
    const told = visits[track.key]
    const sinceMs = truthSince(track, view)
    const same = told !== undefined && told.sinceMs === sinceMs
    const moved = told !== undefined && !same && (told.moved || hasMoved(track, told.at))
    if (told) visits[track.key] = { ...told, seenMs: view.atMs, moved, ...(same && { at: centre(track) }) }
    if (sinceMs === undefined || same || track.id === 0) continue
    const { enteredMs, outMs } = view.presence[track.key]!
    const dueMs = Math.max(sinceMs, enteredMs + afterMs)
    // Who is on the way out may still count as inside, but is not told about.
    if (view.atMs < dueMs || outMs !== undefined) continue
    if (!told || moved) due.push({ track, dueMs })
    visits[track.key] = { sinceMs, seenMs: view.atMs, at: centre(track), moved: false }
  }
  return { visits, due }
}

/** Since when it is in the zone while the schedule holds. */
function truthSince(track: ObservedTrack, view: RuleView): number | undefined {
  const presence = view.presence[track.key]
  if (!presence?.inside || view.activeSinceMs === undefined) return undefined
  return Math.max(presence.enteredMs, view.activeSinceMs)
}

function centre({ box }: ObservedTrack): [number, number] {
  return [(box[0] + box[2]) / 2, (box[1] + box[3]) / 2]
}

function hasMoved(track: ObservedTrack, [atX, atY]: [number, number]): boolean {
  const [x, y] = centre(track)
  return Math.hypot(x - atX, y - atY) > MOVED_SHARE * Math.sqrt(areaOf(track.box))
}
