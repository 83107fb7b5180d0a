import type { Track, Tracks } from '#schemas/camera.ts'
import type { CameraEvent } from '#schemas/camera-event.ts'
import type { Detection, Detections, GatedFrame } from '#schemas/detection.ts'
import type { FalsePositive } from '#schemas/false-positive.ts'
import type { TrackingInput } from '#schemas/monitor-steps.ts'
import type { IgnoreMask } from '#schemas/watch-rule.ts'
import { stepRules, type WatchPlan, watchPlan, zonesOf } from '../rules/rule-engine.ts'
import type { RuleEvent } from '../rules/rule-event.ts'
import { holdTracker } from '../track/hold-tracker.ts'
import { lookAgainMs, lookMovingMs } from '../track/look-again.ts'
import { type TrackOptions, trackOptions } from '../track/track-options.ts'
import { leaveView, type ObservedTrack, observedTracks, stepTracker } from '../track/tracker.ts'
import { type EventGroup, groupEvents } from './event-groups.ts'
import { markFalsePositives } from './false-positives.ts'
import { advanceTo, isCovered, orderFrame } from './frame-sequence.ts'
import { withoutMasked } from './ignore-masks.ts'
import type { MonitorState } from './monitor-state.ts'
import { withEvents, withFrame } from './tallies.ts'
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

/**
 * A monitor after one more frame: order → time → view → tracker → rules → events → groups. Frames that were not looked at since nothing had
 * moved are time that passes over what is there. Pure.
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
  const held = holdBefore(setup, before, seen)
  const from = held?.state ?? before
  const timeline = advanceTo(from.timeline, seen.atMs)
  const atMs = timeline.lastMs
  const view = stepView(from.view ?? NO_VIEW, seen.view, atMs)
  const { preset } = view
  const detections = withoutMasked(
    seen.detections.filter(({ score }) => score >= setup.minScore),
    setup.ignore,
    preset,
  )
  const watched = view.moving
    ? turnAway(setup, from)
    : watchView(setup, from, { atMs, wallMs: seen.atMs, preset, detections })
  const tracks: Tracks = {
    ...tracksOf(seen, shownOf(setup, watched), { order, latencyMs: nowMs - seen.capturedAtMs }),
    ...presetOf(view),
    ...(view.moving && { moving: true }),
    // What a camera that turns will show is known only when it is looked at.
    lookAgainMs: view.moving ? 0 : lookAgainMs(watched.tracker, setup.options),
    lookMovingMs: view.moving ? 0 : lookMovingMs(watched.tracker),
  }
  const raised = watched.rules.events.map((event) => cameraEventOf(setup, event, { seen, nowMs: atMs, view }))
  const { groups, events } = grouped(setup, before, [...(held?.raised ?? []), ...raised])
  const tallies = withFrame(before.tallies, tracks, {
    detections: detections.length,
    model: seen.model,
    modelWarning: seen.modelWarning,
    rules: told(events).map(({ rule }) => rule.id),
  })
  const { tracker, rules } = watched
  return { state: { timeline, order, tracker, rules: rules.state, tallies, view, groups }, tracks, events }
}

/** Nothing has moved: what was there is there. Unless what moved last has not come back yet, or never will: then nobody knows. */
function stepGated(setup: MonitorSetup, before: MonitorState, frame: GatedFrame, nowMs: number): MonitorStep {
  if (!isCovered(before.order, frame)) return { state: before, events: [] }
  const { order, verdict } = orderFrame(before.order, frame)
  if (verdict !== 'next') return { state: before, events: [] }
  const { state, shown, raised } = hold(setup, before, frame)
  const { groups, events } = grouped(setup, before, raised)
  const tallies = withEvents(
    before.tallies,
    told(events).map(({ rule }) => rule.id),
  )
  const latencyMs = nowMs - frame.capturedAtMs
  const { view = NO_VIEW } = state
  const tracks: Tracks = {
    ...tracksOf(frame, shown, { order, latencyMs }),
    ...presetOf(view),
    ...(view.moving && { moving: true }),
    still: true,
  }
  return { state: { ...state, order, tallies, groups }, tracks, events }
}

