import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Bus } from '#platform/nats/bus.ts'
import { type FrameMarks, frameRequestOf, type SnapshotRequest } from '#schemas/camera.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { PictureCache } from './picture-cache.ts'

const TIMEOUT_MS = 5000

/** A picture of a camera, as JPEG. */
export interface MonitorFrame {
  readonly jpeg: Uint8Array
  /** Which one it is, where one was asked for and is shown; undefined: the newest. */
  readonly frame?: SnapshotRequest
}

/** Pictures of monitors, drawn once for all who ask at about the same time. */
export class MonitorFrames {
  readonly #bus: Pick<Bus, 'requestBytes'>
  readonly #newest = new PictureCache<MonitorFrame>()
  readonly #seen = new PictureCache<MonitorFrame>()

  constructor(bus: Pick<Bus, 'requestBytes'>) {
    this.#bus = bus
  }

  /**
   * The newest picture. @param input of the monitor's task, for its zones and lines
   * @throws MurmurError what capture refuses it for; UNAVAILABLE where nobody captures
   */
  newest(monitor: string, input: unknown, marks: FrameMarks): Promise<MonitorFrame> {
    return this.#newest.get(`${monitor} ${marks.grid} ${marks.zones}`, async () => ({
      jpeg: await this.#ask(monitor, frameRequestOf(input, marks)),
    }))
  }

  /**
   * The picture of a frame that was looked at, or one that somebody else was just given, with nothing drawn into it: it says which. The newest where
   * that frame is not kept any more. @throws as above
   */
  seen(monitor: string, frame: SnapshotRequest): Promise<MonitorFrame> {
    return this.#seen.get(monitor, async () => {
      try {
        return { jpeg: await this.#ask(monitor, frame), frame }
      } catch (error) {
        if (!(error instanceof MurmurError && error.code === 'INVALID_REQUEST')) throw error
        return this.newest(monitor, undefined, { grid: false, zones: false })
      }
    })
  }

  #ask(monitor: string, request: object): Promise<Uint8Array> {
    return this.#bus.requestBytes(SUBJECTS.monitorSnapshot(monitor), request, { timeoutMs: TIMEOUT_MS })
  }
}
