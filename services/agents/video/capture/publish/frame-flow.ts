import type { Clock } from '#platform/clock/clock.ts'
import type { Rational } from '#platform/media/rational.ts'
import type { GatedFrame } from '#schemas/detection.ts'
import type { FrameHeader } from '#schemas/frame.ts'
import type { CaptureInput } from '#schemas/monitor-steps.ts'
import type { Frame } from '../../frames/frame-message.ts'
import type { FrameSizes } from '../decode/decode-plan.ts'
import { CAPTURE_LIMITS } from '../limits.ts'
import type { GateKeeper } from '../motion/frame-gate.ts'
import type { Look } from '../motion/look-plan.ts'
import type { CameraReporter } from './camera-state.ts'
import { createCompleteWindow } from './complete-window.ts'
import type { DisplayRing } from './display-ring.ts'
import type { FrameOutlet } from './frame-outlet.ts'

/** What a detector has to know of a source's frames. */
export type FrameAbout = Pick<FrameHeader, 'model' | 'origin' | 'scores' | 'tiles'>

/** A source while it is read once, as far as its frames go. One object for each reading. */
export interface Pass {
  isCamera: boolean
  sizes: FrameSizes
  /** What its detector is told of each frame. */
  about?: FrameAbout
  /** Frames a second that a recorded source gives. */
  rate: Rational
  hold(): void
  release(): void
}

export interface FlowDeps {
  input: Pick<CaptureInput, 'camera' | 'pace' | 'minScore'>
  tenant: string
  monitor: string
  epoch: number
  clock: Clock
  outlet: FrameOutlet
  ring: Pick<DisplayRing, 'put' | 'giveBack'>
  counts: CameraReporter['counts']
  /** Which frames go to the detectors. */
  gate: GateKeeper
  /** Tells the tracker that a frame is not looked at, since nothing moved. */
  tellGated: (frame: GatedFrame) => void
  /** Whether the annotated clip can't follow just now; only asked where every frame counts. */
  isBehind: () => boolean
  /** Called for each frame that detectors are to see, whether it can go out or not. */
  onSending?: () => void
}

/** What becomes of decoded frames. */
export interface FrameFlow {
  /** The number that was given last. */
  readonly lastSeq: number
  /** Position in the source, over loops. Milliseconds. */
  readonly mediaMs: number
  /** Frames a second that the source was expected to give last. */
  readonly rate: Rational
  /** The time shown at the beginning of what is read, once its first frame is there: Unix milliseconds. */
  originMs(pass: Pass): number | undefined
  /** Whether the source waits for frames to come back. */
  readonly isHeld: boolean
  /** Whether every frame of what is read comes back, however long it takes. */
  readonly isComplete: boolean
  /** The source is a recording that begins then, by its own time. Unix milliseconds. */
  startsAt(ms: number): void
  /** `lagMs`: how old a camera's picture is already, where that is known. Milliseconds. */
  take(pass: Pass, planes: Buffer, display: Buffer, lagMs?: number): void
  /** How many were sent up to this one, as long as it may come back. */
  sentUpTo(seq: number): number
  /** This frame has come back, and with it those before it. */
  returned(seq: number): void
  /** Sends frames again that have been away for too long, and lets the source go on when there is room; to be called often. */
  tick(): void
  /** Resolves when the frame that was sent last has come back; to be called when no more are taken. */
  drained(): Promise<void>
}

/** Frames may be away for so many others. */
const MAX_ORDINALS = 512
const NO_RATE: Rational = { numerator: 1, denominator: 1 }

/**
 * Numbers, dates and publishes frames, except those in which nothing moved: they have numbers, are counted and kept for people. With pace
 * `complete` the source waits while the window is full, and no frame is given up; else what can't go out is counted and let go, and gets
 * no number: what is missing in the numbers was then lost behind us.
 */
