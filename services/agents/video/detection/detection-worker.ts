import type { Clock } from '#platform/clock/clock.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { FrameFeed } from '#platform/nats/frame-feed.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import type { Detection, Detections } from '#schemas/detection.ts'
import type { FrameHeader } from '#schemas/frame.ts'
import { DEFAULT_TENANT } from '#schemas/identifiers.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { describeFrame } from '../appearance/describe-frame.ts'
import { decodeFrame, type Frame } from '../frames/frame-message.ts'
import type { Detector } from './detector.ts'
import type { DetectorHealth } from './detector-health.ts'
import { FrameFailures } from './frame-failures.ts'
import { FrameSelection } from './frame-selection.ts'

export interface DetectionWorkerDeps {
  detector: Detector
  /** Takes the frames that name this model; without one, those that name none. */
  model?: string
  /** What speaks against relying on the model for frames of this origin. */
  warningFor?: (origin: FrameHeader['origin']) => string | undefined
  instance: string
  /** For what is small. */
  bus: Bus
  /** For frames alone: they are never in the way of anything else. */
  frames: Bus
  clock: Clock
  metrics: Metrics
  log: Log
  /** Told what is in hand. */
  health?: Pick<DetectorHealth, 'begin'> | undefined
}

/** Frames taken at one look: as many as the stream keeps of several cameras. */
const MAX_PER_POLL = 64
/** With so many waiting here, all others wait in the stream, which forgets the old ones by itself: it bounds memory. */
const MAX_WAITING = 256
const WAIT_MS = 500
/** There may be no orchestrator yet. */
const FRAMES_TIMEOUT_MS = 60_000
/** Before it asks for the stream again: doubled each time, up to the second. */
const AGAIN_AFTER_MS = 250
const AGAIN_AFTER_AT_MOST_MS = 2000
const COMPLAIN_INTERVAL_MS = 1000

/**
 * Takes frames whenever it has a hand free, looks at them and says what it saw. Keeps nothing: any number of instances share
 * the work. What is lost with one is a frame, and the next one is on its way.
 */
export class DetectionWorker implements Component {
  readonly name = 'detection worker'
  readonly #deps: DetectionWorkerDeps
  readonly #selection: FrameSelection
  readonly #stopping = new AbortController()
  readonly #underWay = new Set<Promise<void>>()
  #feed: FrameFeed | undefined
  #loop: Promise<void> = Promise.resolve()
  readonly #failures = new FrameFailures()
  #againAfterMs = AGAIN_AFTER_MS
  /** When each complaint was last logged. */
  readonly #complainedAtMs = new Map<string, number>()

