import { z } from 'zod'
import type { Polygon } from '#schemas/geometry.ts'
import { bottomCentre, boxArea, distanceToEdge, isInsidePolygon } from '../geometry.ts'
import type { ObservedTrack } from '../track/tracker.ts'
import { type KnownKeys, withoutForgotten } from './known-keys.ts'

/**
 * Where one track is with regard to one zone; without one it is outside.
 *
 *   outside ── a point inside ──► arriving ── inside again, 200 ms later or more ──► inside
 *      ▲          a point outside │                                                    │
 *      └──────────────────────────┘                                                    │
 *      └──── clearly outside for 1 s, or outside at all for 3 s ───────────────────────┘
 */
export const presenceSchema = z.object({
  inside: z.boolean(),
  /** The first observation inside: when it entered. Milliseconds of the time line, like all others here. */
  enteredMs: z.number(),
  /** That one was beyond the margin already: it was not seen to come over the edge. */
  appeared: z.boolean().optional(),
  seenMs: z.number(),
  /** Outside without a break since. */
  outMs: z.number().optional(),
  /** And beyond the margin since. */
  clearMs: z.number().optional(),
})
export type Presence = z.infer<typeof presenceSchema>

/** By the track's key. */
export const zonePresenceSchema = z.record(z.string(), presenceSchema)
export type ZonePresence = z.infer<typeof zonePresenceSchema>

export const PRESENCE = {
  /** Inside for so long, in two observations at least, it has entered. */
  enterMs: 200,
  /** Not seen for so long, though there were frames, an arrival starts over. */
  gapMs: 1000,
  /** Clearly outside for so long it has left, */
  leaveMs: 1000,
  /** or outside by whatever little for so long. */
  lingerMs: 3000,
  /** Clearly: farther from the edge than this share of its size (√ of its box's area). */
  margin: 0.15,
} as const
/** Where everybody is after an observation. Only what was seen counts; what is predicted stays where it was. Pure. */
export function stepPresence(
  before: ZonePresence,
  polygon: Polygon,
  { atMs, lastMs, tracks, known }: PresenceFrame,
): ZonePresence {
  const after: ZonePresence = withoutForgotten(before, atMs, known)
  for (const track of tracks) {
    if (track.predicted) continue
    const next = stepOne(presenceOf(track, after), polygon, track, { atMs, lastMs })
    if (next) after[track.key] = next
    else delete after[track.key]
  }
  return after
}

interface PresenceFrame {
  atMs: number
  lastMs: number | undefined
  tracks: readonly ObservedTrack[]
  known: KnownKeys
}

/** Who is known again goes on with the visit from before; or else with the arrival that was seen under another key. */
function presenceOf({ key, bornAs }: ObservedTrack, presence: ZonePresence): Presence | undefined {
  if (bornAs === undefined || presence[key]?.inside) return presence[key]
  const arrived = presence[bornAs]
  delete presence[bornAs]
  return arrived
}

function stepOne(
  before: Presence | undefined,
  polygon: Polygon,
  { box }: ObservedTrack,
  { atMs, lastMs }: { atMs: number; lastMs: number | undefined },
): Presence | undefined {
  const point = bottomCentre(box)
  const isClear = () => distanceToEdge(point, polygon) > PRESENCE.margin * Math.sqrt(boxArea(box))
  if (isInsidePolygon(point, polygon)) {
    const wasAway = before && before.seenMs !== lastMs && atMs - before.seenMs > PRESENCE.gapMs
    if (!before || (!before.inside && wasAway))
      return { inside: false, enteredMs: atMs, seenMs: atMs, ...(isClear() && { appeared: true }) }
    const { inside, enteredMs, appeared } = before
    return {
      inside: inside || atMs - enteredMs >= PRESENCE.enterMs,
      enteredMs,
      seenMs: atMs,
      ...(appeared && { appeared }),
    }
  }
  if (!before?.inside) return undefined
  const outMs = before.outMs ?? atMs
  const clear = isClear()
  const clearMs = clear ? (before.clearMs ?? atMs) : undefined
  const left = clearMs !== undefined && atMs - clearMs >= PRESENCE.leaveMs
  if (left || atMs - outMs >= PRESENCE.lingerMs) return undefined
  return {
    inside: true,
    enteredMs: before.enteredMs,
    seenMs: atMs,
    ...(before.appeared && { appeared: true }),
    outMs,
    ...(clearMs !== undefined && { clearMs }),
  }
}
