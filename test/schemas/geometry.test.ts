import t from 'tap'
import { boxSchema, polygonSchema } from '#schemas/geometry.ts'

t.test('a polygon encloses an area', async (t) => {
  t.ok(
    polygonSchema.safeParse([
      [0, 0],
      [1, 0],
      [0, 1],
    ]).success,
  )
  t.ok(
    polygonSchema.safeParse([
      [0, 0],
      [0, 1],
      [1, 0],
    ]).success,
    'whichever way round',
  )
  t.match(
    polygonSchema.safeParse([
      [0, 0],
      [0.5, 0.5],
      [1, 1],
    ]).error?.issues,
    [{ message: 'the polygon encloses no area' }],
  )
  t.notOk(
    polygonSchema.safeParse([
      [0, 0],
      [1, 1],
    ]).success,
  )
  t.notOk(
    polygonSchema.safeParse([
      [0, 0],
      [1.1, 0],
      [0, 1],
    ]).success,
    'outside the picture',
  )
})

t.test('a box is left, top, right, bottom', async (t) => {
  t.ok(boxSchema.safeParse([0.2, 0.4, 0.25, 0.6]).success)
  t.notOk(boxSchema.safeParse([0.25, 0.4, 0.2, 0.6]).success)
  t.notOk(boxSchema.safeParse([0.2, 0.6, 0.25, 0.4]).success)
})
