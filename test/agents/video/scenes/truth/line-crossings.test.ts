import t from 'tap'
import type { SceneFrame } from '#schemas/scene-truth.ts'
import type { Line } from '#schemas/watch-rule.ts'
import { crossingsOf } from '../../../../../services/agents/video/scenes/truth/line-crossings.ts'

const LINE: Line = { id: 'gate', from: [0.5, 0.9], to: [0.5, 0.1] }
const crossings = (xs: readonly number[], y = 60) =>
  crossingsOf(LINE, {
    frames: xs.map(
      (x, index): SceneFrame => ({
        index,
        atMs: index * 1000,
        boxes: [{ id: 1, class: 'person', box: [x - 5, 20, x + 5, y], visibility: 1 }],
      }),
    ),
    classes: ['person'],
    size: { width: 100, height: 100 },
  })

t.test('a crossing happens where the path between two frames meets the line', async (t) => {
  t.strictSame(crossings([40, 60]), [{ id: 1, atMs: 500, direction: 'left-to-right' }])
  t.strictSame(crossings([80, 40]), [{ id: 1, atMs: 750, direction: 'right-to-left' }])
})

t.test('past the ends of the line, or on one side of it, nothing is crossed', async (t) => {
  t.strictSame(crossings([40, 60], 95), [])
  t.strictSame(crossings([20, 40, 45]), [])
})

t.test('there and back after more than a second are two crossings', async (t) => {
  t.strictSame(
    crossings([40, 60, 80, 60, 40]).map(({ direction }) => direction),
    ['left-to-right', 'right-to-left'],
  )
})
