import t from 'tap'
import type { Point } from '#schemas/geometry.ts'
import { plan, rule, still, walk, watch } from '../tracking-fixtures.ts'

const intrusion = rule('intrusion', { zone: 'yard' })

t.test('trembling on the border is one visit', async (t) => {
  const path = Array.from({ length: 200 }, (_, i): Point => [0.3 + (i % 5 === 0 ? -0.004 : 0.004), 0.5])
  t.equal(watch(plan(intrusion), walk(path)).length, 1)
  const flicker = Array.from({ length: 200 }, (_, i): Point => [i % 2 ? 0.31 : 0.29, 0.5])
  t.equal(watch(plan(intrusion), walk(flicker)).length, 0, 'never inside twice running')
})

t.test('who stands on the lower edge of the picture is in a zone that reaches down to it', async (t) => {
  const bottom = {
    id: 'yard',
    polygon: [
      [0, 0.5],
      [1, 0.5],
      [1, 1],
      [0, 1],
    ] as Point[],
  }
  const events = watch({ ...plan(intrusion), zones: [bottom] }, walk(still([0.5, 1], 10)))
  t.equal(events.length, 1)
})
