import type { Clock } from '#platform/clock/clock.ts'
import { unlessAborted } from '#platform/clock/until-aborted.ts'
import type { FfmpegTools } from '#platform/config/ffmpeg.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { MediaFacts } from '#platform/media/media-facts.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { BlobRef } from '#schemas/blob.ts'
import { givesPictures } from '#schemas/camera.ts'
import type { CaptureInput, CaptureSummary } from '#schemas/monitor-steps.ts'
import { isInstanceStop } from '#sdk/define-agent.ts'
import type { AgentContext } from '#sdk/index.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { cameraLabel } from '../frames/camera-label.ts'
import { modelNeeded } from './await-model.ts'
import { startClipEncoder } from './clip/clip-encoder.ts'
import { type ClipWriter, createClipWriter } from './clip/clip-writer.ts'
import {
  createDecodingChoice,
  type Decoding,
  findDecoding,
  type HardwareDecoding,
} from './decode/hardware-decoding.ts'
import { type FfmpegProgram, findFfmpegProgram } from './ffmpeg-program.ts'
import { CaptureEnded, type FollowDeps, followSource, orderedEnd, type SourceEnd } from './follow-source.ts'
import { CAPTURE_LIMITS, type CaptureWaits } from './limits.ts'
import { watchMainStream } from './main-stream/watch-main-stream.ts'
import { followTracks, serveSnapshots, serveStop } from './monitor-subscriptions.ts'
import { startMonitorTimer } from './monitor-timer.ts'
import { createGateKeeper } from './motion/frame-gate.ts'
import { playOnce } from './play-once.ts'
import type { CameraMetrics } from './publish/camera-metrics.ts'
import { createCameraReporter } from './publish/camera-state.ts'
import { createDisplayRing } from './publish/display-ring.ts'
import { createFrameFlow, type FrameFlow } from './publish/frame-flow.ts'
import { createFrameOutlet } from './publish/frame-outlet.ts'
import { createOfflineWatch } from './publish/offline-watch.ts'
import { createSeeingReport } from './publish/seeing-report.ts'
import { createSeeingWatch } from './publish/seeing-watch.ts'
import { type Recordings, startMonitorRecorder } from './recording/monitor-recorder.ts'
import { type RecordingStart, recordingStart } from './recording-start.ts'
import type { SceneRenderer } from './source/scene-feed.ts'
import { sourceAccess } from './source/source-access.ts'
import { isSourceFault } from './source/source-fault.ts'
import { type InputDeps, prepareInput } from './source/video-input.ts'
import type { VideoConfig } from './video-config.ts'

/** Of the message of a frame, beside its pixels. */
const FRAME_OVERHEAD_BYTES = 8192

/** What the agent is made from. */
export interface CaptureDeps {
  /** Tasks, tracks, states, events, snapshots. */
  bus: Bus
  /** Frames only, on a connection of their own, so that video never delays tasks. */
  frames: Bus
  clock: Clock
  config: VideoConfig
  /** ffmpeg, as `findFfmpeg` finds it. */
  findTools(): Promise<FfmpegTools | undefined>
  /** How test scenes are rendered; without it there are none. */
  scenes?: SceneRenderer
  /** Where what is captured is recorded; nothing is without it. */
  recordings?: Recordings | undefined
  /** Where cameras are shown. */
  cameras?: CameraMetrics
  /** Other waits for sources than those of `CAPTURE_LIMITS`. */
  waits?: CaptureWaits
}

/**
 * Captures a source until it ends, is stopped, or the signal aborts; every program that it started is gone then.
 * @param linger gets what goes on for a while after a good end: snapshots of the last alerts may still be requested
 * @throws MurmurError for a source that can't be captured; the signal's reason
 */
