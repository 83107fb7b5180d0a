import type { Detection } from '#schemas/detection.ts'
import type { Box, Point } from '#schemas/geometry.ts'
import { type CameraRuleKind, type WatchRuleKind, watchRuleSchema } from '#schemas/watch-rule.ts'
import {
  EMPTY_RULES,
  type Observation,
  stepRules,
  type WatchPlan,
} from '../../../../services/agents/video/tracking/rules/rule-engine.ts'
import type {
  RuleEvent,
  RuleOf,
  TrackRule,
} from '../../../../services/agents/video/tracking/rules/rule-event.ts'
import { trackOptions } from '../../../../services/agents/video/tracking/track/track-options.ts'
import {
  EMPTY_TRACKER,
  type TrackerState,
} from '../../../../services/agents/video/tracking/track/track-state.ts'
import {
  type ObservedTrack,
  observedTracks,
  stepTracker,
} from '../../../../services/agents/video/tracking/track/tracker.ts'

export const START_MS = 1_790_000_000_000
const PERSON = { width: 0.04, height: 0.12 }
/** √ of the area of a person's box here: what margins are measured in. */
export const PERSON_SIZE = Math.sqrt(PERSON.width * PERSON.height)

/** The box of somebody who stands at a point. */
export function standing([x, y]: Point, { width, height } = PERSON): Box {
  return [x - width / 2, y - height, x + width / 2, y].map((v) => Math.min(1, Math.max(0, v))) as Box
}

export function person(at: Point, score = 0.8): Detection {
  return { class: 'person', label: 'person', score, box: standing(at) }
}

export function vehicle(box: Box, label = 'car', score = 0.8): Detection {
  return { class: 'vehicle', label, score, box }
}

/** Steps a tracker through frames and gives what is observed after each. */
export function track(
  frames: readonly { atMs: number; detections: Detection[] }[],
  from: TrackerState = EMPTY_TRACKER,
): { state: TrackerState; seen: ObservedTrack[][] } {
  const options = trackOptions()
  let state = from
  const seen = frames.map(({ atMs, detections }) => {
    state = stepTracker(state, { atMs: START_MS + atMs, detections }, options)
    return observedTracks(state, options)
  })
  return { state, seen }
}

/** Frames at even distances; `at` says what is there at each time. */
export function frames(
  durationMs: number,
  at: (ms: number) => Detection[],
  intervalMs = 100,
): { atMs: number; detections: Detection[] }[] {
  const result = []
  for (let atMs = 0; atMs <= durationMs; atMs += intervalMs) result.push({ atMs, detections: at(atMs) })
  return result
}

export function observed(key: number, at: Point, more: Partial<ObservedTrack> = {}): ObservedTrack {
  return {
    key,
    id: key,
    class: 'person',
    label: 'person',
    score: 0.8,
    box: standing(at),
    predicted: false,
    bornMs: START_MS,
    ...more,
  }
}

/** A rule with its defaults. */
export function rule<Kind extends Exclude<WatchRuleKind, CameraRuleKind>>(
  kind: Kind,
  more: object = {},
): RuleOf<Kind> {
  return watchRuleSchema.parse({ id: kind, kind, ...more }) as RuleOf<Kind>
}

export const ZONE = {
  id: 'yard',
  polygon: [
    [0.3, 0.3],
    [0.7, 0.3],
    [0.7, 0.7],
    [0.3, 0.7],
  ] as Point[],
}
/** From the bottom to the top of the picture: who comes from the left of it goes left to right. */
export const LINE = { id: 'exit', from: [0.5, 0.9] as Point, to: [0.5, 0.1] as Point }

export function plan(...rules: TrackRule[]): WatchPlan {
  return { zones: [ZONE], lines: [LINE], rules }
}

/** Runs rules over observations; each event with the time at which it was raised. Times count from START_MS. */
export function watch(
  plan: WatchPlan,
  observations: readonly Observation[],
): { event: RuleEvent; atMs: number; raisedMs: number }[] {
  let state = EMPTY_RULES
  return observations.flatMap((observation) => {
    const step = stepRules(plan, state, observation)
    // What is kept in a checkpoint must be enough to go on with.
    state = JSON.parse(JSON.stringify(step.state))
    return step.events.map((event) => ({
      event,
      atMs: event.atMs - START_MS,
      raisedMs: observation.atMs - START_MS,
    }))
  })
}

/** One track on a path: a point, or undefined where it is not seen. */
export function walk(
  path: readonly (Point | undefined)[],
  intervalMs = 100,
  more: Partial<ObservedTrack> = {},
): Observation[] {
  return path.map((at, i) => ({
    atMs: START_MS + i * intervalMs,
    tracks: at ? [observed(1, at, more)] : [],
  }))
}

/** `count` points from one place to another, both included. */
export function steps(from: Point, to: Point, count: number): Point[] {
  return Array.from({ length: count }, (_, i) => {
    const share = count === 1 ? 0 : i / (count - 1)
    return [from[0] + share * (to[0] - from[0]), from[1] + share * (to[1] - from[1])]
  })
}

export function still(at: Point, count: number): Point[] {
  return Array.from({ length: count }, () => at)
}
