import type { Clock } from '#platform/clock/clock.ts'
import type { CorePublishing } from '#platform/nats/bus.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import type { Tracks } from '#schemas/camera.ts'
import type { CameraEvent } from '#schemas/camera-event.ts'
import type { Detections, GatedFrame } from '#schemas/detection.ts'
import type { FalsePositive } from '#schemas/false-positive.ts'
import type { TrackingSummary } from '#schemas/monitor-steps.ts'
import type { AgentContext } from '#sdk/index.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { cameraLabel } from '../../frames/camera-label.ts'
import type { CheckpointStore } from './checkpoint-store.ts'
import { CompleteFrames } from './complete-frames.ts'
import type { EventOutbox } from './event-outbox.ts'
import type { CaptureCounts } from './frame-sequence.ts'
import { createLatencyHistogram } from './latency-histogram.ts'
import { type Checkpoint, NEW_MONITOR, summarise, trackingProgressNote } from './monitor-state.ts'
import { SkippedFrames } from './skipped-frames.ts'
import { type MonitorSetup, stepMonitor } from './step-monitor.ts'
import { eventCount } from './tallies.ts'

export interface CameraTrackerDeps {
  setup: MonitorSetup
  bus: CorePublishing
  clock: Clock
  store: CheckpointStore
  outbox: EventOutbox
  ctx: Pick<AgentContext, 'progress'>
  metrics?: Metrics | undefined
}

/** Tracks one camera: takes detections one after the other and holds the state. One instance at a time has it. */
export interface CameraTracker {
  /** Uses, counts or ignores what was seen in a frame, or that nothing has moved. */
  onDetections(seen: Detections | GatedFrame): void
  /** From now on this is what the camera takes for something that it is not. */
  learn(falsePositives: readonly FalsePositive[]): void
  /** The newest epoch that frames came of. */
  readonly epoch: number
  /** Saves what is known. */
  save(): Promise<void>
  /** Resolves when every event raised so far is stored in its stream. */
  settled(): Promise<void>
  /** Sums up, for good: the next instance finds the summary. */
  finish(captureCounts: CaptureCounts | undefined): Promise<TrackingSummary>
}

const INTERVAL_MS = 1000
/** An event waits for its checkpoint, so that it is not raised again by the next instance; but not for a Redis that hangs. */
const CHECKPOINT_TIMEOUT_MS = 100

/** A tracker that resumes from the checkpoint of a previous instance, or begins. */
export function createCameraTracker(
  deps: CameraTrackerDeps,
  previous: Checkpoint | undefined,
): CameraTracker {
  const { bus, clock, store, outbox, ctx, metrics } = deps
  let { setup } = deps
  const latency = createLatencyHistogram(previous?.latency)
  const complete = new CompleteFrames()
  let last: Tracks | undefined
  const skipped = new SkippedFrames(previous?.state.order.epoch)
  let state = previous?.state ?? NEW_MONITOR
  let summary: TrackingSummary | undefined
  let savedMs = clock.monotonicMs()
  let reportedMs = Number.NEGATIVE_INFINITY
  const raising = new Set<Promise<void>>()

  const checkpoint = (): Checkpoint => ({
    v: 1,
    state,
    latency: latency.toJSON(),
    events: outbox.pending,
    ...(summary && { summary }),
  })

  function save(): Promise<void> {
    savedMs = clock.monotonicMs()
    return store.save(checkpoint)
  }

  async function raise(events: readonly CameraEvent[]): Promise<void> {
    outbox.add(events)
    const timeLimit = new AbortController()
    await Promise.race([save(), clock.sleep(CHECKPOINT_TIMEOUT_MS, timeLimit.signal)])
    timeLimit.abort()
    outbox.send(events)
    // Stored: no next instance has to send them again.
    void outbox.settled().then(save)
  }

  function raiseInBackground(events: readonly CameraEvent[]): void {
    const raised = raise(events).finally(() => raising.delete(raised))
    raising.add(raised)
  }

  function report(tracks: Tracks): void {
    const nowMs = clock.monotonicMs()
    if (nowMs - savedMs >= INTERVAL_MS) void save()
    if (nowMs - reportedMs < INTERVAL_MS) return
    reportedMs = nowMs
    // The duration is unknown here: the note is what counts.
    ctx.progress(0, trackingProgressNote(tracks, eventCount(state.tallies)))
  }

  function tell(tracks: Tracks): void {
    last = tracks
    bus.publishCore(SUBJECTS.tracks(setup.tenant, setup.camera), JSON.stringify(tracks))
  }

  /** A frame of a reading that loses none is told to be back also when nothing comes of it: it would be sent for ever. */
  function useInTurn(seen: Detections): void {
    const { ready, isRepeated } = complete.take(seen, state.order)
    for (const each of ready) {
      if (each.failed) tell({ ...(last ?? noTracks(each)), epoch: each.epoch, seq: each.seq })
      else use(each)
    }
    if (isRepeated && last?.epoch === seen.epoch) tell(last)
    // Another instance used it, and died before it told so.
    else if (isRepeated) tell(noTracks(seen))
  }

  function use(seen: Detections | GatedFrame): void {
    const step = stepMonitor(setup, state, seen, clock.nowMs())
    state = step.state
    const isLooked = !('gated' in seen)
    if (metrics && isLooked)
      count(metrics, { camera: cameraLabel(setup.tenant, seen.camera), skipped: skipped.since(seen) }, step)
    if (!step.tracks) return
    // First of all: a capture that reads a clip waits for this before it sends more.
    tell(step.tracks)
    if (isLooked) latency.record(step.tracks.latencyMs)
    if (step.events.length > 0) raiseInBackground(step.events)
    report(step.tracks)
  }

  return {
    onDetections: (seen) => (seen.pace === 'live' || 'gated' in seen ? use(seen) : useInTurn(seen)),
    learn(falsePositives) {
      setup = { ...setup, falsePositives }
    },
    get epoch() {
      return state.order.epoch
    },
    save,
    async settled() {
      await Promise.all(raising)
      await outbox.settled()
    },
    async finish(captureCounts) {
      summary = summarise(setup.camera, state, latency, captureCounts)
      await save()
      return summary
    },
  }
}

function count(
  metrics: Metrics,
  { camera, skipped }: { camera: string; skipped: number },
  { tracks, events }: { tracks?: Tracks | undefined; events: readonly CameraEvent[] },
): void {
  const dropped = metrics.counter('murmur_camera_frames_dropped_total')
  dropped.labels(camera, 'detection').inc(skipped)
  if (!tracks) {
    dropped.labels(camera, 'late').inc()
    return
  }
  metrics.counter('murmur_camera_frames_tracked_total').labels(camera).inc()
  metrics
    .histogram('murmur_track_latency_seconds')
    .labels()
    .observe(tracks.latencyMs / 1000)
  for (const { rule } of events) metrics.counter('murmur_camera_events_total').labels(rule.kind).inc()
}

function noTracks({ v, camera, monitor, epoch, seq, capturedAtMs, atMs, mediaMs }: Detections): Tracks {
  const about = { v, camera, monitor, epoch, seq, capturedAtMs, atMs, mediaMs }
  return { ...about, tracks: [], persons: 0, vehicles: 0, latencyMs: 0, frames: 0 }
}
