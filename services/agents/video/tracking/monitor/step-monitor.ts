import type { Track, Tracks } from '#schemas/camera.ts'
import type { CameraEvent } from '#schemas/camera-event.ts'
import type { Detections } from '#schemas/detection.ts'
import type { TrackingInput } from '#schemas/monitor-steps.ts'
import { stepRules, type WatchPlan, watchPlan, zonesOf } from '../rules/rule-engine.ts'
import type { RuleEvent } from '../rules/rule-event.ts'
import { type TrackOptions, trackOptions } from '../track/track-options.ts'
import { type ObservedTrack, observedTracks, stepTracker } from '../track/tracker.ts'
import { advanceTo, orderFrame } from './frame-sequence.ts'
import type { MonitorState } from './monitor-state.ts'
import { withFrame } from './tallies.ts'

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

/** A monitor after the detections of one more frame: order → time → tracker → rules → events. Pure. */
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
  const detections = seen.detections.filter(({ score }) => score >= setup.minScore)
  const tracker = stepTracker(before.tracker, { atMs, detections }, setup.options)
  const observed = observedTracks(tracker, setup.options)
  const rules = stepRules(setup.plan, before.rules, { atMs, wallMs: seen.atMs, tracks: observed })
  const shown = observed
    .filter(({ id }) => id > 0)
    .map((track) => trackOf(track, zonesOf(setup.plan, rules.state, track)))
  const tracks = tracksOf(seen, shown, { frames: order.analysed, latencyMs: nowMs - seen.capturedAtMs })
  const events = rules.events.map((event) => cameraEventOf(setup, event, seen, atMs))
  const tallies = withFrame(before.tallies, tracks, {
    detections: detections.length,
    model: seen.model,
    rules: events.map(({ rule }) => rule.id),
  })
  return { state: { timeline, order, tracker, rules: rules.state, tallies }, tracks, events }
}

function trackOf(
  { id, class: objectClass, label, score, box, predicted }: ObservedTrack,
  zones: string[],
): Track {
  return { id, class: objectClass, label, score, box, predicted, zones }
}

function tracksOf(
  { v, camera, monitor, epoch, seq, capturedAtMs, atMs, mediaMs, model }: Detections,
  tracks: Track[],
  { frames, latencyMs }: { frames: number; latencyMs: number },
): Tracks {
  const persons = tracks.filter((track) => track.class === 'person').length
  return {
    ...{ v, camera, monitor, epoch, seq, capturedAtMs, atMs, mediaMs },
    ...{ tracks, persons, vehicles: tracks.length - persons, latencyMs, frames, model },
  }
}

/** Maximum of objects in one event. */
const MAX_OBJECTS = 100

function cameraEventOf(setup: MonitorSetup, event: RuleEvent, seen: Detections, nowMs: number): CameraEvent {
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
