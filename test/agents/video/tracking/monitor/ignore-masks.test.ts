import t from 'tap'
import type { Detection } from '#schemas/detection.ts'
import type { IgnoreMask } from '#schemas/watch-rule.ts'
import { withoutMasked } from '../../../../../services/agents/video/tracking/monitor/ignore-masks.ts'

const LEFT: IgnoreMask['polygon'] = [
  [0, 0],
  [0.5, 0],
  [0.5, 1],
  [0, 1],
]
const at = (x: number, of: Detection['class'] = 'person'): Detection => ({
  ...{ class: of, label: of, score: 0.9 },
  box: [x, 0.2, x + 0.1, 0.8],
})
const left = (given: Partial<IgnoreMask> = {}) => ({ id: 'road', polygon: LEFT, ...given }) as IgnoreMask

t.test('what stands in a mask is left out, by the bottom centre of its box', async (t) => {
  const seen = [at(0.2), at(0.44), at(0.46), at(0.8)]
  t.strictSame(withoutMasked(seen, [left()], 1), [at(0.46), at(0.8)])
  t.strictSame(withoutMasked(seen, [], 1), seen)
})

t.test('a mask may be for classes and for a view', async (t) => {
  const seen = [at(0.2), at(0.2, 'vehicle')]
  t.strictSame(withoutMasked(seen, [left({ classes: ['vehicle'] })], 1), [at(0.2)])
  t.strictSame(withoutMasked(seen, [left({ preset: 2 })], 1), seen)
  t.strictSame(withoutMasked(seen, [left({ preset: 2 })], 2), [])
})
