import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { BusMessage, Subscribing } from '#platform/nats/bus.ts'
import type { Redis } from '#platform/redis/redis.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import {
  DETECTOR_HANGS_AFTER_MS,
  type DetectorHeartbeat,
  type DetectorView,
  detectorHeartbeatSchema,
} from '#schemas/detection.ts'
import { SUBJECTS } from '#subjects/subjects.ts'

export interface DetectorRegistryDeps {
  bus: Subscribing
  redis: Pick<Redis, 'hgetall' | 'hset' | 'hdel'>
  /** The broker's. */
  clock: Pick<Clock, 'nowMs'>
  log: Log
  metrics: Metrics
  /** Whether this orchestrator tells the figures of detectors: one of all does. */
  isReporter?: () => boolean
}

const KEY = 'murmur:detectors'
const QUEUE = 'orchestrators'
const MAX_BEAT_BYTES = 16 * 1024
/** Four heartbeats and a half. */
const SILENT_AFTER_MS = 4500
/** One that was killed is still shown for so long: somebody has to see that it is missing. */
const FORGOTTEN_AFTER_MS = 600_000
const STATES = ['ready', 'hung', 'silent'] as const

type Kept = DetectorHeartbeat & { lastSeenMs: number }

/** Which detectors there are and whether their networks come back, by their heartbeats. */
export class DetectorRegistry implements Component {
  readonly name = 'detector registry'
  readonly #deps: DetectorRegistryDeps
  #end: () => void = () => {}

  constructor(deps: DetectorRegistryDeps) {
    this.#deps = deps
  }

  start(): void {
    const { bus, metrics } = this.#deps
    this.#end = bus.subscribe(SUBJECTS.detectorHeartbeatAll, (message) => void this.#hear(message), {
      queue: QUEUE,
      whileServing: true,
    })
    metrics.onScrape(() => this.#refreshGauge())
  }

  quiesce(): void {
    this.#end()
  }

  /** By name: those that are heard, and those that fell silent lately without a word. @throws what Redis throws */
  async list(): Promise<DetectorView[]> {
    const { clock, redis } = this.#deps
    const nowMs = clock.nowMs()
    const all = Object.values(await redis.hgetall(KEY)).map((json) => JSON.parse(json) as Kept)
    const isGone = ({ lastSeenMs }: Kept) => nowMs - lastSeenMs > FORGOTTEN_AFTER_MS
    const gone = all.filter(isGone).map(({ instance }) => instance)
    if (gone.length > 0) await redis.hdel(KEY, gone)
    return all
      .filter((kept) => !isGone(kept))
      .map((kept) => viewOf(kept, nowMs))
      .sort((a, b) => a.instance.localeCompare(b.instance))
  }

  async #hear({ subject, data }: BusMessage): Promise<void> {
    const { clock, log, redis } = this.#deps
    try {
      const beat = detectorHeartbeatSchema.parse(parseBoundedJson(data, { maxBytes: MAX_BEAT_BYTES }))
      // The server checks who may publish on a subject, and nobody else checks what stands in the body.
      if (subject !== SUBJECTS.detectorHeartbeat(beat.instance))
        throw new MurmurError('INVALID_REQUEST', 'a heartbeat that names another detector than its subject')
      if (beat.status === 'stopped') await redis.hdel(KEY, [beat.instance])
      else
        await redis.hset(
          KEY,
          beat.instance,
          JSON.stringify({ ...beat, lastSeenMs: clock.nowMs() } satisfies Kept),
        )
    } catch (error) {
      // The next one comes in a second.
      log.debug({ reason: messageOf(error), subject }, 'a heartbeat of a detector was not kept')
    }
  }

  async #refreshGauge(): Promise<void> {
    const gauge = this.#deps.metrics.gauge('murmur_detectors')
    gauge.clear()
    if (this.#deps.isReporter?.() === false) return
    const views = await this.list()
    for (const state of STATES) gauge.labels(state).set(views.filter((view) => view.state === state).length)
  }
}

/** Pure. */
function viewOf({ status: _status, ...kept }: Kept, nowMs: number): DetectorView {
  if (nowMs - kept.lastSeenMs > SILENT_AFTER_MS) return { ...kept, fps: 0, state: 'silent' }
  return { ...kept, state: kept.busyMs > DETECTOR_HANGS_AFTER_MS ? 'hung' : 'ready' }
}
