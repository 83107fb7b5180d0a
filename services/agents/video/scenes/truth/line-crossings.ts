import type { SceneFrame } from '#schemas/scene-truth.ts'
import type { Line, ObjectClass } from '#schemas/watch-rule.ts'
import { LEAVE_MS, type PictureSize, standsAt } from './visits.ts'

type Point = readonly [number, number]

export interface LineCrossing {
  id: number
  /** Between two frames, where the straight path between them meets the line. Milliseconds. */
  atMs: number
  direction: 'left-to-right' | 'right-to-left'
}

/**
 * All crossings of a line between its ends by the bottom centres of boxes. Left and right are those of somebody who stands
 * at `from` and looks towards `to`. Over and back within a second is no crossing.
 */
export function crossingsOf(
  line: Line,
  {
    frames,
    classes,
    size,
  }: { frames: readonly SceneFrame[]; classes: readonly ObjectClass[]; size: PictureSize },
): LineCrossing[] {
  const before = new Map<number, { at: Point; atMs: number }>()
  const crossings = new Map<number, LineCrossing[]>()
  for (const { atMs, boxes } of frames) {
    for (const { id, class: kind, box } of boxes) {
      if (!classes.includes(kind)) continue
      const at = standsAt(box, size)
      const last = before.get(id)
      before.set(id, { at, atMs })
      const share = last && meets(line, last.at, at)
      if (share === undefined) continue
      const found = crossings.get(id) ?? []
      crossings.set(id, found)
      const direction = sideOf(line, at) > 0 ? 'left-to-right' : 'right-to-left'
      const crossing = { id, atMs: last!.atMs + share * (atMs - last!.atMs), direction } as const
      const previous = found[found.length - 1]
      if (previous && crossing.atMs - previous.atMs <= LEAVE_MS) found.pop()
      else found.push(crossing)
    }
  }
  return [...crossings.values()].flat().sort((a, b) => a.atMs - b.atMs)
}

/** Above 0 on the right, below 0 on the left: the picture's y points down. */
function sideOf({ from, to }: Line, [x, y]: Point): number {
  return (to[0] - from[0]) * (y - from[1]) - (to[1] - from[1]) * (x - from[0])
}

/** Where on the way from a to b the line is met, 0–1; undefined when it is not. */
function meets(line: Line, a: Point, b: Point): number | undefined {
  const sideA = sideOf(line, a)
  const sideB = sideOf(line, b)
  if (sideA > 0 === sideB > 0) return undefined
  const share = sideA / (sideA - sideB)
  const x = a[0] + (b[0] - a[0]) * share
  const y = a[1] + (b[1] - a[1]) * share
  const { from, to } = line
  const along = (x - from[0]) * (to[0] - from[0]) + (y - from[1]) * (to[1] - from[1])
  const length = (to[0] - from[0]) ** 2 + (to[1] - from[1]) ** 2
  return along >= 0 && along <= length ? share : undefined
}
