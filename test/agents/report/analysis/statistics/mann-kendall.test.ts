import t from 'tap'
import {
  mannKendall,
  serialVarianceFactor,
} from '../../../../../services/agents/report/analysis/statistics/mann-kendall.ts'
import { close } from '../close-to.ts'

t.test(
  'Mann–Kendall: exact for few points, variance true over all orders with ties on both sides',
  async (t) => {
    close(t, mannKendall([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]).pValue, 2 / 120)
    const x = [1, 1, 2, 3, 3, 3]
    const y = [5, 7, 7, 7, 8, 9]
    const all = permutations(y).map((order) => mannKendall(x, order).s)
    const variance = all.reduce((sum, s) => sum + s * s, 0) / all.length
    close(t, mannKendall(x, y).variance, variance)
    t.equal(mannKendall(x, y).s, slowS(x, y))
    t.equal(serialVarianceFactor(-0.5, 100), 1)
    close(t, serialVarianceFactor(0.5, 1000), 3, 2)
  },
)

function permutations(values: number[]): number[][] {
  if (values.length < 2) return [values]
  return values.flatMap((value, i) => permutations(values.toSpliced(i, 1)).map((rest) => [value, ...rest]))
}

function slowS(x: number[], y: number[]): number {
  let s = 0
  for (let i = 0; i < x.length; i++) {
    for (let j = 0; j < i; j++) s += Math.sign(x[i]! - x[j]!) * Math.sign(y[i]! - y[j]!)
  }
  return s
}
