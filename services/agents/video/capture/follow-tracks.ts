import { readMessage } from '#platform/json/read-message.ts'
import type { Subscribing } from '#platform/nats/bus.ts'
import { type Tracks, tracksSchema } from '#schemas/camera.ts'
import { SUBJECTS } from '#subjects/subjects.ts'

/** The frames that have come back: of this monitor and epoch only. @returns a function that ends it */
export function followTracks(
  bus: Subscribing,
  { camera, monitor, epoch }: { camera: string; monitor: string; epoch: number },
  onTracks: (tracks: Tracks) => void,
): () => void {
  return bus.subscribe(SUBJECTS.tracks(camera), ({ data }) => {
    const tracks = readMessage(data, tracksSchema)
    if (tracks?.monitor === monitor && tracks.epoch === epoch) onTracks(tracks)
  })
}
