import type { z } from 'zod'
import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Calling, CorePublishing, Publishing, SubjectServing, Subscribing } from '#platform/nats/bus.ts'
import type { Redis } from '#platform/redis/redis.ts'
import { cameraStateSchema } from '#schemas/camera.ts'
import { detectionsSchema } from '#schemas/detection.ts'
import type { TrackingSummary } from '#schemas/monitor-summary.ts'
import type { TrackingInput } from '#schemas/tracking-input.ts'
import { type AgentContext, done, type Outcome, retry } from '#sdk/index.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { USUAL_MIN_SCORE } from '../track/track-options.ts'
import { type CameraOwner, createCameraOwner } from './camera-owner.ts'
import { askCaptureOutcome } from './capture-watch.ts'
import { createCheckpointStore } from './checkpoint-store.ts'
import { createEventOutbox } from './event-outbox.ts'
import type { CaptureCounts } from './frame-order.ts'
import { monitorSetup } from './step-monitor.ts'

export interface TrackingDeps {
  bus: Publishing & CorePublishing & Subscribing & SubjectServing & Calling
  /** Keeps what is known of a camera for a next owner; without it a crash begins anew. */
  redis?: Redis
  clock: Clock
}

/** How a tracker's work on a camera ends. */
type End = { kind: 'ended'; told?: CaptureCounts } | { kind: 'stopped'; why: string }

const SILENT_MS = 5000
const INFO_TIMEOUT_MS = 1000
const SAVE_TIMEOUT_MS = 500
const decoder = new TextDecoder()

/**
 * Follows one camera from the first frame to the last:
 *
 *   load what a former owner knew → listen → say that it is ready → frames … → the capture has ended → sum up → done
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
  const [kept, minScore] = await Promise.all([store.load(), leastScore(input, bus)])
  // What the former owner raised last may have got lost with it.
  outbox.add(kept?.events ?? [])
  outbox.send(outbox.pending)
  if (kept?.summary) {
    await outbox.settled()
    return done(kept.summary)
  }
  const setup = monitorSetup(input, { monitor: ctx.taskId, tenant: ctx.tenant, minScore })
  const owner = createCameraOwner({ setup, bus, clock, store, outbox, ctx }, kept)
  if (kept) ctx.log.info({ frames: kept.state.order.analysed }, 'tracking goes on where the former owner was')
  const end = await watch(owner, { camera: input.camera, ctx, deps })
  if (end.kind === 'stopped') {
    const timeLimit = new AbortController()
    await Promise.race([
      Promise.all([owner.save(), owner.settled()]),
      clock.sleep(SAVE_TIMEOUT_MS, timeLimit.signal),
    ])
    timeLimit.abort()
    return retry(end.why)
  }
  const summary = await owner.finish(end.told)
  await owner.settled()
  return done(summary)
}

/** Listens until the capture has ended or the step has to stop. */
async function watch(
  owner: CameraOwner,
  { camera, ctx, deps }: { camera: string; ctx: AgentContext; deps: TrackingDeps },
): Promise<End> {
  const { bus, clock } = deps
  const over = new AbortController()
  const read = createReader(ctx.log)
  let newestEpoch = owner.epoch
  let heardMs = clock.monotonicMs()
  const { promise, resolve, reject } = Promise.withResolvers<End>()

  const listeners = [
    bus.subscribe(SUBJECTS.detections(camera), ({ data }) => {
      const seen = read(detectionsSchema, data)
      if (seen?.monitor !== ctx.taskId) return
      heardMs = clock.monotonicMs()
      try {
        owner.onDetections(seen)
      } catch (error) {
        reject(error)
      }
    }),
    bus.subscribe(SUBJECTS.cameraState(camera), ({ data }) => {
      const state = read(cameraStateSchema, data)
      if (state?.monitor !== ctx.taskId) return
      heardMs = clock.monotonicMs()
      newestEpoch = Math.max(newestEpoch, owner.epoch, state.epoch)
      if (state.status === 'ended' && state.epoch === newestEpoch)
        resolve({ kind: 'ended', told: { epoch: state.epoch, ...state.frames } })
    }),
    bus.serveSubject(SUBJECTS.monitorReady(ctx.taskId), () => ({ ready: true }), {
      queue: 'tracking',
      always: true,
    }),
  ]
  const onAbort = () => resolve({ kind: 'stopped', why: messageOf(ctx.signal.reason) })
  ctx.signal.addEventListener('abort', onAbort)
  if (ctx.signal.aborted) onAbort()
  void askWhenSilent()
  try {
    return await promise
  } finally {
    over.abort()
    ctx.signal.removeEventListener('abort', onAbort)
    for (const end of listeners) end()
  }

  async function askWhenSilent(): Promise<void> {
    while (!over.signal.aborted) {
      await clock.sleep(SILENT_MS, over.signal)
      if (over.signal.aborted || clock.monotonicMs() - heardMs < SILENT_MS) continue
      const outcome = await askCaptureOutcome(bus, ctx.taskId)
      if (outcome === 'over') resolve({ kind: 'ended' })
      if (outcome === 'lost') resolve({ kind: 'stopped', why: 'the task has ended' })
    }
  }
}

/** What detections begin at: as the monitor or the detectors say. */
async function leastScore({ minScore }: TrackingInput, bus: Calling): Promise<number> {
  if (minScore !== undefined) return minScore
  try {
    return (await bus.call('detectionInfo', {}, { timeoutMs: INFO_TIMEOUT_MS })).minScore
  } catch {
    // No detector yet. It only decides on what counts as sure.
    return USUAL_MIN_SCORE
  }
}

/** Reads messages about the camera; says once that one can't be read. */
function createReader(
  log: AgentContext['log'],
): <T>(schema: z.ZodType<T>, data: Uint8Array) => T | undefined {
  let complained = false
  return (schema, data) => {
    try {
      return schema.parse(JSON.parse(decoder.decode(data)))
    } catch (error) {
      if (!complained)
        log.warn({ err: messageOf(error).slice(0, 500) }, 'a message about a camera could not be read')
      complained = true
      return undefined
    }
  }
}
