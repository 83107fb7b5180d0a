import type { Box, Point, Polygon } from '#schemas/geometry.ts'

/** Area of a box, as a share of the picture's. Pure. */
export function boxArea([left, top, right, bottom]: Box): number {
  return (right - left) * (bottom - top)
}

/** Area that two boxes have in common. Pure. */
export function intersectionArea(a: Box, b: Box): number {
  const width = Math.min(a[2], b[2]) - Math.max(a[0], b[0])
  const height = Math.min(a[3], b[3]) - Math.max(a[1], b[1])
  return width > 0 && height > 0 ? width * height : 0
}

/** Intersection over union: 0 for boxes that do not touch, 1 for the same box. Pure. */
export function iou(a: Box, b: Box): number {
  const shared = intersectionArea(a, b)
  return shared === 0 ? 0 : shared / (boxArea(a) + boxArea(b) - shared)
}

/** How much of the smaller box lies in the other: 1 when it is inside. Pure. */
export function containment(a: Box, b: Box): number {
  const smaller = Math.min(boxArea(a), boxArea(b))
  return smaller > 0 ? intersectionArea(a, b) / smaller : 0
}

/** Where an object stands: the middle of its lower edge. Pure. */
export function bottomCentre([left, , right, bottom]: Box): Point {
  return [(left + right) / 2, bottom]
}

/** The part of a box that lies in the picture. Pure. */
export function clipBox(box: Box): Box {
  return box.map((value) => Math.min(1, Math.max(0, value))) as Box
}

/** Points on the picture's edge count as just within it: who stands on the lower edge is in a zone that reaches down to it. */
const EDGE = 1e-6

/** Whether a point is in a polygon (even–odd rule). Pure. */
export function isInsidePolygon(point: Point, polygon: Polygon): boolean {
  const [x, y] = point.map((value) => Math.min(1 - EDGE, Math.max(EDGE, value))) as Point
  let inside = false
  for (const [[ax, ay], [bx, by]] of edgesOf(polygon)) {
    if (ay > y !== by > y && x < ax + ((bx - ax) * (y - ay)) / (by - ay)) inside = !inside
  }
  return inside
}

/** Distance of a point to the nearest edge of a polygon, in shares of the picture. Pure. */
export function distanceToEdge(point: Point, polygon: Polygon): number {
  return Math.min(...edgesOf(polygon).map(([from, to]) => distanceToSegment(point, from, to)))
}

/** Distance of a point to a straight line between two points. Pure. */
export function distanceToSegment([x, y]: Point, [ax, ay]: Point, [bx, by]: Point): number {
  const length = (bx - ax) ** 2 + (by - ay) ** 2
  const along = length === 0 ? 0 : ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length
  const share = Math.min(1, Math.max(0, along))
  return Math.hypot(x - ax - share * (bx - ax), y - ay - share * (by - ay))
}

function edgesOf(polygon: Polygon): [Point, Point][] {
  return polygon.map((from, i) => [from, polygon[(i + 1) % polygon.length]!])
}
