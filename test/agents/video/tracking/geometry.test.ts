import fc from 'fast-check'
import t from 'tap'
import type { Box, Point, Polygon } from '#schemas/geometry.ts'
import {
  bottomCentre,
  boxArea,
  clipBox,
  containment,
  distanceToEdge,
  distanceToSegment,
  intersectionArea,
  iou,
  isInsidePolygon,
} from '../../../../services/agents/video/tracking/geometry.ts'
import { standing } from './tracking-fixtures.ts'

t.test('overlap is symmetric, 1 for the same box and never more', async () => {
  const share = fc.double({ min: 0, max: 1, noNaN: true })
  const point = fc.tuple(share, share) as fc.Arbitrary<Point>
  fc.assert(
    fc.property(point, point, (a, b) => {
      const [p, q] = [standing(a), standing(b)]
      const close = (x: number, y: number) => Math.abs(x - y) < 1e-9
      return close(iou(p, q), iou(q, p)) && iou(p, q) <= 1 + 1e-9 && iou(p, q) <= containment(p, q) + 1e-9
    }),
  )
})

const A: Box = [0, 0, 0.5, 0.5]
const B: Box = [0.25, 0.25, 0.75, 0.75]
const INNER: Box = [0.125, 0.125, 0.25, 0.25]
const SQUARE: Polygon = [
  [0.25, 0.25],
  [0.75, 0.25],
  [0.75, 0.75],
  [0.25, 0.75],
]

t.test('areas: of a box, of two boxes in common, and their share of the union', async (t) => {
  t.equal(boxArea(A), 0.25)
  t.equal(intersectionArea(A, B), 0.0625)
  t.equal(iou(A, B), 0.0625 / 0.4375)
  t.equal(intersectionArea(A, [0.5, 0, 1, 0.5]), 0, 'boxes that touch share nothing')
  t.equal(iou(A, [0.6, 0.6, 0.7, 0.7]), 0)
  t.equal(containment(A, INNER), 1)
  t.equal(containment(INNER, A), 1, 'of the smaller one, in either order')
  t.equal(containment(A, [0.1, 0.1, 0.1, 0.4]), 0, 'a box without area is in nothing')
})

t.test('where an object stands, and the part of it that is in the picture', async (t) => {
  t.strictSame(bottomCentre([0.2, 0.1, 0.4, 0.9]), [(0.2 + 0.4) / 2, 0.9])
  t.strictSame(clipBox([-0.5, 0.25, 1.5, 2]), [0, 0.25, 1, 1])
})

t.test('inside a polygon, also a concave one; the edge of the picture counts as inside', async (t) => {
  t.equal(isInsidePolygon([0.5, 0.5], SQUARE), true)
  t.equal(isInsidePolygon([0.2, 0.5], SQUARE), false)
  const notched: Polygon = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0.5, 0.5],
    [0, 1],
  ]
  t.equal(isInsidePolygon([0.5, 0.4], notched), true)
  t.equal(isInsidePolygon([0.5, 0.8], notched), false, 'in the notch')
  t.equal(isInsidePolygon([0.1, 1], notched), false)
  const lower: Polygon = [
    [0, 0.5],
    [1, 0.5],
    [1, 1],
    [0, 1],
  ]
  for (const at of [
    [0, 1],
    [1, 1],
    [0.5, 1],
  ] satisfies Point[])
    t.equal(isInsidePolygon(at, lower), true)
})

t.test('distances: to the nearest edge from either side, to a segment beyond its ends', async (t) => {
  t.equal(distanceToEdge([0.5, 0.375], SQUARE), 0.125)
  t.equal(distanceToEdge([0.5, 0], SQUARE), 0.25)
  t.equal(distanceToSegment([0.5, 0.25], [0, 0], [1, 0]), 0.25)
  t.equal(distanceToSegment([3, 4], [-1, 0], [0, 0]), 5, 'from its end')
  t.equal(distanceToSegment([3, 4], [0, 0], [0, 0]), 5, 'a segment without length is a point')
})
