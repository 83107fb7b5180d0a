import type { Clock } from '#platform/clock/clock.ts'
import type { FrameHeader } from '#schemas/frame.ts'
import type { CaptureInput } from '#schemas/monitor-steps.ts'
import type { FrameSizes } from '../decode/frame-sizes.ts'
import type { DisplayRing } from '../display-ring.ts'
import { CAPTURE_LIMITS } from '../limits.ts'
import type { CameraReporter } from './camera-state.ts'
import type { FrameOutlet } from './frame-outlet.ts'
import type { FrameWindow } from './frame-window.ts'

/** A source while it is decoded, as far as its frames go. */
export interface Pass {
  isCamera: boolean
  sizes: FrameSizes
  /** Frames a second that a recorded source gives. */
  fps: number
  hold(): void
  release(): void
}

export interface FlowDeps {
  input: Pick<CaptureInput, 'camera' | 'pace' | 'minScore'>
  monitor: string
  epoch: number
  clock: Clock
  outlet: FrameOutlet
  window: FrameWindow
  ring: DisplayRing
  reporter: CameraReporter
  /** Whether somebody else can't follow just now; only asked where every frame counts. */
  isBehind: () => boolean
}

/** What becomes of decoded frames. */
export interface FrameFlow {
  /** The frame that was published last. */
  readonly lastSeq: number
  /** Position in the source, over loops. Milliseconds. */
  readonly mediaMs: number
  /** Frames a second that the source was expected to give last. */
  readonly fps: number
  /** Whether the source waits for frames to come back. */
  readonly isHeld: boolean
  take(pass: Pass, planes: Buffer, display: Buffer): void
  /** Lets the source go on when there is room; to be called whenever there may be. */
  pump(): void
}

/**
 * Numbers, dates and publishes frames. With pace `complete` the source waits while the window is full; else what can't go out is
 * counted and let go, and gets no number: what is missing in the numbers was then lost behind us.
 */
export function createFrameFlow(deps: FlowDeps): FrameFlow {
  const { input, clock, outlet, window, ring, reporter } = deps
  let lastSeq = 0
  let nextMediaMs = 0
  let mediaMs = 0
  let first: { atMs: number; monotonicMs: number } | undefined
  let fps = 0
  let waiting: Pass | undefined

  function headerOf(pass: Pass): FrameHeader {
    const capturedAtMs = clock.nowMs()
    first ??= { atMs: capturedAtMs, monotonicMs: clock.monotonicMs() }
    mediaMs = pass.isCamera ? clock.monotonicMs() - first.monotonicMs : nextMediaMs
    nextMediaMs = mediaMs + 1000 / pass.fps
    fps = pass.fps
    const { input: box, content } = pass.sizes
    return {
      v: 1,
      camera: input.camera,
      monitor: deps.monitor,
      epoch: deps.epoch,
      seq: lastSeq + 1,
      capturedAtMs,
      atMs: pass.isCamera ? capturedAtMs : first.atMs + Math.round(mediaMs),
      mediaMs: Math.round(mediaMs),
      pace: pass.isCamera ? 'live' : input.pace,
      width: box.width,
      height: box.height,
      contentWidth: content.width,
      contentHeight: content.height,
      ...(input.minScore !== undefined && { minScore: input.minScore }),
    }
  }

  function hasRoom(): boolean {
    return window.inFlight < CAPTURE_LIMITS.windowFrames && outlet.isOpen && !deps.isBehind()
  }

  return {
    get lastSeq() {
      return lastSeq
    },
    get mediaMs() {
      return mediaMs
    },
    get fps() {
      return fps
    },
    get isHeld() {
      return waiting !== undefined
    },
    take(pass, planes, display) {
      reporter.counts.decoded++
      const header = headerOf(pass)
      if (!outlet.offer({ header, planes })) {
        reporter.counts.droppedAtCapture++
        ring.giveBack(display)
        return
      }
      lastSeq = header.seq
      ring.put(lastSeq, { ...pass.sizes.display, yuv420p: display })
      if (header.pace === 'live') return
      window.sent(lastSeq)
      if (hasRoom()) return
      waiting = pass
      pass.hold()
    },
    pump() {
      if (!waiting || !hasRoom()) return
      const pass = waiting
      waiting = undefined
      pass.release()
    },
  }
}
