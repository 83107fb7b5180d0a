import t from 'tap'
import {
  BAGS,
  randomPersonAppearance,
} from '../../../../../services/agents/video/scenes/figures/person-appearance.ts'
import { createRandom } from '../../../../../services/agents/video/scenes/random.ts'

const many = Array.from({ length: 300 }, (_, seed) => randomPersonAppearance(createRandom(seed)))

t.test(
  'persons are as tall as persons are, children among them, in colours between black and white',
  async (t) => {
    t.ok(many.every(({ heightM }) => heightM >= 1.1 && heightM <= 2))
    t.ok(many.some(({ heightM }) => heightM < 1.45) && many.some(({ heightM }) => heightM > 1.8))
    for (const { skin, hair, top, bottom, shoes, bagColor, accent } of many)
      t.ok(
        [skin, hair, top, bottom, shoes, bagColor, accent].flat().every((value) => value >= 0 && value <= 1),
      )
  },
)

t.test('all bags occur, a dress is of one colour, and a seed gives the same person', async (t) => {
  t.strictSame(new Set(many.map(({ bag }) => bag)), new Set(BAGS))
  const dresses = many.filter(({ bottomStyle }) => bottomStyle === 'dress')
  t.ok(dresses.length > 3)
  for (const { bottom, top, vest } of dresses) if (!vest) t.strictSame(bottom, top)
  t.strictSame(randomPersonAppearance(createRandom(7)), many[7])
})
