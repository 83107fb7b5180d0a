import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { BlobStore } from '#platform/nats/blob-store.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import type { Metrics } from '#platform/telemetry/metrics.ts'
import type { Alert } from '#schemas/alert.ts'
import type { BlobRef } from '#schemas/blob.ts'
import type { SnapshotRequest } from '#schemas/camera.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { encodeJpeg } from '../pictures/jpeg.ts'
import { drawOverlay } from '../pictures/overlay.ts'
import { type OverlayScene, objectLabel } from '../pictures/overlay-scene.ts'
import type { AlertPublisher } from './alert-publisher.ts'
import type { AlertStore } from './history/alert-store.ts'

export interface SnapshotDeps {
  bus: Pick<Bus, 'requestBytes'>
  /** Where pictures of a monitor are kept. */
  pictures: (monitor: string) => Pick<BlobStore, 'put'>
  store: AlertStore
  publisher: AlertPublisher
  clock: Clock
  log: Log
  metrics: Metrics
}

const FRAME_TIMEOUT_MS = 2000
/** Drawing takes tens of milliseconds of several cores: alerts come first. */
const CONCURRENCY = 2
/** Captures keep their frames for seconds: what waits behind so many would come too late anyway. */
const MAX_WAITING = 100
/** That there is no room for pictures is said once in so long. Milliseconds. */
const FULL_INTERVAL_MS = 60_000

/**
 * Gets the frames of alerts, draws what they are about, and adds them. This happens after an alert was raised and off its
 * way: it costs no latency, and an alert whose frame is gone stays without one.
 */
export class Snapshots {
  readonly #deps: SnapshotDeps
  readonly #waiting: Alert[] = []
  readonly #running = new Set<Promise<void>>()
  #saidFullMs = Number.NEGATIVE_INFINITY

  constructor(deps: SnapshotDeps) {
    this.#deps = deps
  }

  /** Returns at once. */
  add(alert: Alert): void {
    this.#waiting.push(alert)
    // The oldest frame is the one that is gone first.
    if (this.#waiting.length > MAX_WAITING)
      this.#run(this.#settle(this.#waiting.shift()!, undefined, 'too many wait'))
    this.#next()
  }

  /** Waits for those under way; the others stay without. */
  async stop(): Promise<void> {
    this.#waiting.length = 0
    await Promise.all(this.#running)
  }

  #next(): void {
    while (this.#running.size < CONCURRENCY) {
      const alert = this.#waiting.shift()
      if (!alert) return
      this.#run(this.#take(alert))
    }
  }

  #run(work: Promise<void>): void {
    const running = work
      .catch((error: unknown) => {
        this.#deps.log.warn({ reason: messageOf(error) }, 'a snapshot could not be noted')
      })
      .finally(() => {
        this.#running.delete(running)
        this.#next()
      })
    this.#running.add(running)
  }

  async #take(alert: Alert): Promise<void> {
    const { frame } = alert
    if (!frame) return this.#settle(alert, undefined, 'it has no frame')
    let snapshot: BlobRef
    try {
      snapshot = await this.#make(alert, { epoch: frame.epoch, seq: frame.seq })
    } catch (error) {
      if (error instanceof MurmurError && error.code === 'OVERLOADED') this.#sayFull(error)
      return this.#settle(alert, undefined, messageOf(error))
    }
    await this.#settle(alert, snapshot)
    await this.#announce(alert.id)
  }

  #sayFull({ message }: MurmurError): void {
    const nowMs = this.#deps.clock.nowMs()
    if (nowMs - this.#saidFullMs < FULL_INTERVAL_MS) return
    this.#saidFullMs = nowMs
    this.#deps.log.warn({ why: message }, 'alerts stay without pictures')
  }

  /** @throws MurmurError when the capture has no such frame or there is no answer; BROKEN_FILE */
  async #make(alert: Alert, request: SnapshotRequest): Promise<BlobRef> {
    const { bus, pictures } = this.#deps
    const subject = SUBJECTS.monitorSnapshot(alert.monitor)
    const jpeg = await bus.requestBytes(subject, request, { timeoutMs: FRAME_TIMEOUT_MS })
    const drawn = await encodeJpeg(await drawOverlay({ jpeg }, overlayOfAlert(alert)))
    return pictures(alert.monitor).put(`monitors/${alert.monitor}`, drawn, {
      contentType: 'image/jpeg',
      name: `${alert.severity}-${alert.rule.id}-${alert.id}.jpg`,
    })
  }

  async #settle(alert: Alert, snapshot: BlobRef | undefined, why?: string): Promise<void> {
    const { store, log, metrics } = this.#deps
    if (!snapshot) log.debug({ alert: alert.id, why }, 'an alert stays without a snapshot')
    metrics
      .counter('murmur_alert_snapshots_total')
      .labels(snapshot ? 'stored' : 'missing')
      .inc()
    await store.settleSnapshot(alert.id, snapshot)
  }

  /** As it is now: it may have been acknowledged in the meantime. */
  async #announce(id: string): Promise<void> {
    const { store, publisher, clock } = this.#deps
    const [stored] = await store.read([id])
    if (stored) await publisher.changed(stored.alert, 'snapshot', clock.nowMs())
  }
}

/** What is drawn into the frame of an alert: all that it is about, and what, where and when in words. Pure. */
export function overlayOfAlert(alert: Alert): OverlayScene {
  const { zone, line, direction, objects, rule, severity, camera, message, atMs } = alert
  return {
    ...(zone && { zones: [{ ...zone, active: true }] }),
    ...(line && { lines: [{ ...line, active: true, ...(direction && { direction }) }] }),
    boxes: objects.map((object) => ({
      box: object.box,
      class: object.class,
      label: objectLabel(object),
      active: true,
    })),
    caption: {
      title: message,
      details: [camera, `${rule.id} (${rule.kind})`, timeText(atMs)],
      severity,
    },
  }
}

/** `2026-09-21 14:13:21 UTC` */
function timeText(atMs: number): string {
  return `${new Date(atMs).toISOString().slice(0, 19).replace('T', ' ')} UTC`
}