export async function runCapture(
  input: CaptureInput,
  ctx: AgentContext,
  deps: CaptureDeps,
  linger: (stop: () => void) => void,
): Promise<CaptureSummary> {
  const { bus, clock, waits = CAPTURE_LIMITS } = deps
  const { log } = ctx
  const ffmpeg = await findFfmpegProgram(deps.findTools)
  const { camera } = input
  const monitor = ctx.taskId
  const epoch = ctx.nowMs()
  const { tenant } = ctx
  const identity = { tenant, camera, monitor, epoch }
  const startedMs = clock.monotonicMs()
  const stopping = new AbortController()

  const access = sourceAccess(deps.config, tenant)
  const inputDeps: InputDeps = {
    ...{ ffmpeg, blobs: ctx.blobs, access, scenes: deps.scenes, waits, clock, fps: input.fps },
  }
  const mainInput = input.detectSource && (await prepareInput(input.source, inputDeps))
  const ring = createDisplayRing()
  const reporter = createCameraReporter(bus, clock, identity)
  const decoding = createDecodingChoice(await foundDecoding(ffmpeg, deps.config.hwaccel, log), (reason) => {
    log.warn({ camera, reason }, 'a camera is decoded by the processor')
    reporter.decoding = decoding.told
  })
  reporter.decoding = decoding.told
  const about = { tenant, monitor, camera }
  const offlineRules = input.rules.filter((rule) => rule.kind === 'camera-offline')
  const watch = createOfflineWatch(offlineRules, about, clock)
  const seeing = createSeeingWatch(clock)
  const outlet = createFrameOutlet(deps.frames)
  const conditions = createSeeingReport({
    ...{ bus, clock, log, reporter, seeing, outlet, about },
    modelNeeded: modelNeeded(input),
    rules: input.rules,
    isComplete: () => flow.isComplete,
  })
  let clipFault: string | undefined
  const clip = input.annotatedClip
    ? createClipWriter({
        input,
        picture: (seq) => ring.get(seq),
        rate: () => flow.rate,
        startEncoder: (format) => startClipEncoder(ffmpeg, format),
        onFailure: (err) => {
          clipFault = messageOf(err)
          log.warn({ err, camera }, 'the annotated clip is given up')
        },
      })
    : undefined
  const isBehind = () => clip !== undefined && clip.waiting > CAPTURE_LIMITS.clipBacklog / 2
  const gate = createGateKeeper({ input, tellsAlways: input.annotatedClip })
  const flow = createFrameFlow({
    input,
    gate,
    tellGated: (frame) => bus.publishCore(SUBJECTS.gatedFrames(tenant, camera), JSON.stringify(frame)),
    tenant,
    monitor,
    epoch,
    clock,
    outlet,
    ring,
    counts: reporter.counts,
    isBehind,
    onSending: seeing.sent,
  })
  const onProgress = (fraction: number, note: string) => ctx.progress(fraction, note)
  const recorder =
    deps.recordings && startMonitorRecorder({ recordings: deps.recordings, bus, clock, log, identity, input })
  const main =
    mainInput && watchMainStream(mainInput, { ...{ ffmpeg, clock, waits, recorder, reporter, log, camera } })
  const timer = startMonitorTimer({ bus, clock, log, flow, reporter, watch, conditions, input, onProgress })
  const subscriptions = [
    deps.cameras?.watch(cameraLabel(tenant, camera), reporter) ?? (() => {}),
    serveSnapshots(bus, { monitor, epoch, ring, main }),
    serveStop(bus, monitor, () => stopping.abort(new CaptureEnded({ ended: 'stopped' }))),
    followTracks(bus, identity, (tracks) => {
      timer.seen(tracks)
      // The clip first: the flow may wait for it.
      clip?.add(tracks)
      gate.returned(tracks)
      // What was not looked at was not away, and says nothing of detectors.
      if (tracks.still) return
      // A recording that loses no frame waits by itself.
      seeing.returned(flow.isComplete ? 0 : tracks.latencyMs)
      reporter.returned(flow.sentUpTo(tracks.seq), tracks.latencyMs)
      flow.returned(tracks.seq)
    }),
  ]
  const close = () => {
    timer.stop()
    for (const end of subscriptions) end()
  }
  const onFrame = (lagMs: number | undefined) => {
    watch.picture()
    reporter.lagMs = lagMs
    if (givesPictures(reporter.status)) return
    main?.compare()
    conditions.tick(true)
  }
  const onBacklog = (lagMs: number) => {
    reporter.cuts++
    seeing.cut(lagMs)
    log.warn(
      { camera, lagMs: Math.round(lagMs) },
      'a backlog of old pictures is cut: the source is opened again',
    )
  }
  let recording: RecordingStart | undefined
  const onRecording = ({ durationSec, createdAtMs }: MediaFacts) => {
    recording ??= recordingStart(input.startsAt, createdAtMs, clock.nowMs())
    flow.startsAt(recording.startsAtMs)
    timer.recording(durationSec)
  }
  let isLingering = false
  try {
    const end = await captureSource(
      input,
      inputDeps,
      {
        ...{ bus, clock, log, reporter, monitor, input, waits },
        maxFrameBytes: () => deps.frames.maxPayloadBytes - FRAME_OVERHEAD_BYTES,
        play: (plan, signal) => {
          recorder?.countsFrom(plan.minScore)
          // What is recorded is the main stream, where there is another one.
          const recorded = main ? undefined : recorder
          const playing = { ffmpeg, clock, flow, ring, input, waits, recorder: recorded, decoding, onFrame }
          return playOnce(playing, plan, signal)
        },
        onRecording,
        onBacklog,
      },
      { task: ctx.signal, stopping: stopping.signal },
    )
    await lastFrames(flow, { clock, end, signals: [ctx.signal, stopping.signal] })
    reporter.set('ended', end.reason ?? end.ended)
    clip?.addRest(flow.lastSeq)
    const stored = clip && (await storeClip(clip, camera, ctx))
    if (stored && 'fault' in stored) clipFault = stored.fault
    ctx.signal.throwIfAborted()
    isLingering = true
    linger(close)
    return {
      camera,
      ...end,
      ...(reporter.source && { source: reporter.source }),
      ...(recording && { recording }),
      frames: { ...reporter.counts },
      reconnects: reporter.reconnects,
      cuts: reporter.cuts,
      durationMs: Math.round(clock.monotonicMs() - startedMs),
      ...(stored && 'clip' in stored && { clip: stored.clip }),
      ...(clipFault !== undefined && { clipFault: clipFault.slice(0, 1000) }),
    }
  } catch (error) {
    if (isFinal(error, ctx.signal)) reporter.set('ended', messageOf(error))
    else reporter.set('connecting', 'another instance takes over')
    throw error
  } finally {
    await main?.close()
    await recorder?.close()
    await clip?.discard()
    if (!isLingering) close()
  }
}

