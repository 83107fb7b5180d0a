import { MurmurError } from '#platform/errors/murmur-error.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { SubjectServing, Subscribing } from '#platform/nats/bus.ts'
import {
  frameRequestSchema,
  type SnapshotRequest,
  snapshotRequestSchema,
  type Tracks,
  tracksSchema,
} from '#schemas/camera.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { encodeJpeg } from '../pictures/jpeg.ts'
import { drawOverlay } from '../pictures/overlay.ts'
import type { OverlayScene } from '../pictures/overlay-scene.ts'
import type { MainStream } from './main-stream/main-stream.ts'
import type { CameraIdentity } from './publish/camera-state.ts'
import type { DisplayRing } from './publish/display-ring.ts'

/** The queue group of this agent's services. */
const QUEUE = 'capture'

/** Pictures that are drawn at the same time for one camera: drawing takes tens of milliseconds of several cores. */
const MAX_DRAWN = 2
const DRAW_AGAIN_MS = 1000

export interface SnapshotSources {
  monitor: string
  epoch: number
  ring: DisplayRing
  /** Where better pictures are, when another stream of the camera is analysed; the ring's are taken where it has none. */
  main?: Pick<MainStream, 'picture'> | undefined
}

/**
 * Answers requests for frames that are still kept, and for the newest one, as JPEG. Pixels are copied before the first wait, so that the ring
 * may use them again.
 * @returns a function that ends it
 */
export function serveSnapshots(
  bus: SubjectServing,
  { monitor, epoch, ring, main }: SnapshotSources,
): () => void {
  let drawn = 0
  const newest = async (marks: Pick<OverlayScene, 'grid' | 'zones' | 'lines'>): Promise<Uint8Array> => {
    const picture = (await main?.picture()) ?? ring.newest()
    if (!picture)
      throw new MurmurError('TASK_STATE_CONFLICT', 'its camera has sent no picture yet', {
        retryAfterMs: DRAW_AGAIN_MS,
      })
    if (drawn >= MAX_DRAWN)
      throw new MurmurError('OVERLOADED', 'pictures of this camera are being drawn for others', {
        retryAfterMs: DRAW_AGAIN_MS,
      })
    drawn++
    try {
      return await encodeJpeg(await drawOverlay(picture, marks), { quality: 90 })
    } finally {
      drawn--
    }
  }
  const kept = async ({ epoch: of, seq }: SnapshotRequest): Promise<Uint8Array> => {
    const atMs = of === epoch ? ring.timeOf(seq) : undefined
    const better = atMs === undefined ? undefined : await main?.picture(atMs)
    const picture = better ?? (of === epoch ? ring.get(seq) : undefined)
    if (!picture) throw new MurmurError('INVALID_REQUEST', `frame ${seq} is not kept here any more`)
    return encodeJpeg(picture, { quality: 85 })
  }
  return bus.serveSubject(
    SUBJECTS.monitorSnapshot(monitor),
    ({ data }) => {
      const frame = readMessage(data, frameRequestSchema)
      if (frame) return newest(frame)
      const request = readMessage(data, snapshotRequestSchema)
      if (request) return kept(request)
      throw new MurmurError(
        'INVALID_REQUEST',
        'a snapshot is asked for by {"epoch": …, "seq": …}, the newest frame by {"newest": true}',
      )
    },
    { queue: QUEUE, always: true },
  )
}

/** Ends the monitor in order when that is requested. @returns a function that ends it */
export function serveStop(bus: SubjectServing, monitor: string, stop: () => void): () => void {
  return bus.serveSubject(
    SUBJECTS.monitorStop(monitor),
    () => {
      stop()
      return { stopping: true }
    },
    { queue: QUEUE, always: true },
  )
}

/** The frames that have come back: of this monitor and epoch only. @returns a function that ends it */
export function followTracks(
  bus: Subscribing,
  { tenant, camera, monitor, epoch }: CameraIdentity,
  onTracks: (tracks: Tracks) => void,
): () => void {
  return bus.subscribe(SUBJECTS.tracks(tenant, camera), ({ data }) => {
    const tracks = readMessage(data, tracksSchema)
    if (tracks?.monitor === monitor && tracks.epoch === epoch) onTracks(tracks)
  })
}
