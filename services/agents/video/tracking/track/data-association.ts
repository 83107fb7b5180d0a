import type { Detection } from '#schemas/detection.ts'
import { OBJECT_CLASSES } from '#schemas/watch-rule.ts'
import type { TrackState } from './track-state.ts'

/** Above every real cost: a pair that must not be. */
export const FORBIDDEN = Number.POSITIVE_INFINITY

/**
 * The assignment with the smallest sum of costs, where leaving a row without a column costs `limit`: the Hungarian method with
 * potentials, O(rows² · columns). Pure.
 *
 * @param costs rows × columns; pairs at or above `limit` are never made
 * @returns for every row its column, or -1
 */
export function solveAssignment(costs: readonly (readonly number[])[], limit: number): number[] {
  const rows = costs.length
  const columns = costs[0]?.length ?? 0
  if (rows === 0 || columns === 0) return new Array<number>(rows).fill(-1)
  // Each row has a dummy column of its own in which it stays unassigned, so there is always a full assignment.
  const width = columns + rows
  const costOf = (row: number, column: number) =>
    column < columns ? Math.min(costs[row]![column]!, limit) : limit
  const rowPotential = new Float64Array(rows + 1)
  const columnPotential = new Float64Array(width + 1)
  /** Row (from 1) of each column (from 1); 0: free. */
  const rowOf = new Int32Array(width + 1)
  const cameFrom = new Int32Array(width + 1)
  for (let row = 1; row <= rows; row++) augment(row)

  const result = new Array<number>(rows).fill(-1)
  for (let column = 1; column <= columns; column++) {
    const row = rowOf[column]!
    if (row > 0 && costs[row - 1]![column - 1]! < limit) result[row - 1] = column - 1
  }
  return result

  /** Finds the cheapest alternating path from a row to a free column, and turns it round. */
  function augment(start: number): void {
    const slack = new Float64Array(width + 1).fill(Number.POSITIVE_INFINITY)
    const done = new Uint8Array(width + 1)
    rowOf[0] = start
    let column = 0
    while (column === 0 || rowOf[column] !== 0) {
      done[column] = 1
      const row = rowOf[column]!
      let delta = Number.POSITIVE_INFINITY
      let next = 0
      for (let other = 1; other <= width; other++) {
        if (done[other]) continue
        const reduced = costOf(row - 1, other - 1) - rowPotential[row]! - columnPotential[other]!
        if (reduced < slack[other]!) {
          slack[other] = reduced
          cameFrom[other] = column
        }
        if (slack[other]! < delta) {
          delta = slack[other]!
          next = other
        }
      }
      for (let other = 0; other <= width; other++) {
        if (done[other]) {
          rowPotential[rowOf[other]!]! += delta
          columnPotential[other]! -= delta
        } else slack[other]! -= delta
      }
      column = next
    }
    while (column !== 0) {
      const before = cameFrom[column]!
      rowOf[column] = rowOf[before]!
      column = before
    }
  }
}

/** Input and result of one stage of association. */
export interface AssociationInput {
  tracks: readonly TrackState[]
  detections: readonly Detection[]
}
export interface Association {
  pairs: (readonly [TrackState, Detection])[]
  tracks: TrackState[]
  detections: Detection[]
}

/**
 * Pairs tracks with detections of their class so that the sum of costs is smallest; what costs `limit` or more stays alone.
 * Pure.
 */
export function associateByClass(
  { tracks, detections }: AssociationInput,
  costOf: (track: TrackState, detection: Detection) => number,
  limit: number,
): Association {
  const result: Association = { pairs: [], tracks: [], detections: [] }
  for (const objectClass of OBJECT_CLASSES) {
    const rows = tracks.filter((track) => track.class === objectClass)
    const columns = detections.filter((detection) => detection.class === objectClass)
    const costs = rows.map((track) => columns.map((detection) => costOf(track, detection)))
    const chosen = solveAssignment(costs, limit)
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
