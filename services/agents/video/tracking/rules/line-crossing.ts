import { z } from 'zod'
import type { Box, Point } from '#schemas/geometry.ts'
import type { Line } from '#schemas/watch-rule.ts'
import { bottomCentre, boxArea } from '../geometry.ts'
import type { ObservedTrack } from '../track/tracker.ts'
import { withoutForgotten } from './known-keys.ts'
import {
  crossedMessage,
  eventTime,
  type RuleEvent,
  type RuleOf,
  type RuleView,
  trackSubject,
} from './rule-event.ts'

const sideSchema = z.enum(['left', 'right'])
export type Side = z.infer<typeof sideSchema>
export const DIRECTIONS = { left: 'left-to-right', right: 'right-to-left' } as const

const pointSchema = z.tuple([z.number(), z.number()])

/**
 * One track at one line. It has a side once it has been there clearly or for a while; then its path is watched for the other
 * side, and when it has that one as surely, the line was crossed where and when the path last did.
 */
const crossingSchema = z.object({
  /** The side that it has; undefined at first. */
  side: sideSchema.optional(),
  /** The side of the last point, and since when without a break. Milliseconds of the time line. */
  near: sideSchema,
  nearSinceMs: z.number(),
  last: pointSchema,
  seenMs: z.number(),
  /** The last time that the path went over, and whether that was between the line's ends. */
  over: z.object({ atMs: z.number(), between: z.boolean() }).optional(),
  /** Directions in which a crossing was raised, until the track has been away from the line. */
  told: z.array(sideSchema),
  /** One more in a direction that is told already, not taken back since: told when the track is away from the line on that side. */
  withheld: z.object({ from: sideSchema, atMs: z.number() }).optional(),
})
export type Crossing = z.infer<typeof crossingSchema>

/** By the track's key. */
export const crossingsSchema = z.record(z.string(), crossingSchema)
export type Crossings = z.infer<typeof crossingsSchema>

export const CROSSING = {
  /** A side is sure farther from the line than this share of the object's size (√ of its box's area) … */
  margin: 0.15,
  /** … or after so long there. Milliseconds. */
  settleMs: 600,
  /** Farther away than this share of its size, the same crossing can happen again. */
  away: 0.5,
} as const

/**
 * Objects whose bottom centre went over the line between its ends. One event a crossing, however the box trembles on the
 * line; raised once per track and direction until it has been away from the line. What is withheld meanwhile is settled by the side
 * on which it is away: so crossings of one track take turns in their directions, and their balance is the side that it is on. Pure.
 */
export function stepLineCrossing(
  rule: RuleOf<'line-crossing'>,
  line: Line,
  known: Crossings,
  view: RuleView,
): { state: Crossings; events: RuleEvent[] } {
  const state: Crossings = withoutForgotten(known, view.atMs, view.known)
  const events: RuleEvent[] = []
  for (const track of view.tracks) {
    if (track.predicted) continue
    // Who is known again goes on with its own path.
    if (track.bornAs !== undefined) delete state[track.bornAs]
    const before = state[track.key]
    if (before && track.place && isWhere(before, track.place)) {
      state[track.key] = { ...before, seenMs: view.atMs }
      continue
    }
    const { crossing, from, overMs } = stepOne(before, line, track, view.atMs)
    state[track.key] = crossing
    if (from === undefined || overMs === undefined) continue
    const isWanted = rule.direction === 'any' || rule.direction === DIRECTIONS[from]
    // The schedule must have been active at the crossing itself: it is active now, and was then if it began before.
    if (!isWanted || view.activeSinceMs === undefined || overMs < view.activeSinceMs) continue
    events.push(eventOf(rule, track, DIRECTIONS[from], eventTime(overMs, view.atMs)))
  }
  return { state, events }
}

/** What stands crosses nothing, however its box trembles and jumps on the line; what creeps, place by place, goes on. */
function isWhere({ last: [x, y] }: Crossing, place: Box): boolean {
  const [placeX, placeY] = bottomCentre(place)
  return Math.hypot(placeX - x, placeY - y) <= CROSSING.away * Math.sqrt(boxArea(place))
}

