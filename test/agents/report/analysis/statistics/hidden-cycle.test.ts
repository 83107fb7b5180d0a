import t from 'tap'
import { hiddenCycle } from '../../../../../services/agents/report/analysis/statistics/hidden-cycle.ts'
import { normalNumbers } from '../normal-numbers.ts'

const SERIES = 100

function claims(make: (noise: Float64Array) => Float64Array, n: number, limit: number): number {
  return Array.from({ length: SERIES }, (_, seed) => {
    const y = make(normalNumbers(n, 1000 * (seed + 1) + n))
    return hiddenCycle(
      y.map((_, i) => i),
      y,
    )
  }).filter((found) => found !== null && found.pValue <= limit).length
}

t.test('noise and random walks have no cycle', async (t) => {
  const walk = (noise: Float64Array) => {
    let value = 0
    return noise.map((shock) => (value += shock))
  }
  for (const n of [40, 200]) {
    t.ok(claims((noise) => noise, n, 0.01) <= 5)
    t.ok(claims(walk, n, 0.01) <= 5)
  }
})

t.test(
  'an oscillation of one standard deviation in 300 values is found in 90 % and more, with its length',
  async (t) => {
    const oscillation = (noise: Float64Array) =>
      noise.map((value, i) => value + Math.sin((2 * Math.PI * i) / 11.3))
    t.ok(claims(oscillation, 300, 0.001) >= 90)
    const y = oscillation(normalNumbers(300, 5))
    const found = hiddenCycle(
      y.map((_, i) => i),
      y,
    )
    t.ok(Math.abs((found?.period ?? 0) - 11.3) < 0.2, `${found?.period}`)
  },
)

t.test('unevenly spaced values too', async (t) => {
  const gaps = normalNumbers(200, 3)
  let at = 0
  const x = gaps.map((gap) => (at += 0.2 + Math.abs(gap)))
  const noise = normalNumbers(200, 4)
  const found = hiddenCycle(
    x,
    x.map((when, i) => noise[i]! + 2 * Math.sin((2 * Math.PI * when) / 9)),
  )
  t.ok(found && found.pValue < 0.001 && Math.abs(found.period - 9) < 0.2, JSON.stringify(found))
})
