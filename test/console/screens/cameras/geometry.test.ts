import t from 'tap'
import { directionMark, pointsOf } from '../../../../services/console/screens/cameras/geometry.ts'

t.test('points for a drawing of 1000 by 1000', async (t) => {
  t.equal(
    pointsOf([
      [0, 1],
      [0.12345, 0.5],
    ]),
    '0,1000 123.45,500',
  )
})

t.test('the mark of a line shows to the right of who stands at its beginning', async (t) => {
  // Downwards in the picture: his right is the left of the picture.
  const down = directionMark([0.5, 0.2], [0.5, 0.8])
  t.strictSame(down.middle, [0.5, 0.5])
  t.ok(down.tip[0] < 0.5)
  // To the right: his right is below.
  t.ok(directionMark([0.2, 0.5], [0.8, 0.5]).tip[1] > 0.5)
  t.ok(directionMark([0.8, 0.5], [0.2, 0.5]).tip[1] < 0.5)
})