interface Step {
  crossing: Crossing
  /** The side that it came from, and when it went over, if an event is due now. */
  from?: Side
  overMs?: number
}

function stepOne(before: Crossing | undefined, line: Line, track: ObservedTrack, atMs: number): Step {
  const point = bottomCentre(track.box)
  const size = Math.sqrt(boxArea(track.box))
  const near = sideOf(line, point)
  const distance = distanceToLine(line, point)
  const isSure = distance > CROSSING.margin * size
  if (!before) {
    const crossing = { near, nearSinceMs: atMs, last: point, seenMs: atMs, told: [] }
    return { crossing: isSure ? { ...crossing, side: near } : crossing }
  }
  const over = near === before.near ? before.over : overBetween(line, before, point, atMs)
  const nearSinceMs = near === before.near ? before.nearSinceMs : atMs
  const told = distance > CROSSING.away * size ? [] : before.told
  const seen = { near, nearSinceMs, last: point, seenMs: atMs, told, ...(over && { over }) }
  const crossing: Crossing = { ...before, ...seen }
  const isSettled = isSure || atMs - nearSinceMs >= CROSSING.settleMs
  // What is not confirmed yet waits where it is.
  if (!isSettled || (track.id === 0 && before.side !== undefined)) return { crossing }
  if (near === before.side) return settleWithheld(crossing)
  return changeSide(crossing, over)
}

/** It is surely on the other side now: told, unless that is told already. Whoever goes back takes along what was withheld. */
function changeSide(crossing: Crossing, over: Crossing['over']): Step {
  const { side: from, near, withheld, ...rest } = crossing
  const changed: Crossing = { ...rest, near, side: near }
  if (from === undefined || withheld || !over?.between) return { crossing: changed }
  if (crossing.told.includes(from)) return { crossing: { ...changed, withheld: { from, atMs: over.atMs } } }
  return { crossing: { ...changed, told: [...crossing.told, from] }, from, overMs: over.atMs }
}

/** Away from the line again, on the side of a crossing that was withheld: it stands. */
function settleWithheld(crossing: Crossing): Step {
  const { withheld, ...rest } = crossing
  if (!withheld || crossing.told.includes(withheld.from)) return { crossing }
  return { crossing: { ...rest, told: [withheld.from] }, from: withheld.from, overMs: withheld.atMs }
}

/** Left or right of somebody who stands at `from` and looks towards `to`; y points down, as in pictures. Pure. */
export function sideOf({ from, to }: Line, [x, y]: Point): Side {
  const turn = (to[0] - from[0]) * (y - from[1]) - (to[1] - from[1]) * (x - from[0])
  return turn < 0 ? 'left' : 'right'
}

function distanceToLine({ from, to }: Line, [x, y]: Point): number {
  const turn = (to[0] - from[0]) * (y - from[1]) - (to[1] - from[1]) * (x - from[0])
  return Math.abs(turn) / Math.hypot(to[0] - from[0], to[1] - from[1])
}

/** Where and when the step from the last point to this one goes over. */
function overBetween(
  line: Line,
  before: Crossing,
  point: Point,
  atMs: number,
): { atMs: number; between: boolean } {
  const [x, y] = before.last
  const was = distanceToLine(line, [x, y])
  const is = distanceToLine(line, point)
  const share = was + is > 0 ? was / (was + is) : 1
  const on: Point = [x + share * (point[0] - x), y + share * (point[1] - y)]
  const { from, to } = line
  const length = (to[0] - from[0]) ** 2 + (to[1] - from[1]) ** 2
  const along = ((on[0] - from[0]) * (to[0] - from[0]) + (on[1] - from[1]) * (to[1] - from[1])) / length
  return { atMs: before.seenMs + share * (atMs - before.seenMs), between: along >= 0 && along <= 1 }
}

function eventOf(
  rule: RuleOf<'line-crossing'>,
  track: ObservedTrack,
  direction: RuleEvent['direction'] & string,
  atMs: number,
): RuleEvent {
  const message = crossedMessage(track.class, rule.line, direction)
  return { rule, subject: trackSubject(track), message, atMs, objects: [track], direction }
}
