import type { Bus } from '#platform/nats/bus.ts'
import { type Tracks, tracksSchema } from '#schemas/tracks.ts'
import { SUBJECTS } from '#subjects/subjects.ts'

const decoder = new TextDecoder()

/** The frames that have come back: of this monitor and epoch only. @returns a function that ends it */
export function followTracks(
  bus: Pick<Bus, 'subscribe'>,
  { camera, monitor, epoch }: { camera: string; monitor: string; epoch: number },
  onTracks: (tracks: Tracks) => void,
): () => void {
  return bus.subscribe(SUBJECTS.tracks(camera), ({ data }) => {
    const tracks = parseTracks(data)
    if (tracks?.monitor === monitor && tracks.epoch === epoch) onTracks(tracks)
  })
}

/** Undefined for what is none: anybody may publish anything. */
function parseTracks(data: Uint8Array): Tracks | undefined {
  try {
    return tracksSchema.safeParse(JSON.parse(decoder.decode(data))).data
  } catch {
    // No JSON.
    return undefined
  }
}
