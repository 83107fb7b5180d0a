import fc from 'fast-check'
import t from 'tap'
import { pearson, spearman } from '../../../../../services/agents/report/analysis/statistics/correlation.ts'
import {
  pairableColumn,
  pairedCoefficients,
} from '../../../../../services/agents/report/analysis/statistics/paired-coefficients.ts'

const missing = Number.NaN

function pairable(values: readonly number[]) {
  const byRow = Float64Array.from(values)
  const rows = [...byRow.keys()].filter((row) => !Number.isNaN(byRow[row]!))
  return pairableColumn(byRow, Uint32Array.from(rows.sort((i, j) => byRow[i]! - byRow[j]!)))
}

t.test('only rows that have both values count', async (t) => {
  const a = pairable([1, 2, missing, 4, 5])
  const b = pairable([10, 20, 30, 40, missing])
  const { n, pearson, spearman } = pairedCoefficients(a, b)!
  t.equal(n, 3)
  t.ok(Math.abs(pearson - 1) < 1e-12 && Math.abs(spearman - 1) < 1e-12)
})

t.test('no spread in the common rows, or fewer than two of them, is no correlation', async (t) => {
  t.equal(pairedCoefficients(pairable([3, 3, 9]), pairable([1, 2, missing])), null, 'equal where both are')
  t.equal(pairedCoefficients(pairable([1, missing]), pairable([missing, 2])), null)
  t.equal(pairedCoefficients(pairable([1, missing]), pairable([5, 6])), null)
  t.equal(pairedCoefficients(pairable([0.1, 0.1, 0.1]), pairable([1, 2, 3])), null)
})

t.test('the same as sorting every pair anew', async () => {
  const cell = fc.oneof({ weight: 5, arbitrary: fc.integer({ min: -9, max: 9 }) }, fc.constant(missing))
  const near = (x: number | null, y: number | null) => x !== null && y !== null && Math.abs(x - y) < 1e-9
  fc.assert(
    fc.property(fc.array(fc.tuple(cell, cell), { minLength: 2, maxLength: 40 }), (rows) => {
      const both = rows.filter(([x, y]) => !Number.isNaN(x) && !Number.isNaN(y))
      const [x, y] = [both.map(([x]) => x), both.map(([, y]) => y)]
      const found = pairedCoefficients(pairable(rows.map(([x]) => x)), pairable(rows.map(([, y]) => y)))
      const [r, rho] = [pearson(x, y), spearman(x, y)]
      return found === null ? r === null : near(found.pearson, r) && near(found.spearman, rho)
    }),
  )
})
