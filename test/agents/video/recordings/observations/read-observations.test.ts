import t from 'tap'
import { activityOf } from '../../../../../services/agents/video/recordings/observations/read-observations.ts'

t.test('what blocks say, by parts of a span', async (t) => {
  const block = (fromMs: number, persons: number, motion?: number) => ({
    fromMs,
    toMs: fromMs + 10,
    frames: 5,
    persons,
    vehicles: 0,
    motion,
  })
  const blocks = [block(100, 1), block(150, 3, 0.5), block(250, 0, 0.25), block(90, 2), block(400, 9)]
  t.strictSame(activityOf(blocks, { fromMs: 100, toMs: 400, stepMs: 100 }), [
    { atMs: 100, frames: 15, persons: 3, vehicles: 0, motion: 0.5 },
    { atMs: 200, frames: 5, persons: 0, vehicles: 0, motion: 0.25 },
  ])
})
