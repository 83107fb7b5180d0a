import t from 'tap'
import {
  chiSquareTest,
  cramersV,
  crossTabulate,
  goodmanKruskalLambda,
  withTotals,
} from '../../../../../services/agents/report/analysis/statistics/contingency-table.ts'
import { close } from '../close-to.ts'

const table = withTotals(Float64Array.of(25, 30, 12, 18, 9, 40), 2, 3)

t.test('chi-square and Cramér’s V corrected for bias', async (t) => {
  // scipy.stats.chi2_contingency([[25, 30, 12], [18, 9, 40]], correction=False); V after Bergsma (2013) from its chi-square.
  const test = chiSquareTest(table)
  close(t, test?.chiSquare ?? null, 27.524150268336314)
  close(t, test?.pValue ?? null, 1.0548888688493878e-6, 15)
  t.equal(test?.degrees, 2)
  close(t, cramersV(table), 0.4379596819849575)
  t.equal(chiSquareTest(withTotals(Float64Array.of(3, 4), 1, 2)), null, 'one row')
})

t.test('pairs are counted; who has no group on one side takes no part', async (t) => {
  const counted = crossTabulate(
    { groups: [0, 0, 1, 1, -1], groupCount: 2 },
    { groups: [0, 1, 1, -1, 0], groupCount: 2 },
  )
  t.strictSame([...counted.counts], [1, 1, 0, 1])
  t.equal(counted.n, 3)
  t.throws(() => crossTabulate({ groups: [0], groupCount: 1 }, { groups: [], groupCount: 1 }), RangeError)
})

t.test('lambda: by which share guesses are better, of both ways the better', async (t) => {
  // Of the table above by row (30 + 40 − 52) / (134 − 52), by column (25 + 30 + 40 − 67) / (134 − 67).
  const { rowTotals, columnTotals, n } = table
  t.strictSame([[...rowTotals], [...columnTotals], n], [[67, 67], [43, 39, 52], 134])
  close(t, goodmanKruskalLambda(table), (25 + 30 + 40 - 67) / (134 - 67))
  t.equal(goodmanKruskalLambda(withTotals(Float64Array.of(9, 0, 0, 0, 4, 6), 2, 3)), 1)
})