/** A frame as events tell it. */
type Moment = Pick<Detections, 'epoch' | 'seq' | 'capturedAtMs' | 'atMs' | 'mediaMs'> &
  Partial<Pick<Detections, 'model' | 'modelWarning'>>

interface Held {
  state: MonitorState
  shown: Track[]
  raised: CameraEvent[]
}

/** As of the last frame that was not looked at before this one, if what was there then is known and not told yet. */
function holdBefore(setup: MonitorSetup, before: MonitorState, seen: Detections): Held | undefined {
  const last = seen.gate?.last
  if (!last || last.seq <= before.order.seq || !isCovered(before.order, seen)) return undefined
  return hold(setup, before, { ...last, epoch: seen.epoch })
}

/** Time passes over a picture in which nothing moves: tracks stay, rules go on; what the view is says only a look. */
function hold(setup: MonitorSetup, before: MonitorState, moment: Moment): Held {
  const { view = NO_VIEW } = before
  const timeline = advanceTo(before.timeline, moment.atMs)
  const atMs = timeline.lastMs
  if (view.moving) return { state: { ...before, timeline }, shown: [], raised: [] }
  const { preset } = view
  const tracker = holdTracker(before.tracker, { atMs, preset, options: setup.options })
  const frame = { atMs, wallMs: moment.atMs, preset, isCovered: true }
  const watched = watchTracks(setup, before, tracker, frame)
  const { model, modelWarning } = before.tallies
  const seen = { ...moment, ...(model && { model }), ...(modelWarning && { modelWarning }) }
  return {
    state: { ...before, timeline, tracker, rules: watched.rules.state },
    shown: shownOf(setup, watched),
    raised: watched.rules.events.map((event) => cameraEventOf(setup, event, { seen, nowMs: atMs, view })),
  }
}

/** Events with their groups, and behind them those about learned false positives, which have none. */
function grouped(
  { plan }: MonitorSetup,
  { groups = [] }: MonitorState,
  raised: readonly CameraEvent[],
): { groups: EventGroup[]; events: CameraEvent[] } {
  const next = groupEvents(groups, told(raised), (id) => plan.rules.find((rule) => rule.id === id))
  const untold = raised.filter(({ falsePositive }) => falsePositive !== undefined)
  return { groups: [...next.groups], events: [...next.events, ...untold] }
}

function told(events: readonly CameraEvent[]): CameraEvent[] {
  return events.filter(({ falsePositive }) => falsePositive === undefined)
}

function presetOf({ presets, preset }: ViewState): Pick<Tracks, 'preset'> {
  return presets.length > 1 ? { preset } : {}
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

interface WatchedFrame {
  atMs: number
  wallMs: number
  preset: number
  isCovered?: boolean
}

function watchView(
  setup: MonitorSetup,
  before: MonitorState,
  frame: WatchedFrame & { detections: readonly Detection[] },
): Watched {
  return watchTracks(setup, before, stepTracker(before.tracker, frame, setup.options), frame)
}

/** The rules, once it is known who is where. */
function watchTracks(
  { plan, options, falsePositives }: MonitorSetup,
  before: MonitorState,
  tracker: MonitorState['tracker'],
  { atMs, wallMs, preset, isCovered: covered }: WatchedFrame,
): Watched {
  const observed = markFalsePositives(observedTracks(tracker, options), falsePositives, preset)
  const known = new Set(tracker.lost?.map(({ key }) => key))
  const observation = { atMs, wallMs, tracks: observed, preset, known, ...(covered && { isCovered: true }) }
  return { tracker, rules: stepRules(plan, before.rules, observation), observed }
}

function shownOf({ plan }: MonitorSetup, { observed, rules }: Watched): Track[] {
  return observed
    .filter(({ id, falsePositive }) => id > 0 && falsePositive === undefined)
    .map((track) => trackOf(track, zonesOf(plan, rules.state, track)))
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

function cameraEventOf(
  setup: MonitorSetup,
  event: RuleEvent,
  { seen, nowMs, view }: { seen: Moment; nowMs: number; view: ViewState },
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
    ...(seen.model !== undefined && { model: seen.model.slice(0, 64) }),
    ...(seen.modelWarning !== undefined && { modelWarning: seen.modelWarning }),
  }
}
