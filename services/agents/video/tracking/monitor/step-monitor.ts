import type { Track, Tracks } from '#schemas/camera.ts'
import type { CameraEvent } from '#schemas/camera-event.ts'
import type { Detection, Detections } from '#schemas/detection.ts'
import type { FalsePositive } from '#schemas/false-positive.ts'
import type { TrackingInput } from '#schemas/monitor-steps.ts'
import type { IgnoreMask } from '#schemas/watch-rule.ts'
import { stepRules, type WatchPlan, watchPlan, zonesOf } from '../rules/rule-engine.ts'
import type { RuleEvent } from '../rules/rule-event.ts'
import { type TrackOptions, trackOptions } from '../track/track-options.ts'
import { leaveView, type ObservedTrack, observedTracks, stepTracker } from '../track/tracker.ts'
import { groupEvents } from './event-groups.ts'
import { markFalsePositives } from './false-positives.ts'
import { advanceTo, orderFrame } from './frame-sequence.ts'
import { withoutMasked } from './ignore-masks.ts'
import type { MonitorState } from './monitor-state.ts'
import { withFrame } from './tallies.ts'
import { NO_VIEW, stepView, type ViewState } from './view-presets.ts'

/** What stays the same over a monitor's life. */
export interface MonitorSetup {
  monitor: string
  tenant: string
  camera: string
  plan: WatchPlan
  options: TrackOptions
  minScore: number
  /** What stands in these is taken as not seen. */
  ignore: readonly IgnoreMask[]
  /** What this camera is known to take for something that it is not. They may change while the monitor runs. */
  falsePositives: readonly FalsePositive[]
}

/** The setup of a monitor; `minScore` is what detections begin at when the input says nothing. */
export function monitorSetup(
  input: TrackingInput,
  { monitor, tenant, minScore }: { monitor: string; tenant: string; minScore: number },
): MonitorSetup {
  const minimum = input.minScore ?? minScore
  const options = trackOptions(minimum)
  // What the detector believes of single classes is believed here too.
  const lowest = Math.min(minimum, ...Object.values(input.scores ?? {}))
  return {
    monitor,
    tenant,
    camera: input.camera,
    plan: watchPlan(input),
    options,
    minScore: lowest,
    ignore: input.ignore ?? [],
    falsePositives: [],
  }
}

/** What one frame brings; undefined `tracks` when it is not to be used. */
export interface MonitorStep {
  state: MonitorState
  tracks?: Tracks
  events: CameraEvent[]
}

/** A monitor after the detections of one more frame: order → time → view → tracker → rules → events → groups. Pure. */
export function stepMonitor(
  setup: MonitorSetup,
  before: MonitorState,
  seen: Detections,
  nowMs: number,
): MonitorStep {
  const { order, verdict } = orderFrame(before.order, seen)
  if (verdict !== 'next') return { state: { ...before, order }, events: [] }
  const timeline = advanceTo(before.timeline, seen.atMs)
  const atMs = timeline.lastMs
  const view = stepView(before.view ?? NO_VIEW, seen.view, atMs)
  const { preset } = view
  const detections = withoutMasked(
    seen.detections.filter(({ score }) => score >= setup.minScore),
    setup.ignore,
    preset,
  )
  const { tracker, rules, observed } = view.moving
    ? turnAway(setup, before)
    : watchView(setup, before, { atMs, wallMs: seen.atMs, preset, detections })
  const shown = observed
    .filter(({ id, falsePositive }) => id > 0 && falsePositive === undefined)
    .map((track) => trackOf(track, zonesOf(setup.plan, rules.state, track)))
  const tracks: Tracks = {
    ...tracksOf(seen, shown, { frames: order.analysed, latencyMs: nowMs - seen.capturedAtMs }),
    ...(view.presets.length > 1 && { preset }),
    ...(view.moving && { moving: true }),
  }
  const raised = rules.events.map((event) => cameraEventOf(setup, event, { seen, nowMs: atMs, view }))
  const told = raised.filter(({ falsePositive }) => falsePositive === undefined)
  const { groups, events } = groupEvents(before.groups ?? [], told, (id) =>
    setup.plan.rules.find((rule) => rule.id === id),
  )
  const tallies = withFrame(before.tallies, tracks, {
    detections: detections.length,
    model: seen.model,
    modelWarning: seen.modelWarning,
    rules: events.map(({ rule }) => rule.id),
  })
  return {
    state: { timeline, order, tracker, rules: rules.state, tallies, view, groups: [...groups] },
    tracks,
    events: [...events, ...raised.filter(({ falsePositive }) => falsePositive !== undefined)],
  }
}

interface Watched {
  tracker: MonitorState['tracker']
  rules: ReturnType<typeof stepRules>
  observed: readonly ObservedTrack[]
}

/** While a camera turns nothing is followed, and no rule holds. */
function turnAway({ options }: MonitorSetup, { tracker, rules, view = NO_VIEW }: MonitorState): Watched {
  const left = view.moving ? tracker : leaveView(tracker, view.preset, options)
  return { tracker: left, rules: { state: rules, events: [] }, observed: [] }
}

function watchView(
  { plan, options, falsePositives }: MonitorSetup,
  before: MonitorState,
  frame: { atMs: number; wallMs: number; preset: number; detections: readonly Detection[] },
): Watched {
  const { atMs, wallMs, preset } = frame
  const tracker = stepTracker(before.tracker, frame, options)
  const observed = markFalsePositives(observedTracks(tracker, options), falsePositives, preset)
  const known = new Set(tracker.lost?.map(({ key }) => key))
  return {
    tracker,
    rules: stepRules(plan, before.rules, { atMs, wallMs, tracks: observed, preset, known }),
    observed,
  }
}

function trackOf(
  { id, class: objectClass, label, score, box, predicted }: ObservedTrack,
  zones: string[],
): Track {
  return { id, class: objectClass, label, score, box, predicted, zones }
}

function tracksOf(
  { v, camera, monitor, epoch, seq, capturedAtMs, atMs, mediaMs }: Detections,
  tracks: Track[],
  { frames, latencyMs }: { frames: number; latencyMs: number },
): Tracks {
  const persons = tracks.filter((track) => track.class === 'person').length
  return {
    ...{ v, camera, monitor, epoch, seq, capturedAtMs, atMs, mediaMs },
    ...{ tracks, persons, vehicles: tracks.length - persons, latencyMs, frames },
  }
}

/** Maximum of objects in one event. */
const MAX_OBJECTS = 100

function cameraEventOf(
  setup: MonitorSetup,
  event: RuleEvent,
  { seen, nowMs, view }: { seen: Detections; nowMs: number; view: ViewState },
): CameraEvent {
  const { falsePositive, rule, subject, message, zone, line, direction, count } = event
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
    objects: event.objects
      .slice(0, MAX_OBJECTS)
      .map(({ id, class: objectClass, label, score, box, look }) => ({
        ...{ id, class: objectClass, label, score, box },
        ...(look !== undefined && { look }),
      })),
    ...(zone && { zone }),
    ...(line && { line }),
    ...(direction && { direction }),
    ...(count !== undefined && { count }),
    ...(falsePositive !== undefined && { falsePositive }),
    ...(view.presets.length > 1 && { preset: view.preset }),
    model: seen.model.slice(0, 64),
    ...(seen.modelWarning !== undefined && { modelWarning: seen.modelWarning }),
  }
}
