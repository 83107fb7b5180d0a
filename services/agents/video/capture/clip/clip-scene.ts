import type { Tracks } from '#schemas/camera.ts'
import type { CaptureInput } from '#schemas/monitor-steps.ts'
import { type OverlayScene, objectLabel } from '../../pictures/overlay-scene.ts'
import { counted } from '../progress.ts'

/** What is drawn over a frame of the clip. Pure. */
export function clipScene(
  { camera, zones, lines }: Pick<CaptureInput, 'camera' | 'zones' | 'lines'>,
  tracks: Pick<Tracks, 'tracks' | 'persons' | 'vehicles' | 'mediaMs'> | undefined,
): OverlayScene {
  const occupied = new Set(tracks?.tracks.flatMap((track) => track.zones))
  return {
    zones: zones.map((zone) => ({ ...zone, active: occupied.has(zone.id) })),
    lines,
    boxes: (tracks?.tracks ?? []).map((track) => ({
      box: track.box,
      class: track.class,
      label: objectLabel(track),
      predicted: track.predicted,
    })),
    caption: {
      title: camera,
      details: tracks
        ? [
            counted(tracks.persons, 'person'),
            counted(tracks.vehicles, 'vehicle'),
            `${(tracks.mediaMs / 1000).toFixed(1)} s`,
          ]
        : [],
    },
  }
}
