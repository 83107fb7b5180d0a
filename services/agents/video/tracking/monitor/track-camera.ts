import { z } from 'zod'
import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type {
  Bus,
  Calling,
  CorePublishing,
  Publishing,
  SubjectServing,
  Subscribing,
} from '#platform/nats/bus.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import { cameraStateSchema } from '#schemas/camera.ts'
import { detectionsSchema, gatedFrameSchema, modelAnswerSchema } from '#schemas/detection.ts'
import type { TrackingInput, TrackingSummary } from '#schemas/monitor-steps.ts'
import { kindOfAgent } from '#schemas/site.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import { type AgentContext, done, type Outcome, retry } from '#sdk/index.ts'
import { MODEL_FOR } from '#subjects/model-token.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { DEFAULT_MIN_SCORE } from '../track/track-options.ts'
import { type CameraTracker, createCameraTracker } from './camera-tracker.ts'
import { createCheckpointStore, type StateKeeping } from './checkpoint-store.ts'
import { createEventOutbox } from './event-outbox.ts'
import type { CaptureCounts } from './frame-sequence.ts'
import { learnFalsePositives } from './learn-false-positives.ts'
import { monitorSetup } from './step-monitor.ts'

export interface TrackingDeps {
  bus: Publishing & CorePublishing & Subscribing & SubjectServing & Calling & Pick<Bus, 'request'>
  /** Keeps what is known of a camera for the next instance; without it a crash begins anew. */
  redis?: StateKeeping
  clock: Clock
  metrics?: Metrics
}

/** How a tracker's work on a camera ends. */
type End = { kind: 'ended'; captureCounts?: CaptureCounts } | { kind: 'stopped'; why: string }

const SILENCE_TIMEOUT_MS = 5000
const INFO_TIMEOUT_MS = 1000
const SAVE_TIMEOUT_MS = 500
const decoder = new TextDecoder()
/** What detectors saw, and what capture did not send them. */
const seenSchema = z.union([detectionsSchema, gatedFrameSchema])

/**
 * Follows one camera from the first frame to the last:
 *
 *   load what a previous instance knew → listen → report ready → frames … → the capture has ended → sum up → done
 *                                                                    └ the instance stops → save → retry, elsewhere
 */
export async function trackCamera(
  input: TrackingInput,
  ctx: AgentContext,
  deps: TrackingDeps,
): Promise<Outcome<TrackingSummary>> {
  const { bus, clock } = deps
  const store = createCheckpointStore(deps.redis, ctx, clock.sleep)
  const outbox = createEventOutbox(bus, (event, error) =>
    ctx.log.error({ event: event.id, err: messageOf(error) }, 'an event could not be published'),
  )
  const [checkpoint, minScore] = await Promise.all([store.load(), minScoreOf(input, bus)])
  // What the previous instance raised last may have got lost with it.
  outbox.add(checkpoint?.events ?? [])
  outbox.send(outbox.pending)
  if (checkpoint?.summary) {
    await outbox.settled()
    return done(checkpoint.summary)
  }
  const setup = monitorSetup(input, { monitor: ctx.taskId, tenant: ctx.tenant, minScore })
  const tracker = createCameraTracker(
    { setup, bus, clock, store, outbox, ctx, metrics: deps.metrics },
    checkpoint,
  )
  if (checkpoint)
    ctx.log.info(
      { frames: checkpoint.state.order.analysed },
      'tracking resumes from the checkpoint of a previous instance',
    )
  const end = await followCapture(tracker, { camera: input.camera, ctx, deps })
  if (end.kind === 'stopped') {
    const timeLimit = new AbortController()
    await Promise.race([
      Promise.all([tracker.save(), tracker.settled()]),
      clock.sleep(SAVE_TIMEOUT_MS, timeLimit.signal),
    ])
    timeLimit.abort()
    return retry(end.why)
  }
  const summary = await tracker.finish(end.captureCounts)
  await tracker.settled()
  return done(summary)
}

