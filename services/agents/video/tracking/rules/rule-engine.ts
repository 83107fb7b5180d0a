import { z } from 'zod'
import type { WatchRulesFile } from '#schemas/monitor-request.ts'
import { isCameraRule, type Line, type Zone } from '#schemas/watch-rule.ts'
import { isActive } from '../../frames/schedule.ts'
import type { ObservedTrack } from '../track/tracker.ts'
import { crowdStateSchema, NO_CROWD, stepCrowd } from './crowd.ts'
import { isOfInterest, stepPassed } from './eligibility.ts'
import { type KnownKeys, withoutForgotten } from './known-keys.ts'
import { crossingsSchema, stepLineCrossing } from './line-crossing.ts'
import type { RuleEvent, RuleView, TrackRule } from './rule-event.ts'
import { stepPresence, type ZonePresence, zonePresenceSchema } from './zone-presence.ts'
import { stepIntrusion, stepLoitering, visitsSchema } from './zone-visits.ts'

/** What is watched at one camera. */
export interface WatchPlan {
  zones: readonly Zone[]
  lines: readonly Line[]
  rules: readonly TrackRule[]
}

/** What is remembered of one rule; of the last three its kind has one. */
const ruleMemorySchema = z.object({
  /** Since when its schedule holds; null: since before the first frame; missing: it does not. */
  activeSinceMs: z.number().nullable().optional(),
  crowd: crowdStateSchema.optional(),
  visits: visitsSchema.optional(),
  crossings: crossingsSchema.optional(),
  /** Who has been in a zone that the rule requires, by the track's key. */
  passed: z.record(z.string(), z.object({ seenMs: z.number() })).optional(),
})
type RuleMemory = z.infer<typeof ruleMemorySchema>

/** All that the rules remember, in the order of the plan: plain JSON, so that another instance can resume from it. */
export const ruleStateSchema = z.object({
  /** Of the last frame, and from the one before to it. */
  atMs: z.number().optional(),
  gapMs: z.number().optional(),
  zones: z.array(zonePresenceSchema),
  rules: z.array(ruleMemorySchema),
})
export type RuleState = z.infer<typeof ruleStateSchema>

export const EMPTY_RULES: RuleState = { zones: [], rules: [] }

/** One frame as the rules see it. */
export interface Observation {
  /** On a time line that never goes back. Milliseconds. */
  atMs: number
  /** What schedules go by: Unix milliseconds of the same moment. `atMs` unless given. */
  wallMs?: number
  /** Nothing has moved since the observation before: so much is known of the time between. */
  isCovered?: boolean
  tracks: readonly ObservedTrack[]
  /** The view of a camera that turns: zones and lines of others do not hold. The first unless given. */
  preset?: number
  /** Keys that the tracker may find again. None unless given. */
  known?: KnownKeys
}

const NO_KEYS: KnownKeys = new Set()

/** The rules of a plan that are about tracks. */
export function watchPlan({ zones, lines, rules }: WatchRulesFile): WatchPlan {
  return { zones, lines, rules: rules.filter((rule): rule is TrackRule => !isCameraRule(rule)) }
}

/** Without frames for so long, and for so many times as long as before, what happened in between is unknown. Milliseconds. */
const BLIND_MS = 2000
const BLIND_GAPS = 3

