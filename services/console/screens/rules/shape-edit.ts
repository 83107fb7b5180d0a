import { crossingFault, type Point } from '#schemas/geometry.ts'

/** How near something has to be to be snapped to. Share of the picture. */
export const SNAP = 0.012
/** Corners nearer than this are the same one. */
const SAME = 0.004

/** Within the picture, with as many digits as anybody can draw. Pure. */
export function clampPoint([x, y]: readonly [number, number]): Point {
  const within = (value: number) => Math.round(Math.min(1, Math.max(0, value)) * 1000) / 1000
  return [within(x), within(y)]
}

/**
 * Where a point is put that is drawn near something: on a corner of another shape, else, each by itself, on an edge of the picture or level
 * with the corner before. Pure.
 * @param corners of other shapes
 * @param before the corner before it
 */
export function snapPoint(
  point: readonly [number, number],
  {
    corners,
    before,
    within = SNAP,
  }: { corners: readonly Point[]; before?: Point | undefined; within?: number },
): Point {
  const nearest = corners
    .map((corner) => ({ corner, distance: Math.hypot(corner[0] - point[0], corner[1] - point[1]) }))
    .filter(({ distance }) => distance <= within)
    .toSorted((a, b) => a.distance - b.distance)[0]
  if (nearest) return nearest.corner
  const along = (value: number, level: number | undefined) => {
    const marks = [0, 1, ...(level === undefined ? [] : [level])]
    return marks.find((mark) => Math.abs(mark - value) <= within) ?? value
  }
  return clampPoint([along(point[0], before?.[0]), along(point[1], before?.[1])])
}

/** What speaks against closing a polygon; undefined: nothing. The same as the edge would refuse it for. Pure. */
export function polygonFault(points: readonly Point[]): string | undefined {
  if (points.length < 3) return 'a polygon needs at least three points'
  const crossing = crossingFault(points)
  if (crossing) return crossing
  return Math.abs(doubleArea(points)) > 1e-6 ? undefined : 'the polygon encloses no area'
}

/** Whether a point closes the polygon that is drawn: it is its first corner again. Pure. */
export function closes(points: readonly Point[], point: Point, within = SNAP): boolean {
  const first = points[0]
  return (
    points.length >= 3 &&
    first !== undefined &&
    Math.hypot(first[0] - point[0], first[1] - point[1]) <= within
  )
}

/** With a corner more; one that is where the last one is changes nothing. Pure. */
export function addCorner(points: readonly Point[], point: Point): Point[] {
  const last = points.at(-1)
  if (last && Math.hypot(last[0] - point[0], last[1] - point[1]) < SAME) return [...points]
  return [...points, point]
}

/** A corner halfway to the next one. Pure. */
export function splitEdge(points: readonly Point[], at: number): Point[] {
  const [from, to] = [points[at]!, points[(at + 1) % points.length]!]
  return points.toSpliced(at + 1, 0, clampPoint([(from[0] + to[0]) / 2, (from[1] + to[1]) / 2]))
}

/** Without a corner; a triangle stays one. Pure. */
export function removeCorner(points: readonly Point[], at: number): Point[] {
  return points.length <= 3 ? [...points] : points.toSpliced(at, 1)
}

function doubleArea(points: readonly Point[]): number {
  return points.reduce((sum, [x, y], at) => {
    const [nextX, nextY] = points[(at + 1) % points.length]!
    return sum + x * nextY - nextX * y
  }, 0)
}
