import t from 'tap'
import { testWithPersistentErrors } from '../../../../../services/agents/report/analysis/statistics/persistent-errors.ts'
import { normalNumbers } from '../normal-numbers.ts'

const N = 60
const SERIES = 300
const one = new Float64Array(N).fill(1)
const line = Float64Array.from({ length: N }, (_, i) => i)

function claims(phi: number, slope: number): number {
  let count = 0
  for (let seed = 1; seed <= SERIES; seed++) {
    let state = 0
    const y = normalNumbers(N, 7919 * seed).map((shock, i) => {
      state = phi * state + shock
      return state + slope * i
    })
    if ((testWithPersistentErrors([one, line], y)?.pValue ?? 1) < 0.01) count++
  }
  return count / SERIES
}

t.test('a slope in errors with memory is claimed as rarely as its p says', async (t) => {
  for (const phi of [0, 0.5, 0.9, 0.98, 1]) t.ok(claims(phi, 0) <= 0.02, `φ = ${phi}`)
})

t.test('a little memory, which looks like none, makes no slope surer', async (t) => {
  for (const phi of [0.1, 0.2, 0.3, 0.4]) t.ok(claims(phi, 0) <= 0.02, `φ = ${phi}`)
})

t.test('independence is taken for granted less where sizes of deviations are compared', async (t) => {
  const y = normalNumbers(N, 5).map((shock, i) => shock + (i < N / 2 ? 0 : 2))
  const half = Float64Array.from({ length: N }, (_, i) => (i < N / 2 ? 0 : 1))
  const pValue = (of: 'level' | 'spread') =>
    testWithPersistentErrors([one, half], y, { searched: 1, of })!.pValue
  t.ok(pValue('level') < pValue('spread'))
})

t.test('a slope of 3 sd over 60 points is found', async (t) => {
  t.ok(claims(0, 3 / N) >= 0.9)
})
