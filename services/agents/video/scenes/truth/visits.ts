import type { Polygon } from '#schemas/geometry.ts'
import type { SceneFrame } from '#schemas/scene-truth.ts'
import type { ObjectClass } from '#schemas/watch-rule.ts'

/** Who steps over an edge and back within this time has not left. Milliseconds. */
export const LEAVE_MS = 1000

/** An object's stay in a zone: from the first frame inside to the last. Milliseconds. */
export interface Visit {
  id: number
  fromMs: number
  toMs: number
}

/** Size of the picture in pixels. */
export interface PictureSize {
  width: number
  height: number
}

/** Where an object stands: the bottom centre of its box, as shares of the picture. */
export function standsAt(
  [x1, , x2, y2]: readonly [number, number, number, number],
  { width, height }: PictureSize,
): [number, number] {
  return [(x1 + x2) / 2 / width, y2 / height]
}

/** Whether a point is in a polygon, by the even–odd rule. */
export function isInside([x, y]: readonly [number, number], polygon: Polygon): boolean {
  let inside = false
  for (const [i, [ax, ay]] of polygon.entries()) {
    const [bx, by] = polygon[(i + 1) % polygon.length]!
    if (ay > y !== by > y && x < ax + ((bx - ax) * (y - ay)) / (by - ay)) inside = !inside
  }
  return inside
}

/** All stays of objects of the classes in a zone, by when they began. Without a zone the whole picture is one. */
export function visitsTo(
  polygon: Polygon | undefined,
  {
    frames,
    classes,
    size,
  }: { frames: readonly SceneFrame[]; classes: readonly ObjectClass[]; size: PictureSize },
): Visit[] {
  const visits: Visit[] = []
  const latest = new Map<number, Visit>()
  for (const { atMs, boxes } of frames) {
    for (const { id, class: kind, box } of boxes) {
      if (!classes.includes(kind) || (polygon && !isInside(standsAt(box, size), polygon))) continue
      const visit = latest.get(id)
      if (visit && atMs - visit.toMs <= LEAVE_MS) {
        visit.toMs = atMs
        continue
      }
      const begun = { id, fromMs: atMs, toMs: atMs }
      latest.set(id, begun)
      visits.push(begun)
    }
  }
  return visits
}
