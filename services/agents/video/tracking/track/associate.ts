import type { Detection } from '#schemas/detection.ts'
import { OBJECT_CLASSES } from '#schemas/watch-rule.ts'
import { assign } from './assign.ts'
import type { TrackState } from './track-state.ts'

/** What one round of association looks at, and what it makes of it. */
export interface Round {
  tracks: readonly TrackState[]
  detections: readonly Detection[]
}
export interface RoundResult {
  pairs: (readonly [TrackState, Detection])[]
  tracks: TrackState[]
  detections: Detection[]
}

/**
 * Pairs tracks with detections of their class so that the sum of costs is smallest; what costs `limit` or more stays alone.
 * Pure.
 */
export function associate(
  { tracks, detections }: Round,
  costOf: (track: TrackState, detection: Detection) => number,
  limit: number,
): RoundResult {
  const result: RoundResult = { pairs: [], tracks: [], detections: [] }
  for (const objectClass of OBJECT_CLASSES) {
    const rows = tracks.filter((track) => track.class === objectClass)
    const columns = detections.filter((detection) => detection.class === objectClass)
    const costs = rows.map((track) => columns.map((detection) => costOf(track, detection)))
    const chosen = assign(costs, limit)
    const taken = new Set(chosen)
    rows.forEach((track, row) => {
      if (chosen[row]! < 0) result.tracks.push(track)
      else result.pairs.push([track, columns[chosen[row]!]!])
    })
    columns.forEach((detection, column) => {
      if (!taken.has(column)) result.detections.push(detection)
    })
  }
  return result
}
