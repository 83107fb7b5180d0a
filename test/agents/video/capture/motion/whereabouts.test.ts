import t from 'tap'
import type { Box } from '#schemas/geometry.ts'
import { createWhereabouts } from '../../../../../services/agents/video/capture/motion/whereabouts.ts'

const box = (left: number): Box => [left, 0.1, left + 0.1, 0.3]

t.test('where something was in the last seconds', async (t) => {
  const whereabouts = createWhereabouts()
  t.strictSame(whereabouts.at(0), [])
  whereabouts.add([box(0.1), box(0.5)], 1000)
  whereabouts.add([box(0.2)], 3000)
  t.strictSame(whereabouts.at(3900), [box(0.1), box(0.5), box(0.2)])
  t.strictSame(whereabouts.at(4100), [box(0.2)])
  t.strictSame(whereabouts.at(9000), [])
})

t.test('a crowd fills a list of a fixed length: the oldest go', async (t) => {
  const whereabouts = createWhereabouts()
  for (let frame = 0; frame < 20; frame++)
    whereabouts.add(
      Array.from({ length: 100 }, () => box(frame / 40)),
      frame * 10,
    )
  const boxes = whereabouts.at(200)
  t.equal(boxes.length, 500)
  t.strictSame(boxes.at(-1), box(19 / 40))
})
