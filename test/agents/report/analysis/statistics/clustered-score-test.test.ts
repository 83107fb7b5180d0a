import t from 'tap'
import { clusteredScoreTest } from '../../../../../services/agents/report/analysis/statistics/clustered-score-test.ts'
import { normalNumbers } from '../normal-numbers.ts'

const CLUSTERS = 30
const ROWS = CLUSTERS * 20
const clusters = {
  clusterOf: Int32Array.from({ length: ROWS }, (_, i) => Math.floor(i / 20)),
  clusterCount: CLUSTERS,
}
const firstHalf = {
  groups: Int32Array.from({ length: ROWS }, (_, i) => (i % 20 < 10 ? 0 : 1)),
  groupCount: 2,
}

/** Each cluster drifts in a direction of its own: its rows are far from independent. */
const drifting = (seed: number) => {
  const slopes = normalNumbers(CLUSTERS, seed)
  return normalNumbers(ROWS, seed + 1).map((noise, i) => noise + slopes[Math.floor(i / 20)]! * (i % 20))
}

t.test('rows of a cluster do not count as independent', async (t) => {
  let rejected = 0
  for (let round = 0; round < 100; round++) {
    if ((clusteredScoreTest(drifting(100 + 2 * round), firstHalf, clusters) ?? 1) <= 0.05) rejected += 1
  }
  t.ok(rejected <= 11, `${rejected} of 100 at 0.05`)
})

t.test('what most clusters show is found; few clusters show nothing', async (t) => {
  const higher = normalNumbers(ROWS, 3).map(
    (noise, i) => noise + (i % 20 < 10 ? 0.5 : 0) + 3 * Math.floor(i / 20),
  )
  t.ok((clusteredScoreTest(higher, firstHalf, clusters) ?? 1) < 1e-4)
  const few = { clusterOf: clusters.clusterOf.map((cluster) => cluster % 3), clusterCount: 3 }
  t.equal(clusteredScoreTest(higher, firstHalf, few), null)
})
