import t from 'tap'
import { cpuGrowth, MAX_GROWTH } from './cpu-growth.ts'

/** Hashes mixed so many times: the compiler cannot leave it out. */
function work(steps: number): number {
  let state = 1
  for (let step = 0; step < steps; step++) state = Math.imul(state ^ step, 0x01000193)
  return state
}

t.test('linear work stays below the bound and quadratic work does not', async (t) => {
  const growth = (steps: (size: number) => number) =>
    cpuGrowth({ quarter: () => work(steps(15_000)), whole: () => work(steps(60_000)) })
  const linear = await growth((size) => size * 5_000)
  t.ok(linear > 2 && linear < MAX_GROWTH, `${linear}`)
  const quadratic = await growth((size) => size ** 2 / 10)
  t.ok(quadratic > MAX_GROWTH, `${quadratic}`)
})

t.test('what takes no time has no order of growth', async (t) => {
  t.ok((await cpuGrowth({ quarter: () => work(1), whole: () => work(1_000_000) })) <= 1)
})