/** The last frames come back within moments; those of a reading that loses none are waited for, unless somebody ends it. */
async function lastFrames(
  flow: Pick<FrameFlow, 'drained' | 'isComplete'>,
  { clock, end, signals }: { clock: Clock; end: SourceEnd; signals: readonly AbortSignal[] },
): Promise<void> {
  const isWhole = flow.isComplete && end.ended !== 'stopped'
  const drained = flow.drained()
  if (isWhole) await unlessAborted(drained, AbortSignal.any([...signals])).catch(() => undefined)
  else await Promise.race([drained, clock.sleep(CAPTURE_LIMITS.lastFramesMs, signals[0]!)])
}

async function captureSource(
  { source, detectSource }: Pick<CaptureInput, 'source' | 'detectSource'>,
  inputDeps: InputDeps,
  followDeps: FollowDeps,
  signals: { task: AbortSignal; stopping: AbortSignal },
): Promise<SourceEnd> {
  const signal = AbortSignal.any([signals.task, signals.stopping])
  const video = await prepareInput(detectSource ?? source, inputDeps)
  try {
    return await followSource(followDeps, video, signal)
  } catch (error) {
    // What comes of ending it in order is no fault.
    const end = orderedEnd(signal)
    if (end && !signals.task.aborted) return end
    throw error
  } finally {
    await video.close()
  }
}

async function storeClip(
  clip: ClipWriter,
  camera: string,
  { blobs, log }: Pick<AgentContext, 'blobs' | 'log'>,
): Promise<{ clip: BlobRef } | { fault: string } | undefined> {
  try {
    const bytes = await clip.finish()
    if (!bytes) return undefined
    if (clip.dropped > 0) log.info({ dropped: clip.dropped }, 'frames were left out of the annotated clip')
    return { clip: await blobs.put(bytes, { contentType: 'video/mp4', name: `${camera}.mp4` }) }
  } catch (err) {
    // The analysis is done and worth more than its picture.
    log.warn({ err, camera }, 'the annotated clip could not be stored')
    return { fault: messageOf(err) }
  }
}

/** Whether no other attempt follows: the source is at fault, or the task has ended. */
function isFinal(error: unknown, signal: AbortSignal): boolean {
  return signal.aborted ? !isInstanceStop(signal) : isSourceFault(error)
}

const toldDecoding = new Set<string>()

/** With what is decoded here: said once a process. */
async function foundDecoding(
  ffmpeg: FfmpegProgram,
  wanted: HardwareDecoding = 'none',
  log: AgentContext['log'],
): Promise<Decoding> {
  const found = await findDecoding(ffmpeg, wanted)
  if (wanted !== 'none' && !toldDecoding.has(wanted)) {
    toldDecoding.add(wanted)
    if (found.method !== 'software') log.info({ method: found.method }, 'video is decoded by a device')
    else if (wanted === 'auto') log.info({ reason: found.reason }, 'video is decoded by the processor')
    else log.warn({ wanted, reason: found.reason }, 'video is decoded by the processor')
  }
  return found
}
