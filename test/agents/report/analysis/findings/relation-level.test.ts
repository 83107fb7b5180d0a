import t from 'tap'
import { seededRandom } from '../../../../../services/agents/report/analysis/statistics/change-points.ts'
import { normalNumbers } from '../normal-numbers.ts'
import { relationsOf, relationTable } from '../relations/relation-tables.ts'

/**
 * How often tests of relations reject where there is none, and find what is planted. Limits are three standard errors
 * above the level (below the power) for so many rounds.
 */

const random = seededRandom(71)
const normal = (count: number) => normalNumbers(count, Math.floor(random() * 2 ** 31))
const heavy = (count: number) => {
  const parts = [normal(count), normal(count), normal(count), normal(count)]
  return parts[0]!.map(
    (z, i) => z / Math.sqrt((parts[1]![i]! ** 2 + parts[2]![i]! ** 2 + parts[3]![i]! ** 2) / 3),
  )
}
const counts = (count: number) =>
  Float64Array.from({ length: count }, () => Math.floor(-3 * Math.log(1 - random())))
const groups = (count: number, shares: number[]) =>
  Array.from({ length: count }, () => {
    const at = random()
    let sum = 0
    const group = shares.findIndex((share) => {
      sum += share
      return sum > at
    })
    return `g${group}`
  })

t.test('the level holds for skewed margins, counts and heavy tails', async (t) => {
  for (const [n, rounds] of [
    [12, 60],
    [30, 60],
    [200, 30],
  ] as const) {
    const pValues: number[] = []
    for (let round = 0; round < rounds; round++) {
      const found = relationsOf(
        relationTable({
          a: [...normal(n)],
          b: [...heavy(n)],
          c: [...counts(n)],
          d: [...heavy(n)].map((value) => value ** 3),
          even: groups(n, [0.5, 0.5]),
          skewed: groups(n, [0.75, 0.15, 0.1]),
          rare: groups(n, [0.9, 0.1]),
        }),
      )
      pValues.push(
        ...found.correlations.pValues,
        ...found.correlations.humpPValues,
        ...found.differences.pValues,
        ...found.associations.pValues,
      )
    }
    for (const alpha of [0.05, 0.01]) {
      const share = pValues.filter((p) => p <= alpha).length / pValues.length
      const limit = alpha + 3 * Math.sqrt((alpha * (1 - alpha)) / pValues.length)
      t.ok(share <= limit, `n = ${n}: ${share.toFixed(4)} of ${pValues.length} at ${alpha}`)
    }
  }
})

const ROUNDS = 100

function powerOf(plant: () => ReturnType<typeof relationTable>): number {
  let found = 0
  for (let round = 0; round < ROUNDS; round++) {
    const { correlations, differences, associations } = relationsOf(plant())
    const pValues = [...correlations.pValues, ...differences.pValues, ...associations.pValues]
    if ((pValues[0] ?? 1) <= 0.05) found += 1
  }
  return found / ROUNDS
}

t.test('planted effects are found at 0.05', async (t) => {
  const correlated = powerOf(() => {
    const a = normal(60)
    return relationTable({ a: [...a], b: [...normal(60).map((z, i) => 0.5 * a[i]! + Math.sqrt(0.75) * z)] })
  })
  t.ok(correlated >= 0.9, `ρ = 0.5, n = 60: ${correlated}`)
  const different = powerOf(() =>
    relationTable({
      v: [...normal(80).map((z, i) => z + (i % 2 === 0 ? 0.8 : 0))],
      by: Array.from({ length: 80 }, (_, i) => (i % 2 === 0 ? 'left' : 'right')),
    }),
  )
  t.ok(different >= 0.9, `d = 0.8, 2 × 40: ${different}`)
  const associated = powerOf(() =>
    relationTable({
      outcome: Array.from({ length: 200 }, (_, i) => (random() < (i % 2 === 0 ? 0.65 : 0.35) ? 'yes' : 'no')),
      by: Array.from({ length: 200 }, (_, i) => (i % 2 === 0 ? 'left' : 'right')),
    }),
  )
  t.ok(associated >= 0.9, `V = 0.3, n = 200: ${associated}`)
})
