import type { Track, Tracks } from '#schemas/camera.ts'
import type { CameraEvent } from '#schemas/camera-event.ts'
import type { Detections, GatedFrame } from '#schemas/detection.ts'
import type { TrackingInput } from '#schemas/monitor-steps.ts'
import { stepRules, type WatchPlan, watchPlan, zonesOf } from '../rules/rule-engine.ts'
import type { RuleEvent } from '../rules/rule-event.ts'
import { lookAgainMs } from '../track/look-again.ts'
import { type TrackOptions, trackOptions } from '../track/track-options.ts'
import { holdTracker, type ObservedTrack, observedTracks, stepTracker } from '../track/tracker.ts'
import { advanceTo, isCovered, orderFrame } from './frame-sequence.ts'
import type { MonitorState } from './monitor-state.ts'
import { withEvents, withFrame } from './tallies.ts'

/** What stays the same over a monitor's life. */
export interface MonitorSetup {
  monitor: string
  tenant: string
  camera: string
  plan: WatchPlan
  options: TrackOptions
  minScore: number
}

/** The setup of a monitor; `minScore` is what detections begin at when the input says nothing. */
export function monitorSetup(
  input: TrackingInput,
  { monitor, tenant, minScore }: { monitor: string; tenant: string; minScore: number },
): MonitorSetup {
  const minimum = input.minScore ?? minScore
  const options = trackOptions(minimum)
  return { monitor, tenant, camera: input.camera, plan: watchPlan(input), options, minScore: minimum }
}

/** What one frame brings; undefined `tracks` when it is not to be used. */
export interface MonitorStep {
  state: MonitorState
  tracks?: Tracks
  events: CameraEvent[]
}

/**
 * A monitor after one more frame: order → time → tracker → rules → events. Frames that were not looked at since nothing had moved
 * are time that passes over what is there. Pure.
 */
export function stepMonitor(
  setup: MonitorSetup,
  before: MonitorState,
  seen: Detections | GatedFrame,
  nowMs: number,
): MonitorStep {
  if ('gated' in seen) return stepGated(setup, before, seen, nowMs)
  const { order, verdict } = orderFrame(before.order, seen)
  if (verdict !== 'next') return { state: { ...before, order }, events: [] }
  const still = stillBefore(before, seen)
  const held =
    still && observe(setup, before, still, (state, atMs) => holdTracker(state, atMs, setup.options))
  const from = held?.state ?? before
  const detections = seen.detections.filter(({ score }) => score >= setup.minScore)
  const next = observe(setup, from, seen, (state, atMs) =>
    stepTracker(state, { atMs, detections }, setup.options),
  )
  const tracks: Tracks = {
    ...tracksOf(seen, next.shown, { order, latencyMs: nowMs - seen.capturedAtMs }),
    lookAgainMs: lookAgainMs(next.state.tracker, setup.options),
  }
  const events = [...(held?.events ?? []), ...next.events]
  const tallies = withFrame(before.tallies, tracks, {
    detections: detections.length,
    model: seen.model,
    rules: events.map(({ rule }) => rule.id),
  })
  return { state: { ...next.state, order, tallies }, tracks, events }
}

/** Nothing has moved: what was there is there. Unless what moved last has not come back yet, or never will: then nobody knows. */
function stepGated(setup: MonitorSetup, before: MonitorState, frame: GatedFrame, nowMs: number): MonitorStep {
  if (!isCovered(before.order, frame)) return { state: before, events: [] }
  const { order, verdict } = orderFrame(before.order, frame)
  if (verdict !== 'next') return { state: before, events: [] }
  const still = { ...frame, isStill: true }
  const { state, shown, events } = observe(setup, before, still, (tracker, atMs) =>
    holdTracker(tracker, atMs, setup.options),
  )
  const latencyMs = nowMs - frame.capturedAtMs
  const tracks: Tracks = { ...tracksOf(frame, shown, { order, latencyMs }), still: true }
  const tallies = withEvents(
    before.tallies,
    events.map(({ rule }) => rule.id),
  )
  return { state: { ...state, order, tallies }, tracks, events }
}

