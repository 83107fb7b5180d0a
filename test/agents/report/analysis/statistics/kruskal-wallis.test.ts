import t from 'tap'
import { rank } from '#platform/statistics/rank.ts'
import { kruskalWallis } from '../../../../../services/agents/report/analysis/statistics/kruskal-wallis.ts'
import { close } from '../close-to.ts'

t.test('Kruskal–Wallis with and without ties', async (t) => {
  const test = (groups: number[][]) => {
    const groupOf = groups.flatMap((group, g) => group.map(() => g))
    return kruskalWallis(rank(groups.flat()), (position) => groupOf[position]!, groups.length)
  }
  close(
    t,
    test([
      [1, 3, 5, 7, 9],
      [2, 4, 6, 8, 10],
    ])?.h ?? null,
    0.2727272727272734,
  )
  close(
    t,
    test([
      [1, 1, 1],
      [2, 2, 2],
      [2, 2],
    ])?.pValue ?? null,
    0.0301973834223185,
  )
  t.equal(
    test([
      [1, 1],
      [1, 1],
    ]),
    null,
  )
})
