import type { Clock } from '#platform/clock/clock.ts'
import type { CorePublishing } from '#platform/nats/bus.ts'
import { type CameraState, givesPictures } from '#schemas/camera.ts'
import { SUBJECTS } from '#subjects/subjects.ts'

const INTERVAL_MS = 1000

/** What a state is about; the rest of it changes. */
export interface CameraIdentity {
  tenant: string
  camera: string
  monitor: string
  epoch: number
}

/** Publishes how a camera is: every second, and whenever that changes. */
export interface CameraReporter {
  readonly status: CameraState['status']
  readonly reason: string | undefined
  /** Decoded frames a second, lately. */
  readonly fps: number
  readonly counts: { decoded: number; droppedAtCapture: number; gated: number }
  /** Frames a second that came back, lately. */
  readonly analysedFps: number
  reconnects: number
  /** Times that a backlog was cut. */
  cuts: number
  /** How old the picture was that was decoded last, by the stream's time; undefined where that has none. Milliseconds. */
  lagMs: number | undefined
  source: CameraState['source']
  /** The model that looks at its frames, once it is known. */
  model: CameraState['model']
  modelWarning: CameraState['modelWarning']
  /** What decodes it, once that is known. */
  decoding: CameraState['decoding']
  /** What a network is given of each frame, and what is to be said about that. */
  input: CameraState['input']
  /** Its main stream, where another one is analysed. */
  mainStream: CameraState['mainStream']
  set(status: CameraState['status'], reason?: string): void
  /** A frame has come back: the how-manieth that was sent, and how old it is. Milliseconds. */
  returned(sent: number, latencyMs: number): void
  /** To be called often; publishes when a second is over. */
  tick(): void
}

export function createCameraReporter(
  bus: CorePublishing,
  clock: Clock,
  identity: CameraIdentity,
): CameraReporter {
  const { tenant, camera, monitor, epoch } = identity
  let publishedAtMs = clock.monotonicMs()
  let sinceMs = clock.nowMs()
  let before = { decoded: 0, returned: 0 }
  let fps = 0
  let analysedFps = 0
  let returned = 0
  let last: { sent: number; ageMs: number; atMs: number } | undefined

  const reporter = {
    status: 'connecting' as CameraState['status'],
    reason: undefined as string | undefined,
    counts: { decoded: 0, droppedAtCapture: 0, gated: 0 },
    reconnects: 0,
    cuts: 0,
    lagMs: undefined as number | undefined,
    source: undefined as CameraState['source'],
    model: undefined as CameraState['model'],
    modelWarning: undefined as CameraState['modelWarning'],
    decoding: undefined as CameraState['decoding'],
    input: undefined as CameraState['input'],
    mainStream: undefined as CameraState['mainStream'],
    get fps() {
      return fps
    },
    get analysedFps() {
      return analysedFps
    },
    set(status: CameraState['status'], reason?: string) {
      const hasChanged = status !== reporter.status || reason !== reporter.reason
      if (status !== reporter.status) sinceMs = clock.nowMs()
      reporter.status = status
      reporter.reason = reason
      if (hasChanged || status === 'ended') publish()
    },
    tick() {
      const elapsedMs = clock.monotonicMs() - publishedAtMs
      if (elapsedMs < INTERVAL_MS) return
      fps = ((reporter.counts.decoded - before.decoded) / elapsedMs) * 1000
      analysedFps = ((returned - before.returned) / elapsedMs) * 1000
      publishedAtMs += elapsedMs
      before = { decoded: reporter.counts.decoded, returned }
      publish()
    },
    returned(sent: number, latencyMs: number) {
      returned++
      last = { sent: Math.max(sent, last?.sent ?? 0), ageMs: latencyMs, atMs: clock.nowMs() }
    },
  }

  function publish(): void {
    const { status, reason, reconnects, source, counts, model, modelWarning, cuts, lagMs } = reporter
    const { decoding, input, mainStream } = reporter
    const rate = (perSecond: number) => (givesPictures(status) ? Math.round(perSecond * 10) / 10 : 0)
    const state: CameraState = {
      v: 1,
      ...{ camera, monitor, epoch },
      status,
      ...(reason !== undefined && { reason: reason.slice(0, 1000) }),
      reconnects,
      fps: rate(fps),
      analysedFps: rate(analysedFps),
      sinceMs,
      ...(source && { source }),
      ...(model !== undefined && { model }),
      ...(modelWarning !== undefined && { modelWarning }),
      ...(decoding && { decoding }),
      ...(mainStream && { mainStream }),
      ...(input && { input }),
      frames: { ...counts, droppedAtDetection: Math.max(0, (last?.sent ?? 0) - returned) },
      ...(lagMs !== undefined && givesPictures(status) && { lagMs: Math.round(lagMs) }),
      ...(last && { ageMs: Math.round(last.ageMs), analysedAtMs: last.atMs }),
      cuts,
      atMs: clock.nowMs(),
    }
    bus.publishCore(SUBJECTS.cameraState(tenant, camera), JSON.stringify(state))
  }

  return reporter
}