export function createFrameFlow(deps: FlowDeps): FrameFlow {
  const { input, clock, outlet, ring, counts, gate } = deps
  const window = createCompleteWindow(clock, outlet)
  let lastSeq = 0
  let lastSent = 0
  let sent = 0
  /** The how-manieth that was sent is which, of the last ones. */
  const ordinals = new Map<number, number>()
  /** Nothing moved in the last frame that was sent: what comes of it decides about the next ones. */
  let isQuiet = false
  let lastReturned = 0
  let isComplete = false
  let startsAtMs: number | undefined
  let mediaMs = 0
  let first: { atMs: number; monotonicMs: number } | undefined
  /** What is read now: where in the recording it began, and its frames so far. Times are counted, so that no errors add up. */
  let current: { pass: Pass; startMs: number; frames: number } | undefined
  let waiting: Pass | undefined
  let draining: (() => void) | undefined

  function recordedMs(pass: Pass): number {
    if (current?.pass !== pass) current = { pass, startMs: current ? positionOf(current) : 0, frames: 0 }
    const ms = positionOf(current)
    current.frames++
    return ms
  }

  function headerOf(pass: Pass, lagMs: number): FrameHeader {
    // What has waited on its way here is as old as that.
    const capturedAtMs = clock.nowMs() - Math.round(lagMs)
    first ??= { atMs: capturedAtMs, monotonicMs: clock.monotonicMs() }
    const countedMs = recordedMs(pass)
    mediaMs = pass.isCamera ? clock.monotonicMs() - first.monotonicMs : countedMs
    const { input: box, content } = pass.sizes
    return {
      v: 1,
      camera: input.camera,
      tenant: deps.tenant,
      monitor: deps.monitor,
      epoch: deps.epoch,
      seq: lastSeq + 1,
      capturedAtMs,
      atMs: pass.isCamera ? capturedAtMs : (startsAtMs ?? first.atMs) + Math.round(mediaMs),
      mediaMs: Math.round(mediaMs),
      pace: pass.isCamera ? 'live' : input.pace,
      width: box.width,
      height: box.height,
      contentWidth: content.width,
      contentHeight: content.height,
      ...(input.minScore !== undefined && { minScore: input.minScore }),
      ...pass.about,
    }
  }

  /** @returns whether it is certain to go out: one of a reading that loses none is kept until it has come back */
  function send(frame: Frame): boolean {
    if (!isComplete) return outlet.offer(frame)
    window.add(frame)
    window.send()
    return true
  }

  function hasRoom(): boolean {
    const most = isQuiet ? 1 : CAPTURE_LIMITS.windowFrames
    return window.inFlight < most && outlet.isOpen && !deps.isBehind()
  }

  /** Not to be sent: nothing moved, and what was sent before has told all that it can; or what moves is followed without. */
  function isToStay(look: Look): boolean {
    if (look === 'spared') return !isComplete
    return look === 'unneeded' && (!isComplete || window.inFlight === 0)
  }

  function leave(header: FrameHeader, look: Look): void {
    counts.gated++
    if (look === 'spared') {
      gate.spared(header)
      return
    }
    const account = gate.left(header)
    if (!account) return
    const { v, camera, monitor, epoch, seq, capturedAtMs, atMs, mediaMs: at, pace } = header
    const frame = { v, camera, monitor, epoch, seq, capturedAtMs, atMs, mediaMs: at, pace }
    deps.tellGated({ ...frame, gated: true, gate: account })
  }

  function note(seq: number): void {
    sent++
    ordinals.set(seq, sent)
    if (ordinals.size > MAX_ORDINALS) ordinals.delete(ordinals.keys().next().value!)
  }

  function goOn(): void {
    if (!waiting || !hasRoom()) return
    const pass = waiting
    waiting = undefined
    pass.release()
  }

  return {
    get lastSeq() {
      return lastSeq
    },
    get mediaMs() {
      return mediaMs
    },
    get rate() {
      return current?.pass.rate ?? NO_RATE
    },
    originMs(pass) {
      return first && current?.pass === pass ? first.atMs + current.startMs : undefined
    },
    get isHeld() {
      return waiting !== undefined
    },
    get isComplete() {
      return isComplete
    },
    startsAt(ms) {
      startsAtMs = ms
    },
    take(pass, planes, display, lagMs = 0) {
      counts.decoded++
      const header = headerOf(pass, lagMs)
      isComplete = header.pace === 'complete'
      const verdict = gate.decide(planes, pass.sizes, header)
      const isLeft = isToStay(verdict)
      if (!isLeft) deps.onSending?.()
      const { account } = gate
      if (!isLeft && !send({ header: account ? { ...header, gate: account } : header, planes })) {
        counts.droppedAtCapture++
        gate.lost(header, verdict)
        ring.giveBack(display)
        return
      }
      lastSeq = header.seq
      ring.put(lastSeq, { ...pass.sizes.display, yuv420p: display }, header.capturedAtMs)
      if (isLeft) return leave(header, verdict)
      lastSent = lastSeq
      note(lastSeq)
      isQuiet = verdict !== 'motion'
      gate.sent(header, verdict)
      if (!isComplete || hasRoom()) return
      waiting = pass
      pass.hold()
    },
    sentUpTo: (seq) => ordinals.get(seq) ?? 0,
    returned(seq) {
      lastReturned = Math.max(lastReturned, seq)
      window.returned(seq)
      if (lastReturned >= lastSent) draining?.()
      goOn()
    },
    tick() {
      window.send()
      goOn()
    },
    drained() {
      if (lastReturned >= lastSent) return Promise.resolve()
      return new Promise((resolve) => {
        draining = resolve
      })
    },
  }
}

/** Where in the recording the next frame of a pass is. Milliseconds. */
function positionOf({ pass, startMs, frames }: { pass: Pass; startMs: number; frames: number }): number {
  return startMs + (frames * 1000 * pass.rate.denominator) / pass.rate.numerator
}
