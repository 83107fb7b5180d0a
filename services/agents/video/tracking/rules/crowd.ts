import { z } from 'zod'
import type { ObservedTrack } from '../track/tracker.ts'
import { crowdMessage, eventTime, type RuleEvent, type RuleOf, type RuleView } from './rule-event.ts'

/**
 *   few ── enough ──► gathering ── for holdMs ──► crowd (raised)
 *    ▲                    │                         │
 *    └─ too few > 500 ms ─┘                         │
 *    └──────────── too few for 2 s ─────────────────┘
 */
export const crowdStateSchema = z.object({
  /** Enough objects since, short dips left out. Milliseconds of the time line. */
  sinceMs: z.number().optional(),
  /** Too few since. */
  fewMs: z.number().optional(),
  /** The last time that there were too few. */
  lastFewMs: z.number().optional(),
  /** Its event was raised. */
  told: z.boolean(),
})
export type CrowdState = z.infer<typeof crowdStateSchema>

export const NO_CROWD: CrowdState = { told: false }
export const CROWD = {
  /** A detector blinks: so long there may be too few without restarting the time. */
  dipMs: 500,
  /** So long there must be too few before a crowd is over. */
  clearMs: 2000,
  /** Who counts only now, because it was not sure yet, may have been there for so long. */
  sureMs: 400,
} as const

/** At least `minCount` objects for `holdMs`: raised with the moment at which that was complete. Pure. */
export function stepCrowd(
  rule: RuleOf<'crowd'>,
  before: CrowdState,
  view: RuleView,
): { state: CrowdState; events: RuleEvent[] } {
  const { atMs } = view
  if (view.activeSinceMs === undefined) return { state: NO_CROWD, events: [] }
  const present = presentIn(rule, view)
  if (present.length < rule.minCount) return { state: withFew(before, atMs), events: [] }
  const sinceMs = enoughSince(before, view, present[rule.minCount - 1]!.sinceMs)
  const dueMs = sinceMs + rule.holdMs
  const isDue = !before.told && atMs >= dueMs
  const state = {
    sinceMs,
    told: before.told || isDue,
    ...(before.lastFewMs !== undefined && { lastFewMs: before.lastFewMs }),
  }
  return { state, events: isDue ? [eventOf(rule, present, eventTime(dueMs, atMs))] : [] }
}

/** @param completeMs when the last of those that it takes came, if none left in between */
function enoughSince(before: CrowdState, view: RuleView, completeMs: number): number {
  if (before.sinceMs !== undefined && (before.told || !view.wasBlind)) return before.sinceMs
  if (view.wasBlind) return view.atMs
  // Those who were there before there were too few have come back only now.
  const isOld = before.lastFewMs !== undefined && completeMs < before.lastFewMs - CROWD.sureMs
  return Math.max(isOld ? view.atMs : completeMs, view.activeSinceMs ?? view.atMs)
}

function withFew(state: CrowdState, atMs: number): CrowdState {
  const fewMs = state.fewMs ?? atMs
  const over = atMs - fewMs > (state.told ? CROWD.clearMs : CROWD.dipMs)
  return over ? { told: false, fewMs, lastFewMs: atMs } : { ...state, fewMs, lastFewMs: atMs }
}

interface Present {
  track: ObservedTrack
  /** Since when it is there. */
  sinceMs: number
}

/** Confirmed objects in the zone (or the picture), the first comer first. */
function presentIn(rule: RuleOf<'crowd'>, { tracks, presence }: RuleView): Present[] {
  const present: Present[] = []
  for (const track of tracks) {
    if (track.id === 0 || track.falsePositive !== undefined) continue
    if (rule.zone === undefined) present.push({ track, sinceMs: track.bornMs })
    else {
      const there = presence[track.key]
      if (there?.inside && there.clearMs === undefined) present.push({ track, sinceMs: there.enteredMs })
    }
  }
  return present.sort((a, b) => a.sinceMs - b.sinceMs)
}

function eventOf(rule: RuleOf<'crowd'>, present: readonly Present[], atMs: number): RuleEvent {
  return {
    rule,
    subject: rule.zone === undefined ? 'picture' : `zone-${rule.zone}`,
    message: crowdMessage(present.length, rule.classes, rule.zone, rule.holdMs),
    atMs,
    objects: present.map(({ track }) => track),
    count: present.length,
  }
}
