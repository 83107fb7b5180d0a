import fc from 'fast-check'
import t from 'tap'
import {
  overlap,
  placeLabel,
  type Rectangle,
} from '../../../../services/agents/video/pictures/label-placement.ts'

t.test('labels stay in the picture and cover no other where there is room', async (t) => {
  const space: Rectangle = { x: 0, y: 30, width: 640, height: 330 }
  const size = { width: 90, height: 16 }
  const things = fc.array(
    fc.record({
      x: fc.integer({ min: 0, max: 560 }),
      y: fc.integer({ min: 0, max: 280 }),
      width: fc.integer({ min: 10, max: 80 }),
      height: fc.integer({ min: 20, max: 80 }),
    }),
    { minLength: 1, maxLength: 12 },
  )
  fc.assert(
    fc.property(things, (given) => {
      const taken: Rectangle[] = []
      for (const thing of given) taken.push(placeLabel(thing, size, space, taken))
      return taken.every(
        ({ x, y, width, height }) =>
          x >= space.x && y >= space.y && x + width <= 640 && y + height <= space.y + space.height,
      )
    }),
  )
  const thing = { x: 100, y: 100, width: 60, height: 100 }
  const first = placeLabel(thing, size, space, [])
  t.strictSame([first.x, first.y], [100, 84], 'above it')
  const second = placeLabel(thing, size, space, [first])
  t.equal(overlap(first, second), 0)
  const atTop = placeLabel({ ...thing, y: 31 }, size, space, [])
  t.equal(atTop.y, 131, 'below it, where there is no room above')
})
