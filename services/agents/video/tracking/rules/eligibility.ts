import { boxArea } from '../geometry.ts'
import type { ObservedTrack } from '../track/tracker.ts'
import type { TrackRule } from './rule-event.ts'
import type { ZonePresence } from './zone-presence.ts'

/** Whether a rule is about an object of this class and size. Pure. */
export function isOfInterest({ classes, sizes }: TrackRule, track: ObservedTrack): boolean {
  if (!classes.includes(track.class)) return false
  const { min = 0, max = 1 } = sizes?.[track.class] ?? {}
  const share = boxArea(track.box)
  return share >= min && share <= max
}

/** Keys of tracks that have been in one of the zones that a rule requires, and when they were seen last. */
export type Passed = Record<string, { seenMs: number }>

/** With those that are in one of the zones now. Pure. */
export function stepPassed(
  before: Readonly<Passed>,
  zones: readonly ZonePresence[],
  { tracks, atMs }: { tracks: readonly ObservedTrack[]; atMs: number },
): Passed {
  const passed: Passed = { ...before }
  for (const { key, predicted } of tracks) {
    const isThere = zones.some((zone) => zone[key]?.inside && zone[key].outMs === undefined)
    if (!predicted && (isThere || passed[key])) passed[key] = { seenMs: atMs }
  }
  return passed
}
