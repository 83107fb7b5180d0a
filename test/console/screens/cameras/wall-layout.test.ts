import assert from 'node:assert/strict'
import fc from 'fast-check'
import t from 'tap'
import {
  arrange,
  EMPTY_LAYOUT,
  grouped,
  moveCamera,
  readLayout,
  setGroup,
  stepCamera,
  type WallLayout,
} from '../../../../services/console/screens/cameras/wall-layout.ts'

const items = ['d', 'b', 'a', 'c'].map((camera) => ({ camera }))
const shownIn = (layout: WallLayout) =>
  grouped(items, layout).flatMap((section) => section.items.map(({ camera }) => camera))

t.test('what was kept is read, whatever stands there', async (t) => {
  for (const kept of [undefined, '', '{', 'null', '[]', '"x"', '{"order":7,"groups":[],"size":"huge"}'])
    t.strictSame(readLayout(kept), EMPTY_LAYOUT, String(kept))
  t.strictSame(readLayout('{"order":["a",1,"a","b"],"groups":{"a":"x","b":3},"size":"large"}'), {
    order: ['a', 'b'],
    groups: { a: 'x' },
    size: 'large',
  })
  fc.assert(
    fc.property(fc.string(), (text) => {
      assert.doesNotThrow(() => readLayout(text))
    }),
  )
})

t.test('placed cameras first, the others by name; groups by name, without one last', async (t) => {
  t.strictSame(
    arrange(items, { order: ['c', 'gone'] }).map(({ camera }) => camera),
    ['c', 'a', 'b', 'd'],
  )
  const layout = { ...EMPTY_LAYOUT, groups: { d: 'north', a: 'south' } }
  t.strictSame(
    grouped(items, layout).map(({ group, items: of }) => [group, of.map(({ camera }) => camera)]),
    [
      ['north', ['d']],
      ['south', ['a']],
      [undefined, ['b', 'c']],
    ],
  )
})

t.test('a camera is put before another one, or to the end, and into its group', async (t) => {
  const shown = shownIn(EMPTY_LAYOUT)
  t.strictSame(shownIn(moveCamera(EMPTY_LAYOUT, shown, { camera: 'd', before: 'b', group: undefined })), [
    'a',
    'd',
    'b',
    'c',
  ])
  t.strictSame(
    shownIn(moveCamera(EMPTY_LAYOUT, shown, { camera: 'a', before: undefined, group: undefined })),
    ['b', 'c', 'd', 'a'],
  )
  const layout = moveCamera(EMPTY_LAYOUT, shown, { camera: 'a', before: 'c', group: 'x' })
  t.strictSame(layout.groups, { a: 'x' })
  t.strictSame(setGroup(layout, 'a', '  ').groups, {})
})

t.test('steps: forth and back is as before, the ends are the ends, and none is lost', async () => {
  const layoutOf = (groups: Record<string, string>): WallLayout => ({ ...EMPTY_LAYOUT, groups })
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom('x', 'y')),
      fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.constantFrom(-1 as const, 1 as const))),
      (groups, steps) => {
        let layout = layoutOf(groups)
        for (const [camera, by] of steps) {
          const before = shownIn(layout)
          const next = stepCamera(layout, before, { camera, by })
          const after = shownIn(next)
          assert.deepEqual(after.toSorted(), ['a', 'b', 'c', 'd'])
          if (next !== layout) {
            assert.equal(after.indexOf(camera), before.indexOf(camera) + by)
            const back = stepCamera(next, after, { camera, by: -by as -1 | 1 })
            assert.deepEqual(shownIn(back), before)
          }
          layout = next
        }
      },
    ),
  )
})
