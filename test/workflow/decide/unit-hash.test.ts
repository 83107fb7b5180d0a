import t from 'tap'
import { unitHash } from '../../../services/workflow/decide/unit-hash.ts'

t.test('the same text gives the same number, and numbers spread evenly', async (t) => {
  t.equal(unitHash('task:step'), unitHash('task:step'))
  const counts = new Array<number>(10).fill(0)
  for (let i = 0; i < 10_000; i++) {
    const at = unitHash(`key-${i}`)
    t.ok(at >= 0 && at < 1)
    counts[Math.floor(at * 10)]! += 1
  }
  // χ² with 9 degrees of freedom is above 33.7 in one of 10,000.
  const chiSquare = counts.reduce((sum, count) => sum + (count - 1000) ** 2 / 1000, 0)
  t.ok(chiSquare < 33.7, `χ² ${chiSquare}`)
})
