import fc from 'fast-check'
import t from 'tap'
import { boxSchema, findCrossing, type Point, polygonSchema } from '#schemas/geometry.ts'

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

t.test('edges that cross are found, whichever they are, and those that only meet are not', async (t) => {
  const square: Point[] = [
    [0.1, 0.1],
    [0.9, 0.1],
    [0.9, 0.9],
    [0.1, 0.9],
  ]
  t.equal(findCrossing(square), undefined)
  const bowTie: Point[] = [
    [0.1, 0.1],
    [0.9, 0.9],
    [0.9, 0.1],
    [0.1, 0.9],
  ]
  const crossing = findCrossing(bowTie)
  t.strictSame(crossing?.edges, [
    [1, 2],
    [3, 4],
  ])
  t.match(
    crossing?.at.map((share) => share.toFixed(3)),
    ['0.500', '0.500'],
  )
  // The last edge, back to the first corner.
  t.strictSame(
    findCrossing([
      [0.1, 0.1],
      [0.9, 0.1],
      [0.5, 0.9],
      [0.5, 0.05],
    ])?.edges,
    [
      [1, 2],
      [3, 4],
    ],
  )
  // A corner on another edge encloses what it says.
  t.equal(
    findCrossing([
      [0, 0],
      [1, 0],
      [1, 1],
      [0.5, 0],
      [0, 1],
    ]),
    undefined,
  )
})

t.test('edges that cross in a corner are found: coordinates off a grid meet there', async (t) => {
  const tied: Record<string, Point[]> = {
    'a corner on another edge, with the way going over it': [
      [0.1, 0.5],
      [0.9, 0.5],
      [0.9, 0.9],
      [0.5, 0.5],
      [0.5, 0.1],
    ],
    'two corners in one place, and the ways cross there': [
      [0.1, 0.1],
      [0.5, 0.5],
      [0.9, 0.9],
      [0.9, 0.1],
      [0.5, 0.5],
      [0.1, 0.9],
    ],
  }
  for (const [what, corners] of Object.entries(tied))
    for (let turn = 0; turn < corners.length; turn++)
      for (const each of [corners, corners.toReversed()]) {
        const turned = [...each.slice(turn), ...each.slice(0, turn)]
        t.strictSame(findCrossing(turned)?.at, [0.5, 0.5], `${what}, from corner ${turn + 1}`)
      }
  // An hourglass that is drawn around: its halves meet in a corner and do not cross.
  const hourglass: Point[] = [
    [0.1, 0.1],
    [0.9, 0.1],
    [0.5, 0.5],
    [0.9, 0.9],
    [0.1, 0.9],
    [0.5, 0.5],
  ]
  t.equal(findCrossing(hourglass), undefined)
  t.equal(findCrossing([...hourglass, hourglass[0]!]), undefined, 'also with its first corner repeated')
})

t.test(
  'corners in the order of their angle around a point never cross; with two of four exchanged they do',
  async () => {
    const share = fc.double({ min: 0.05, max: 0.45, noNaN: true })
    fc.assert(
      fc.property(fc.array(share, { minLength: 4, maxLength: 20 }), (radii) => {
        const corners = radii.map((radius, i): Point => {
          const angle = (2 * Math.PI * i) / radii.length
          return [0.5 + radius * Math.cos(angle), 0.5 + radius * Math.sin(angle)]
        })
        const turned = corners.toReversed()
        return findCrossing(corners) === undefined && findCrossing(turned) === undefined
      }),
    )
    const side = fc.double({ min: 0.1, max: 0.4, noNaN: true })
    fc.assert(
      fc.property(side, side, (a, b) => {
        const [left, top, right, bottom] = [0.5 - a, 0.5 - b, 0.5 + a, 0.5 + b]
        return (
          findCrossing([
            [left, top],
            [right, bottom],
            [right, top],
            [left, bottom],
          ]) !== undefined
        )
      }),
    )
  },
)
