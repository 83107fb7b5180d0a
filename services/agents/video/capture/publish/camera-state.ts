import type { Clock } from '#platform/clock/clock.ts'
import type { CorePublishing } from '#platform/nats/bus.ts'
import type { CameraState } from '#schemas/camera.ts'
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
  reconnects: number
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
  let decodedBefore = 0
  let fps = 0

  const reporter = {
    status: 'connecting' as CameraState['status'],
    reason: undefined as string | undefined,
    counts: { decoded: 0, droppedAtCapture: 0, gated: 0 },
    reconnects: 0,
    source: undefined as CameraState['source'],
    model: undefined as CameraState['model'],
    modelWarning: undefined as CameraState['modelWarning'],
    decoding: undefined as CameraState['decoding'],
    input: undefined as CameraState['input'],
    mainStream: undefined as CameraState['mainStream'],
    get fps() {
      return fps
    },
    set(status: CameraState['status'], reason?: string) {
      const hasChanged = status !== reporter.status || reason !== reporter.reason
      reporter.status = status
      reporter.reason = reason
      if (hasChanged || status === 'ended') publish()
    },
    tick() {
      const elapsedMs = clock.monotonicMs() - publishedAtMs
      if (elapsedMs < INTERVAL_MS) return
      fps = ((reporter.counts.decoded - decodedBefore) / elapsedMs) * 1000
      publishedAtMs += elapsedMs
      decodedBefore = reporter.counts.decoded
      publish()
    },
  }

  function publish(): void {
    const { status, reason, reconnects, source, counts, model, modelWarning, decoding, mainStream } = reporter
    const { input } = reporter
    const state: CameraState = {
      v: 1,
      ...{ camera, monitor, epoch },
      status,
      ...(reason !== undefined && { reason: reason.slice(0, 1000) }),
      reconnects,
      fps: status === 'live' ? Math.round(fps * 10) / 10 : 0,
      ...(source && { source }),
      frames: { ...counts },
      ...(model !== undefined && { model }),
      ...(modelWarning !== undefined && { modelWarning }),
      ...(decoding && { decoding }),
      ...(mainStream && { mainStream }),
      ...(input && { input }),
      atMs: clock.nowMs(),
    }
    bus.publishCore(SUBJECTS.cameraState(tenant, camera), JSON.stringify(state))
  }

  return reporter
}