/** The rules after one more frame, and what came true in it. Pure. */
export function stepRules(
  plan: WatchPlan,
  before: RuleState,
  observation: Observation,
): { state: RuleState; events: RuleEvent[] } {
  const { atMs, tracks, preset = 1, known = NO_KEYS } = observation
  const sinceMs = atMs - (before.atMs ?? atMs)
  const gapMs = observation.isCovered ? Math.min(sinceMs, before.gapMs ?? sinceMs) : sinceMs
  const isHere = (drawn: Zone | Line | undefined) => drawn?.preset === undefined || drawn.preset === preset
  const zones = plan.zones.map((zone, i) => {
    const presence = before.zones[i] ?? {}
    const frame = { atMs, lastMs: before.atMs, tracks: isHere(zone) ? tracks : [], known }
    return stepPresence(presence, zone.polygon, frame)
  })
  const events: RuleEvent[] = []
  const rules = plan.rules.map((rule, i) => {
    const memory = before.rules[i] ?? {}
    const isOn = isActive(rule.schedule, observation.wallMs ?? atMs)
    const activeSinceMs = isOn ? activeSince(memory, before.atMs, atMs) : undefined
    const zone = 'zone' in rule ? plan.zones.findIndex(({ id }) => id === rule.zone) : -1
    const line = 'line' in rule ? plan.lines.find(({ id }) => id === rule.line) : undefined
    const passed = passedOf(plan, rule, memory, zones, { tracks, atMs, known })
    const isShown = isHere(plan.zones[zone]) && isHere(line)
    const step = stepRule(plan, rule, memory, {
      atMs,
      wasBlind: gapMs > BLIND_MS && gapMs > BLIND_GAPS * (before.gapMs ?? gapMs),
      tracks: isShown
        ? tracks.filter((track) => isOfInterest(rule, track) && (!passed || passed[track.key]))
        : [],
      presence: zones[zone] ?? {},
      activeSinceMs: activeSinceMs === null ? Number.NEGATIVE_INFINITY : activeSinceMs,
      known,
    })
    for (const event of step.events) events.push(zone < 0 ? event : { ...event, zone: plan.zones[zone]! })
    return {
      ...step.memory,
      ...(activeSinceMs !== undefined && { activeSinceMs }),
      ...(passed && { passed }),
    }
  })
  return { state: { atMs, gapMs, zones, rules }, events }
}

function passedOf(
  plan: WatchPlan,
  { requiredZones }: TrackRule,
  memory: RuleMemory,
  presence: readonly ZonePresence[],
  { tracks, atMs, known }: { tracks: readonly ObservedTrack[]; atMs: number; known: KnownKeys },
): Record<string, { seenMs: number }> | undefined {
  if (!requiredZones) return undefined
  const required = presence.filter((_, i) => requiredZones.includes(plan.zones[i]!.id))
  return stepPassed(withoutForgotten(memory.passed ?? {}, atMs, known), required, { tracks, atMs })
}

/** Zones that a track is in, in the order of the plan. Pure. */
export function zonesOf(plan: WatchPlan, state: RuleState, { key }: ObservedTrack): string[] {
  return plan.zones.filter((_, i) => state.zones[i]?.[key]?.inside).map(({ id }) => id)
}

function activeSince(memory: RuleMemory, lastMs: number | undefined, atMs: number): number | null {
  if (memory.activeSinceMs !== undefined) return memory.activeSinceMs
  return lastMs === undefined ? null : atMs
}

function stepRule(
  plan: WatchPlan,
  rule: TrackRule,
  memory: RuleMemory,
  view: RuleView,
): { memory: RuleMemory; events: RuleEvent[] } {
  switch (rule.kind) {
    case 'crowd': {
      const { state, events } = stepCrowd(rule, memory.crowd ?? NO_CROWD, view)
      return { memory: { crowd: state }, events }
    }
    case 'intrusion': {
      const { state, events } = stepIntrusion(rule, memory.visits ?? {}, view)
      return { memory: { visits: state }, events }
    }
    case 'loitering': {
      const { state, events } = stepLoitering(rule, memory.visits ?? {}, view)
      return { memory: { visits: state }, events }
    }
    case 'line-crossing': {
      const line = plan.lines.find(({ id }) => id === rule.line)
      if (!line) return { memory, events: [] }
      const { state, events } = stepLineCrossing(rule, line, memory.crossings ?? {}, view)
      return { memory: { crossings: state }, events: events.map((event) => ({ ...event, line })) }
    }
  }
}
