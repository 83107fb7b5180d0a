import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import { type Point, polygonSchema } from '#schemas/geometry.ts'
import { watchRulesSchema } from '#schemas/monitor-request.ts'
import { zoneSchema } from '#schemas/watch-rule.ts'
import {
  addCorner,
  clampPoint,
  closes,
  polygonFault,
  removeCorner,
  SNAP,
  snapPoint,
  splitEdge,
} from '../../../../services/console/screens/rules/shape-edit.ts'

const share = fc.integer({ min: 0, max: 20 }).map((value) => value / 20)
const point = fc.tuple(share, share) as fc.Arbitrary<Point>
const SQUARE: Point[] = [
  [0.1, 0.1],
  [0.5, 0.1],
  [0.5, 0.5],
  [0.1, 0.5],
]

t.test(
  'a point is put on a near corner, on an edge of the picture, or level with the one before',
  async (t) => {
    const corners: Point[] = [[0.5, 0.5]]
    t.strictSame(snapPoint([0.505, 0.495], { corners }), [0.5, 0.5])
    t.strictSame(snapPoint([0.52, 0.5], { corners }), [0.52, 0.5])
    t.strictSame(snapPoint([0.004, 0.995], { corners }), [0, 1])
    t.strictSame(snapPoint([0.305, 0.7], { corners, before: [0.3, 0.2] }), [0.3, 0.7])
    t.strictSame(clampPoint([-2, 1.7]), [0, 1])
  },
)

t.test('snapping moves a point no further than it says, and stays within the picture', async () => {
  fc.assert(
    fc.property(point, fc.array(point), fc.option(point, { nil: undefined }), (at, corners, before) => {
      const [x, y] = snapPoint(at, { corners, before })
      assert.ok(Math.abs(x - at[0]) <= SNAP + 1e-9 && Math.abs(y - at[1]) <= SNAP + 1e-9)
      assert.ok(x >= 0 && x <= 1 && y >= 0 && y <= 1)
    }),
  )
})

t.test('what is refused here is what the schema refuses', async (t) => {
  fc.assert(
    fc.property(fc.array(point, { maxLength: 7 }), (polygon) => {
      const zones = [{ id: 'a', polygon }]
      const { success } = watchRulesSchema.safeParse({ zones })
      assert.equal(polygonFault(polygon) === undefined, success)
    }),
  )
  t.match(polygonFault([SQUARE[0]!, SQUARE[2]!, SQUARE[1]!, SQUARE[3]!]), /cross/)
  t.ok(zoneSchema.safeParse({ id: 'a', polygon: SQUARE }).success)
})

t.test('the first corner again closes, twice the same is once', async (t) => {
  t.ok(closes(SQUARE, [0.105, 0.1]))
  t.notOk(closes(SQUARE.slice(0, 2), [0.1, 0.1]))
  t.equal(addCorner(SQUARE, [0.1, 0.5]).length, 4)
  t.equal(addCorner(SQUARE, [0.2, 0.5]).length, 5)
})

t.test('a corner halfway and one less keep a polygon', async (t) => {
  const more = splitEdge(SQUARE, 3)
  t.strictSame(more[4], [0.1, 0.3])
  t.ok(polygonSchema.safeParse(more).success)
  t.equal(removeCorner(SQUARE, 0).length, 3)
  t.equal(removeCorner(SQUARE.slice(0, 3), 0).length, 3)
})
