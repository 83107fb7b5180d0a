import type { Clock } from '#platform/clock/clock.ts'
import { type CameraEvent, cameraStateEvent } from '#schemas/camera-event.ts'
import type { CameraRule } from '#schemas/watch-rule.ts'
import { isActive } from '../../frames/schedule.ts'

/** A rule about something that lasts while pictures come: blind, lagging. */
export type ConditionRule = Exclude<CameraRule, { kind: 'camera-offline' }>
export type Condition = ConditionRule['kind']

/** How it is with a condition just now. */
export interface ConditionNow {
  /** Why it holds; undefined: it does not. */
  reason?: string | undefined
  /** How long it holds; of one that does not, how long ago that was seen. Milliseconds. */
  forMs: number
}

/** Tells when conditions of a camera have lasted for as long as their rules say, and when they are over. */
export interface ConditionAlerts {
  /** To be called often while pictures come: what is to be told. Of a condition that is left out nothing is known just now. */
  due(now: Readonly<Partial<Record<Condition, ConditionNow>>>): CameraEvent[]
}

const BEGINS: Readonly<Record<Condition, (camera: string) => string>> = {
  'camera-blind': (camera) => `Camera ${camera} is blind: pictures come, and nobody sees what is in them`,
  'camera-lagging': (camera) => `Camera ${camera} lags behind`,
}
const ENDS: Readonly<Record<Condition, (camera: string) => string>> = {
  'camera-blind': (camera) => `Camera ${camera} sees again`,
  'camera-lagging': (camera) => `Camera ${camera} is live again`,
}
/** What an earlier instance has said of them is not known here: it is over once this one has seen that it is. */
const SEEN_OVER_MS = 1000

/**
 * What every monitor is told of its camera unless it has rules of its own about that: nobody should have to ask to be told that
 * nothing is watched. Pure.
 */
export function conditionRules(rules: readonly CameraRule[]): ConditionRule[] {
  const own = rules.filter((rule): rule is ConditionRule => rule.kind !== 'camera-offline')
  return [...own, ...UNASKED.filter(({ kind }) => own.every((rule) => rule.kind !== kind))]
}

const UNASKED: readonly ConditionRule[] = [
  { id: 'camera-blind', kind: 'camera-blind', afterMs: 5000, severity: 'high', cooldownMs: 60_000 },
  { id: 'camera-lagging', kind: 'camera-lagging', afterMs: 2000, severity: 'medium', cooldownMs: 60_000 },
]

/**
 * Each begin and each end is told once; outside of a rule's hours only ends are. What still holds when the monitor ends is closed with it
 * by alerting. Pure but for the clock.
 */
export function createConditionAlerts(
  rules: readonly ConditionRule[],
  about: { tenant: string; monitor: string; camera: string },
  clock: Pick<Clock, 'nowMs' | 'monotonicMs'>,
): ConditionAlerts {
  const startedAtMs = clock.nowMs()
  /** Rules of which it was said here that they hold, with since when. Unix milliseconds. */
  const told = new Map<string, number>()
  const unknown = new Set(rules.map(({ id }) => id))
  const overSince = new Map<string, number>()

  function eventOf(
    rule: ConditionRule,
    phase: 'begin' | 'end',
    sinceMs: number,
    message: string,
  ): CameraEvent {
    const { id, kind, severity, cooldownMs } = rule
    const atMs = clock.nowMs()
    const mediaMs = Math.max(0, atMs - startedAtMs)
    const moment = { phase, sinceMs, message, atMs, mediaMs }
    return cameraStateEvent({ ...about, rule: { id, kind, severity, cooldownMs } }, moment)
  }

  function begin(rule: ConditionRule, { forMs, reason }: ConditionNow): CameraEvent[] {
    overSince.delete(rule.id)
    if (told.has(rule.id) || forMs < rule.afterMs || !isActive(rule.schedule, clock.nowMs())) return []
    const sinceMs = clock.nowMs() - forMs
    told.set(rule.id, sinceMs)
    unknown.delete(rule.id)
    const message = `${BEGINS[rule.kind](about.camera)} since ${inSeconds(forMs)}: ${reason}`
    return [eventOf(rule, 'begin', sinceMs, message)]
  }

  function end(rule: ConditionRule, { forMs }: ConditionNow): CameraEvent[] {
    const sinceMs = told.get(rule.id)
    if (sinceMs === undefined && !unknown.has(rule.id)) return []
    // Not the moment at which it is told: it may have begun again between the two. What was seen before it began ends nothing.
    const endedMs = clock.nowMs() - forMs
    if (sinceMs !== undefined && endedMs < sinceMs) return []
    const nowMs = clock.monotonicMs()
    const overMs = overSince.get(rule.id) ?? nowMs
    overSince.set(rule.id, overMs)
    if (sinceMs === undefined && nowMs - overMs < SEEN_OVER_MS) return []
    told.delete(rule.id)
    unknown.delete(rule.id)
    const after = sinceMs === undefined ? '' : `, after ${inSeconds(endedMs - sinceMs)}`
    return [eventOf(rule, 'end', endedMs, `${ENDS[rule.kind](about.camera)}${after}`)]
  }

  return {
    due: (now) =>
      rules.flatMap((rule) => {
        const condition = now[rule.kind]
        if (!condition) return []
        return condition.reason === undefined ? end(rule, condition) : begin(rule, condition)
      }),
  }
}

function inSeconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`
}
