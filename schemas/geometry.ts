import { z } from 'zod'

/** A share of the picture's width or height: 0 is left or top, 1 is right or bottom. The same for every size of it. */
const OUTSIDE = { error: 'must be 0 to 1: a share of the width or height of the picture' }
const share = z.number().min(0, OUTSIDE).max(1, OUTSIDE)

/** [x, y] as shares of the picture. */
export const pointSchema = z.tuple([share, share])
export type Point = z.infer<typeof pointSchema>

/** Corners in order, not repeated at the end; at least a triangle. */
export const polygonSchema = z
  .array(pointSchema)
  .min(3, { error: 'a polygon needs at least three points' })
  .max(64)
  .refine((points) => Math.abs(doubleArea(points)) > 1e-6, {
    error: ({ input }) => crossingFault(input as Point[]) ?? 'the polygon encloses no area',
  })
export type Polygon = z.infer<typeof polygonSchema>

/** Two edges of a polygon that cross, each by its corners (from 1, as people count), and where. */
export interface Crossing {
  edges: [[number, number], [number, number]]
  at: Point
}

/**
 * The first two edges that cross, also where one of them has a corner there: then what lies inside is anybody's guess. Edges that only
 * touch do not. Pure.
 */
export function findCrossing(points: readonly Point[]): Crossing | undefined {
  const count = points.length
  for (let i = 0; i < count; i++) {
    for (let j = i + 2; j < count; j++) {
      // Neighbours meet at their corner.
      if (i === 0 && j === count - 1) continue
      const at = crossingOf([points[i]!, points[i + 1]!], [points[j]!, points[(j + 1) % count]!])
      if (at)
        return {
          edges: [
            [i + 1, i + 2],
            [j + 1, ((j + 1) % count) + 1],
          ],
          at,
        }
    }
  }
  return crossingAtCorner(points)
}

/** Where the way around goes over another edge, or over itself, in one of its corners: coordinates that are read off a grid often do. */
function crossingAtCorner(points: readonly Point[]): Crossing | undefined {
  const corners = points
    .map((at, i) => ({ at, number: i + 1 }))
    .filter(({ at }, i) => !isSame(at, points.at(i - 1)!))
  const cyclic = (i: number) => corners[(i + corners.length) % corners.length]!
  for (let i = 0; i < corners.length; i++) {
    const [from, to] = [cyclic(i), cyclic(i + 1)]
    for (let j = 0; j < corners.length; j++) {
      const [before, corner, after] = [cyclic(j - 1), cyclic(j), cyclic(j + 1)]
      if (corner === from || corner === to) continue
      const isOver = isSame(corner.at, from.at)
        ? isApart(corner.at, [cyclic(i - 1).at, to.at], [before.at, after.at])
        : isOn(corner.at, [from.at, to.at]) &&
          sideOf(before.at, from.at, to.at) * sideOf(after.at, from.at, to.at) < 0
      if (isOver)
        return {
          edges: [
            [from.number, to.number],
            [corner.number, after.number],
          ],
          at: corner.at,
        }
    }
  }
  return undefined
}

function isSame(a: Point, b: Point): boolean {
  return Math.hypot(a[0] - b[0], a[1] - b[1]) < 1e-9
}

/** On which side of the way from one point to another a third one lies: 1, -1, or 0 on it. */
function sideOf([x, y]: Point, [fromX, fromY]: Point, [toX, toY]: Point): number {
  const turn = (toX - fromX) * (y - fromY) - (toY - fromY) * (x - fromX)
  return Math.abs(turn) < 1e-12 ? 0 : Math.sign(turn)
}

/** Whether a point lies on an edge, between its ends. */
function isOn(point: Point, [from, to]: [Point, Point]): boolean {
  if (sideOf(point, from, to) !== 0 || isSame(point, from) || isSame(point, to)) return false
  const along = (point[0] - from[0]) * (to[0] - from[0]) + (point[1] - from[1]) * (to[1] - from[1])
  return along > 0 && along < (to[0] - from[0]) ** 2 + (to[1] - from[1]) ** 2
}

/** Whether two ways through one corner cross there: of the ends of one, one lies on each side of the other. */
function isApart(corner: Point, [a, b]: [Point, Point], ends: [Point, Point]): boolean {
  const angleTo = ([x, y]: Point) => Math.atan2(y - corner[1], x - corner[0])
  const from = angleTo(a)
  const turned = (angle: number) => (angle - from + 4 * Math.PI) % (2 * Math.PI)
  const width = turned(angleTo(b))
  const [first, second] = ends.map((end) => turned(angleTo(end))) as [number, number]
  const isWithin = (angle: number) => angle > 1e-9 && angle < width - 1e-9
  const isBeyond = (angle: number) => angle > width + 1e-9 && angle < 2 * Math.PI - 1e-9
  return (isWithin(first) && isBeyond(second)) || (isBeyond(first) && isWithin(second))
}

/** What is wrong with a polygon whose edges cross, for people; undefined: they don't. Pure. */
export function crossingFault(points: readonly Point[]): string | undefined {
  const crossing = findCrossing(points)
  if (!crossing) return undefined
  const [first, second] = crossing.edges.map((corners) => corners.join('–'))
  const at = crossing.at.map((share) => Number(share.toFixed(3))).join(',')
  return `its edges ${first} and ${second} cross at ${at}: give the corners in their order around the zone`
}

/** Where one crosses the other within both of them. */
function crossingOf([a, b]: [Point, Point], [c, d]: [Point, Point]): Point | undefined {
  const [abX, abY, cdX, cdY] = [b[0] - a[0], b[1] - a[1], d[0] - c[0], d[1] - c[1]]
  const sine = abX * cdY - abY * cdX
  if (Math.abs(sine) < 1e-12) return undefined
  const along = ((c[0] - a[0]) * cdY - (c[1] - a[1]) * cdX) / sine
  const across = ((c[0] - a[0]) * abY - (c[1] - a[1]) * abX) / sine
  const isWithin = (share: number) => share > 1e-9 && share < 1 - 1e-9
  return isWithin(along) && isWithin(across) ? [a[0] + along * abX, a[1] + along * abY] : undefined
}

/** [left, top, right, bottom] as shares of the picture. */
export const boxSchema = z
  .tuple([share, share, share, share])
  .refine(([left, top, right, bottom]) => left <= right && top <= bottom, {
    error: 'a box is [left, top, right, bottom]',
  })
export type Box = z.infer<typeof boxSchema>

/** Twice the signed area (shoelace formula). */
function doubleArea(points: readonly Point[]): number {
  return points.reduce((sum, [x, y], i) => {
    const [nextX, nextY] = points[(i + 1) % points.length]!
    return sum + x * nextY - nextX * y
  }, 0)
}

export const polygonExample: Polygon = [
  [0.1, 0.5],
  [0.4, 0.5],
  [0.4, 0.9],
  [0.1, 0.9],
]