/** Listens until the capture has ended or the step has to stop. */
async function followCapture(
  tracker: CameraTracker,
  { camera, ctx, deps }: { camera: string; ctx: AgentContext; deps: TrackingDeps },
): Promise<End> {
  const { bus, clock } = deps
  const over = new AbortController()
  const read = createReader(ctx.log)
  let newestEpoch = tracker.epoch
  let lastMessageMs = clock.monotonicMs()
  const { promise, resolve, reject } = Promise.withResolvers<End>()

  const onSeen = ({ data }: { data: Uint8Array }) => {
    const seen = read(seenSchema, data)
    if (seen?.monitor !== ctx.taskId) return
    lastMessageMs = clock.monotonicMs()
    try {
      tracker.onDetections(seen)
    } catch (error) {
      reject(error)
    }
  }
  const listeners = [
    bus.subscribe(SUBJECTS.detections(ctx.tenant, camera), onSeen),
    bus.subscribe(SUBJECTS.gatedFrames(ctx.tenant, camera), onSeen),
    bus.subscribe(SUBJECTS.cameraState(ctx.tenant, camera), ({ data }) => {
      const state = read(cameraStateSchema, data)
      if (state?.monitor !== ctx.taskId) return
      lastMessageMs = clock.monotonicMs()
      newestEpoch = Math.max(newestEpoch, tracker.epoch, state.epoch)
      if (state.status === 'ended' && state.epoch === newestEpoch)
        resolve({ kind: 'ended', captureCounts: { epoch: state.epoch, ...state.frames } })
    }),
    bus.serveSubject(SUBJECTS.monitorReady(ctx.taskId), () => ({ ready: true, epoch: tracker.epoch }), {
      queue: 'tracking',
      always: true,
    }),
  ]
  const onAbort = () => resolve({ kind: 'stopped', why: messageOf(ctx.signal.reason) })
  ctx.signal.addEventListener('abort', onAbort)
  if (ctx.signal.aborted) onAbort()
  void pollCaptureWhenSilent()
  const endLearning = learnFalsePositives(tracker, { bus, clock, tenant: ctx.tenant, camera, read })
  try {
    return await promise
  } finally {
    over.abort()
    ctx.signal.removeEventListener('abort', onAbort)
    endLearning()
    for (const end of listeners) end()
  }

  async function pollCaptureWhenSilent(): Promise<void> {
    while (!over.signal.aborted) {
      await clock.sleep(SILENCE_TIMEOUT_MS, over.signal)
      if (over.signal.aborted || clock.monotonicMs() - lastMessageMs < SILENCE_TIMEOUT_MS) continue
      const outcome = await fetchCaptureOutcome(bus, ctx.taskId)
      if (outcome === 'over') resolve({ kind: 'ended' })
      if (outcome === 'lost') resolve({ kind: 'stopped', why: 'the task has ended' })
    }
  }
}

/** What detections begin at: as the monitor or the detectors say. */
async function minScoreOf(
  { minScore, model, isScene }: TrackingInput,
  bus: Pick<Bus, 'request'>,
): Promise<number> {
  if (minScore !== undefined) return minScore
  const subject = SUBJECTS.detectionModel(model ?? (isScene ? MODEL_FOR.scene : MODEL_FOR.real))
  try {
    const answer = modelAnswerSchema.parse(await bus.request(subject, {}, { timeoutMs: INFO_TIMEOUT_MS }))
    return answer.info?.minScore ?? DEFAULT_MIN_SCORE
  } catch {
    // No detector yet. It only decides on what counts as sure.
    return DEFAULT_MIN_SCORE
  }
}

/** Reads messages about the camera; warns once about one that can't be read. */
function createReader(
  log: AgentContext['log'],
): <T>(schema: z.ZodType<T>, data: Uint8Array) => T | undefined {
  let hasWarned = false
  return (schema, data) => {
    try {
      return schema.parse(JSON.parse(decoder.decode(data)))
    } catch (error) {
      if (!hasWarned)
        log.warn({ err: messageOf(error).slice(0, 500) }, 'a message about a camera could not be read')
      hasWarned = true
      return undefined
    }
  }
}

/** `over`: the capture has ended in order. `lost`: the whole task has ended. */
export type CaptureOutcome = 'going' | 'over' | 'lost'

const REQUEST_TIMEOUT_MS = 2000
const CAPTURE_AGENT = 'capture'

/**
 * What has become of a monitor's capture, by the state of its task: for a tracker that hears nothing from it, because it began only
 * after the capture had announced its end. `going` when there is no answer.
 */
export async function fetchCaptureOutcome(bus: Calling, taskId: string): Promise<CaptureOutcome> {
  try {
    return outcomeOf((await bus.call('getTask', { taskId }, { timeoutMs: REQUEST_TIMEOUT_MS })).task)
  } catch {
    // Orchestrators may be away for a while: it is polled.
    return 'going'
  }
}

function outcomeOf({ status, plan, steps }: TaskState): CaptureOutcome {
  if (isTerminal(status)) return 'lost'
  const captures = plan.steps.filter(
    ({ agent }) => agent !== undefined && kindOfAgent(agent) === CAPTURE_AGENT,
  )
  const isOver = captures.length > 0 && captures.every(({ id }) => steps[id]?.status === 'completed')
  return isOver ? 'over' : 'going'
}
