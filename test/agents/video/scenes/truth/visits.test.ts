import t from 'tap'
import type { Polygon } from '#schemas/geometry.ts'
import type { SceneFrame } from '#schemas/scene-truth.ts'
import { isInside, standsAt, visitsTo } from '../../../../../services/agents/video/scenes/truth/visits.ts'

const SIZE = { width: 100, height: 100 }
const HALF: Polygon = [
  [0.5, 0],
  [1, 0],
  [1, 1],
  [0.5, 1],
]

/** Frames every half second with one person at these x; undefined: not there. */
function framesAt(xs: readonly (number | undefined)[]): SceneFrame[] {
  return xs.map((x, index) => ({
    index,
    atMs: index * 500,
    boxes: x === undefined ? [] : [{ id: 1, class: 'person', box: [x - 5, 20, x + 5, 60], visibility: 1 }],
  }))
}
const visits = (xs: readonly (number | undefined)[]) =>
  visitsTo(HALF, { frames: framesAt(xs), classes: ['person'], size: SIZE })

t.test('an object stands at the middle of its lower edge, in shares of the picture', async (t) => {
  t.strictSame(standsAt([10, 20, 30, 80], { width: 100, height: 200 }), [0.2, 0.4])
})

t.test('inside by the even–odd rule', async (t) => {
  t.equal(isInside([0.75, 0.5], HALF), true)
  t.equal(isInside([0.25, 0.5], HALF), false)
})

t.test(
  'a visit lasts from the first frame inside to the last; a second outside does not end it',
  async (t) => {
    t.strictSame(visits([20, 80, 80, 20]), [{ id: 1, fromMs: 500, toMs: 1000 }])
    t.strictSame(visits([80, 20, 80]), [{ id: 1, fromMs: 0, toMs: 1000 }])
    t.strictSame(visits([80, undefined, undefined, 80]), [
      { id: 1, fromMs: 0, toMs: 0 },
      { id: 1, fromMs: 1500, toMs: 1500 },
    ])
  },
)

t.test('without a zone the whole picture is one; other classes are not counted', async (t) => {
  const seen = { frames: framesAt([20, 80]), size: SIZE }
  t.equal(visitsTo(undefined, { ...seen, classes: ['person'] }).length, 1)
  t.strictSame(visitsTo(undefined, { ...seen, classes: ['vehicle'] }), [])
})
