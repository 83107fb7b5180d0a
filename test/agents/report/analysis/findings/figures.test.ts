import t from 'tap'
import { figuresOf } from '../../../../../services/agents/report/analysis/findings/figures.ts'

t.test('figures in sentences', async (t) => {
  const values = (sentence: string) =>
    figuresOf(sentence).map(({ value, unit }) => (unit ? [value, unit] : [value]))
  t.same(values('Sales were €1.5 million, up 12 %.'), [
    [1_500_000, '€'],
    [12, '%'],
  ])
  t.same(values('We sold 1,234 units at 3,5 kg'), [
    [1234, 'units'],
    [3.5, 'kg'],
  ])
  t.same(values('On 2024-05-01 at 12:30 in 2023, version 1.2.3 of Q3 on the 2nd, May 5'), [])
  t.same(values('Losses reached -40 points'), [[-40, 'points']])
})