/** A frame as rules and events see it. */
type Moment = Pick<Detections, 'epoch' | 'seq' | 'capturedAtMs' | 'atMs' | 'mediaMs'> & { isStill?: boolean }

/** The last frame that was not looked at before this one, if what was there then is known and not told yet. */
function stillBefore({ order }: MonitorState, seen: Detections): Moment | undefined {
  const last = seen.gate?.last
  if (!last || last.seq <= order.seq || !isCovered(order, seen)) return undefined
  return { ...last, epoch: seen.epoch, isStill: true }
}

/** Time, tracker and rules at a moment; what is counted is the caller's. */
function observe(
  setup: MonitorSetup,
  before: MonitorState,
  moment: Moment,
  follow: (tracker: MonitorState['tracker'], atMs: number) => MonitorState['tracker'],
): { state: MonitorState; shown: Track[]; events: CameraEvent[] } {
  const timeline = advanceTo(before.timeline, moment.atMs)
  const atMs = timeline.lastMs
  const tracker = follow(before.tracker, atMs)
  const observed = observedTracks(tracker, setup.options)
  const rules = stepRules(setup.plan, before.rules, {
    ...{ atMs, wallMs: moment.atMs, tracks: observed },
    ...(moment.isStill && { isCovered: true }),
  })
  const shown = observed
    .filter(({ id }) => id > 0)
    .map((track) => trackOf(track, zonesOf(setup.plan, rules.state, track)))
  const events = rules.events.map((event) => cameraEventOf(setup, event, moment, atMs))
  return { state: { ...before, timeline, tracker, rules: rules.state }, shown, events }
}

function trackOf(
  { id, class: objectClass, label, score, box, predicted }: ObservedTrack,
  zones: string[],
): Track {
  return { id, class: objectClass, label, score, box, predicted, zones }
}

function tracksOf(
  { v, camera, monitor, epoch, seq, capturedAtMs, atMs, mediaMs }: Detections | GatedFrame,
  tracks: Track[],
  { order, latencyMs }: { order: MonitorState['order']; latencyMs: number },
): Tracks {
  const persons = tracks.filter((track) => track.class === 'person').length
  return {
    ...{ v, camera, monitor, epoch, seq, capturedAtMs, atMs, mediaMs },
    ...{ tracks, persons, vehicles: tracks.length - persons, latencyMs, frames: order.analysed },
    ...(order.gated !== undefined && { gated: order.gated }),
  }
}

/** Maximum of objects in one event. */
const MAX_OBJECTS = 100

function cameraEventOf(setup: MonitorSetup, event: RuleEvent, seen: Moment, nowMs: number): CameraEvent {
  const { rule, subject, message, zone, line, direction, count } = event
  const agoMs = nowMs - event.atMs
  const atMs = Math.round(seen.atMs - agoMs)
  return {
    v: 1,
    id: `${setup.monitor}:${rule.id}:${subject}:${atMs}`,
    tenant: setup.tenant,
    monitor: setup.monitor,
    camera: setup.camera,
    rule: { id: rule.id, kind: rule.kind, severity: rule.severity, cooldownMs: rule.cooldownMs },
    subject,
    message,
    atMs,
    mediaMs: Math.max(0, Math.round(seen.mediaMs - agoMs)),
    frame: { epoch: seen.epoch, seq: seen.seq, capturedAtMs: seen.capturedAtMs },
    objects: event.objects.slice(0, MAX_OBJECTS).map(({ id, class: objectClass, label, score, box }) => ({
      id,
      class: objectClass,
      label,
      score,
      box,
    })),
    ...(zone && { zone }),
    ...(line && { line }),
    ...(direction && { direction }),
    ...(count !== undefined && { count }),
  }
}
