import type { Grouping } from './contingency-table.ts'
import { fisherFUpper } from './probability.ts'
import { quadraticForm } from './quadratic-form.ts'

/** Clusters for each contrast: with fewer, the scores' covariance can't be told. */
const CLUSTERS_A_CONTRAST = 5
const MIN_CLUSTERS = 10

/**
 * Whether values differ between groups *within* clusters (the rows of one customer, of one country): each cluster gives one vector
 * of scores, Σ (y − cluster's mean) · group, and Hotelling's T² asks whether these are 0 on average. However the rows of a cluster
 * depend on each other, they count as one observation.
 *
 * @param values scores or ranks, bounded
 * @param clusterOf number of the cluster of each value, from 0
 * @returns p; null where too few clusters vary in both.
 */
export function clusteredScoreTest(
  values: ArrayLike<number>,
  { groups, groupCount }: Grouping,
  { clusterOf, clusterCount }: { clusterOf: ArrayLike<number>; clusterCount: number },
): number | null {
  const size = groupCount - 1
  const { means, used } = clusterMeans(values, groups, { clusterOf, clusterCount })
  const scores = new Float64Array(clusterCount * size)
  for (let i = 0; i < values.length; i++) {
    const group = groups[i]!
    const cluster = clusterOf[i]!
    if (group < 0 || cluster < 0 || group >= size) continue
    scores[cluster * size + group]! += values[i]! - means[cluster]!
  }
  const telling = used.filter((cluster) => {
    const own = scores.subarray(cluster * size, (cluster + 1) * size)
    return own.some((score) => score !== 0)
  })
  const count = telling.length
  if (count < Math.max(MIN_CLUSTERS, CLUSTERS_A_CONTRAST * size)) return null
  return hotelling(telling.map((cluster) => scores.subarray(cluster * size, (cluster + 1) * size)))
}

function clusterMeans(
  values: ArrayLike<number>,
  groups: ArrayLike<number>,
  { clusterOf, clusterCount }: { clusterOf: ArrayLike<number>; clusterCount: number },
): { means: Float64Array; used: number[] } {
  const means = new Float64Array(clusterCount)
  const counts = new Float64Array(clusterCount)
  for (let i = 0; i < values.length; i++) {
    if (groups[i]! < 0 || clusterOf[i]! < 0) continue
    means[clusterOf[i]!]! += values[i]!
    counts[clusterOf[i]!]! += 1
  }
  for (let c = 0; c < clusterCount; c++) if (counts[c]! > 0) means[c]! /= counts[c]!
  return { means, used: [...counts.keys()].filter((c) => counts[c]! > 1) }
}

/** One-sample T² of vectors against 0, as F. */
function hotelling(vectors: readonly Float64Array[]): number | null {
  const n = vectors.length
  const size = vectors[0]!.length
  const mean = Float64Array.from({ length: size }, (_, i) => vectors.reduce((sum, v) => sum + v[i]!, 0) / n)
  const covariance = new Float64Array(size * size)
  for (const vector of vectors) {
    for (let i = 0; i < size; i++)
      for (let j = 0; j < size; j++)
        covariance[i * size + j]! += ((vector[i]! - mean[i]!) * (vector[j]! - mean[j]!)) / (n - 1)
  }
  const { value, rank } = quadraticForm(covariance, mean)
  if (rank === 0) return null
  return fisherFUpper((n * value * (n - rank)) / (rank * (n - 1)), rank, n - rank)
}
