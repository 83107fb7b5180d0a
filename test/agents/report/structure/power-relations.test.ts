import t from 'tap'
import { powerRelations } from '../../../../services/agents/report/structure/power-relations.ts'

const ROWS = 60
const values = (index: number, name: string, of: (i: number) => number, decimals = 1) => {
  const at = Float64Array.from({ length: ROWS }, (_, i) => Number(of(i).toFixed(decimals)))
  const sorted = [...at].sort((a, b) => a - b)
  return { name, index, at, rounding: 0.5 * 10 ** -decimals, spread: sorted[53]! - sorted[5]! }
}
const height = values(0, 'height', (i) => 150 + ((i * 37) % 41))
const weight = values(1, 'weight', (i) => 50 + ((i * 23) % 47))

t.test('what is a power of two others is reckoned from them', async (t) => {
  const bmi = values(2, 'bmi', (i) => weight.at[i]! / (height.at[i]! / 100) ** 2)
  const [relation, ...others] = powerRelations([height, weight, bmi])
  t.match(relation, { target: 'bmi', sources: ['height', 'weight'], how: 'power', violations: 0 })
  t.match(relation!.rule, /height\^-2 × weight = bmi/)
  t.equal(others.length, 0, 'each of the three follows from the others: told once')
})

t.test('what only goes with two others is not', async (t) => {
  const noisy = values(2, 'fitness', (i) => (weight.at[i]! / (height.at[i]! / 100) ** 2) * (1 + (i % 7) / 50))
  t.strictSame(powerRelations([height, weight, noisy]), [])
  const signed = values(2, 'change', (i) => (i % 2 ? 1 : -1) * weight.at[i]!)
  t.strictSame(powerRelations([height, weight, signed]), [])
})