  constructor(deps: DetectionWorkerDeps) {
    this.#deps = deps
    this.#selection = new FrameSelection(deps.clock, () =>
      deps.metrics.counter('murmur_frames_skipped_total').labels().inc(),
    )
  }

  async start(): Promise<void> {
    const { frames, model } = this.#deps
    await frames.provideQueue(this.#queue, { waitMs: FRAMES_TIMEOUT_MS })
    this.#feed = frames.frames.createFeed(model)
    this.#loop = this.#run(this.#feed)
  }

  async quiesce(): Promise<void> {
    this.#stopping.abort()
    await this.#loop
  }

  async stop(): Promise<void> {
    await this.quiesce()
    await Promise.all(this.#underWay)
    await this.#deps.detector.close()
  }

  get #queue() {
    const { model } = this.#deps
    return { queue: 'frames' as const, ...(model !== undefined && { model }) }
  }

  async #run(feed: FrameFeed): Promise<void> {
    // One batch more than it can work on is in its hands, so that it never waits for the network between two.
    const most = this.#deps.detector.parallel + 1
    while (!this.#stopping.signal.aborted) {
      if (this.#selection.waiting < MAX_WAITING) await this.#poll(feed)
      while (this.#selection.size > 0 && this.#underWay.size < most) this.#begin()
      if (this.#underWay.size >= most) await Promise.race(this.#underWay)
    }
  }

  /** Fetches what is there; waits for something only when there is nothing to do. */
  async #poll(feed: FrameFeed): Promise<void> {
    const waitMs = this.#selection.size === 0 ? WAIT_MS : 0
    const { frames: messages, lost } = await feed.next({ maxFrames: MAX_PER_POLL, waitMs })
    for (const message of messages) this.#take(message)
    if (lost) await this.#provideAgain()
    else this.#againAfterMs = AGAIN_AFTER_MS
  }

  /** The stream is in the server's memory: when that starts again, it is gone. */
  async #provideAgain(): Promise<void> {
    const { clock, frames } = this.#deps
    try {
      await frames.provideQueue(this.#queue)
    } catch (error) {
      this.#complain('the stream of frames is not there', { reason: messageOf(error) })
    }
    await clock.sleep(this.#againAfterMs, this.#stopping.signal)
    this.#againAfterMs = Math.min(2 * this.#againAfterMs, AGAIN_AFTER_AT_MOST_MS)
  }

  #take(message: Uint8Array): void {
    const { detector, metrics } = this.#deps
    let frame: Frame
    try {
      frame = decodeFrame(message)
    } catch (error) {
      metrics.counter('murmur_frames_malformed_total').labels().inc()
      this.#complain('a message on frames.* is no frame', { reason: messageOf(error) })
      return
    }
    const { camera } = frame.header
    const { width, height } = frame.header.tiles ?? frame.header
    if (detector.info.inputs.some((size) => size.width === width && size.height === height)) {
      this.#selection.add(frame)
      return
    }
    // Its capture was told the sizes of other detectors: those of another model, before this one took over.
    metrics.counter('murmur_frames_unsuitable_total').labels().inc()
    this.#complain('a frame has a size that this model does not take; start its monitor again', {
      camera,
      width,
      height,
      takes: detector.info.inputs,
    })
  }

  /** Once a second at most for each sentence: frames come by the hundred. */
  #complain(sentence: string, fields: object): void {
    const nowMs = this.#deps.clock.monotonicMs()
    if (nowMs - (this.#complainedAtMs.get(sentence) ?? Number.NEGATIVE_INFINITY) < COMPLAIN_INTERVAL_MS)
      return
    this.#complainedAtMs.set(sentence, nowMs)
    this.#deps.log.warn(fields, sentence)
  }

  #begin(): void {
    const batch = this.#selection.take(this.#deps.detector.batch)
    const work = this.#detect(batch).finally(() => this.#underWay.delete(work))
    this.#underWay.add(work)
  }

  async #detect(batch: readonly Frame[]): Promise<void> {
    const { detector, metrics, health } = this.#deps
    let inferMs = 0
    const done = health?.begin(batch.length)
    try {
      const seen = await detector.detect(batch, (runMs) => {
        inferMs = runMs / batch.length
      })
      metrics
        .histogram('murmur_inference_seconds')
        .labels(detector.info.provider)
        .observe(inferMs / 1000)
      done?.({ isAnswered: true })
      metrics.counter('murmur_frames_analysed_total').labels().inc(batch.length)
      for (const [i, frame] of batch.entries()) this.#publish(frame, seen[i]!, inferMs)
    } catch (error) {
      // Live ones are lost; the next ones may be better, and a network that always fails shows in the log and in drops.
      done?.({ isAnswered: false })
      metrics.counter('murmur_frames_failed_total').labels().inc(batch.length)
      for (const frame of batch) if (this.#failures.isLast(frame)) this.#publish(frame, [], 0, true)
      this.#complain('the network failed', { reason: messageOf(error), frames: batch.length })
    }
  }

  #publish(frame: Frame, detections: Detection[], inferMs: number, failed?: true): void {
    const { bus, detector, instance, warningFor } = this.#deps
    const {
      v,
      tenant = DEFAULT_TENANT,
      camera,
      monitor,
      epoch,
      seq,
      capturedAtMs,
      atMs,
      mediaMs,
      pace,
      oldest,
      gate,
    } = frame.header
    const modelWarning = warningFor?.(frame.header.origin)
    const message: Detections = {
      v,
      camera,
      monitor,
      epoch,
      seq,
      capturedAtMs,
      atMs,
      mediaMs,
      pace,
      ...(oldest !== undefined && { oldest }),
      ...(failed && { failed }),
      ...describeFrame(frame, detections.slice(0, 1000)),
      model: detector.info.model,
      ...(modelWarning !== undefined && { modelWarning }),
      detector: instance,
      skipped: this.#selection.skippedOf(frame),
      inferMs: Number(inferMs.toFixed(2)),
      ...(gate && { gate }),
    }
    bus.publishCore(SUBJECTS.detections(tenant, camera), JSON.stringify(message))
  }
}
