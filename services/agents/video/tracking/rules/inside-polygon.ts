import type { Point, Polygon } from '#schemas/geometry.ts'

/** Points on the picture's edge count as just within it: who stands on the lower edge is in a zone that reaches down to it. */
const EDGE = 1e-6

/** Whether a point is in a polygon (even–odd rule). Pure. */
export function insidePolygon(point: Point, polygon: Polygon): boolean {
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
