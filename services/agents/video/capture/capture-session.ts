import type { Clock } from '#platform/clock/clock.ts'
import type { FfmpegTools } from '#platform/config/ffmpeg.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { CaptureInput, CaptureSummary } from '#schemas/monitor-steps.ts'
import type { AgentContext } from '#sdk/index.ts'
import { startClipEncoder } from './clip/clip-encoder.ts'
import { type ClipWriter, createClipWriter } from './clip/clip-writer.ts'
import { createDisplayRing, type DisplayRing } from './display-ring.ts'
import { CAPTURE_LIMITS } from './limits.ts'
import type { FfmpegBuild } from './program/ffmpeg-build.ts'
import { type CameraReporter, createCameraReporter } from './publish/camera-state.ts'
import { createFrameFlow, type FrameFlow } from './publish/frame-flow.ts'
import { createFrameOutlet } from './publish/frame-outlet.ts'
import { createFrameWindow, type FrameWindow } from './publish/frame-window.ts'
import { createOfflineWatch, type OfflineWatch } from './publish/offline-watch.ts'
import type { SceneRenderer } from './source/scene-feed.ts'
import type { VideoConfig } from './video-config.ts'

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
}

/** How a source ended. */
export interface SourceEnd {
  ended: CaptureSummary['ended']
  reason?: string
}

/** Opening the source for the first time → waiting for detector and tracker → reading it as what it turned out to be. */
export type CapturePhase = 'opening' | 'meeting' | 'recording' | 'camera'

/** One monitor while it is captured: what its parts have in common. */
export interface CaptureSession {
  input: CaptureInput
  ctx: AgentContext
  deps: CaptureDeps
  ffmpeg: string
  version: readonly [major: number, minor: number]
  epoch: number
  reporter: CameraReporter
  watch: OfflineWatch
  ring: DisplayRing
  window: FrameWindow
  flow: FrameFlow
  clip: ClipWriter | undefined
  /** What is going on. */
  phase: CapturePhase
  /** Of a recorded source that says how long it is. Seconds. */
  durationSec?: number
  /** Aborted when capturing has to end, for whatever reason. */
  signal: AbortSignal
  /** Ends it in order. */
  end(how: SourceEnd): void
  /** How it was ended from outside, if it was. */
  readonly endedBy: SourceEnd | undefined
}

/** Puts the parts together; nothing runs yet. */
export function createSession(
  input: CaptureInput,
  ctx: AgentContext,
  deps: CaptureDeps,
  program: { ffmpeg: string; build: FfmpegBuild },
): CaptureSession {
  const { bus, frames, clock } = deps
  const { ffmpeg, build } = program
  const { camera } = input
  const monitor = ctx.taskId
  const epoch = ctx.nowMs()
  const ring = createDisplayRing()
  const reporter = createCameraReporter(bus, clock, { camera, monitor, epoch })
  const window = createFrameWindow(clock)
  const outlet = createFrameOutlet(frames)
  const isBehind = () => clip !== undefined && clip.waiting > CAPTURE_LIMITS.clipBacklog / 2
  const flow = createFrameFlow({ input, monitor, epoch, clock, outlet, window, ring, reporter, isBehind })
  const clip = input.annotatedClip
    ? createClipWriter({
        input,
        picture: (seq) => ring.get(seq),
        fps: () => flow.fps,
        startEncoder: (format) => startClipEncoder(ffmpeg, build, format),
        onFailure: (err) => ctx.log.warn({ err, camera }, 'the annotated clip is given up'),
      })
    : undefined
  const ending = new AbortController()
  let endedBy: SourceEnd | undefined
  return {
    input,
    ctx,
    deps,
    ffmpeg,
    version: build.version,
    epoch,
    reporter,
    watch: createOfflineWatch(input.rules, { tenant: ctx.tenant, monitor, camera }, clock),
    ring,
    window,
    flow,
    clip,
    phase: 'opening',
    signal: AbortSignal.any([ctx.signal, ending.signal]),
    end(how) {
      endedBy ??= how
      ending.abort(new Error(how.ended))
    },
    get endedBy() {
      return endedBy
    },
  }
}
