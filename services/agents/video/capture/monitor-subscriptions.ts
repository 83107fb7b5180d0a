import { MurmurError } from '#platform/errors/murmur-error.ts'
import { readMessage } from '#platform/json/read-message.ts'
import type { SubjectServing, Subscribing } from '#platform/nats/bus.ts'
import { snapshotRequestSchema, type Tracks, tracksSchema } from '#schemas/camera.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { encodeJpeg } from '../pictures/jpeg.ts'
import type { CameraIdentity } from './publish/camera-state.ts'
import type { DisplayRing } from './publish/display-ring.ts'

/** The queue group of this agent's services. */
const QUEUE = 'capture'

/** Answers requests for frames that are still kept, as JPEG. @returns a function that ends it */
export function serveSnapshots(
  bus: SubjectServing,
  { monitor, epoch, ring }: { monitor: string; epoch: number; ring: DisplayRing },
): () => void {
  return bus.serveSubject(
    SUBJECTS.monitorSnapshot(monitor),
    ({ data }) => {
      const request = readMessage(data, snapshotRequestSchema)
      if (!request)
        throw new MurmurError('INVALID_REQUEST', 'a snapshot is asked for by {"epoch": …, "seq": …}')
      const picture = request.epoch === epoch ? ring.get(request.seq) : undefined
      if (!picture) throw new MurmurError('INVALID_REQUEST', `frame ${request.seq} is not kept here any more`)
      // The pixels are copied before the first wait, so that the ring may use them again.
      return encodeJpeg(picture, { quality: 85 })
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
