import { z } from 'zod'

/**
 * Time that never goes back. A clip that begins again, or a clock that is set, must not stop tracks from ageing or rules from
 * counting: what they count in is this, and `offsetMs` leads from it to the time of the event shown.
 */
export const timelineSchema = z.object({ lastMs: z.number().optional(), offsetMs: z.number() })
export type Timeline = z.infer<typeof timelineSchema>

export const NEW_TIMELINE: Timeline = { offsetMs: 0 }

/** What is taken to lie between two frames when their times do not say. Milliseconds. */
const USUAL_STEP_MS = 100

/** The time line at a frame of this time; `lastMs` of the result is the frame's. Pure. */
export function advanceTo({ lastMs, offsetMs }: Timeline, atMs: number): Timeline & { lastMs: number } {
  if (lastMs === undefined || atMs - offsetMs > lastMs) return { lastMs: atMs - offsetMs, offsetMs }
  return { lastMs: lastMs + USUAL_STEP_MS, offsetMs: atMs - lastMs - USUAL_STEP_MS }
}
