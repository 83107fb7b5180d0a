import type { Ranking } from '#platform/statistics/rank.ts'
import { chiSquareUpper } from './probability.ts'

export interface KruskalWallis {
  h: number
  pValue: number
  /** (H − k + 1) / (n − k), not below 0: share of the ranks' variance that lies between the groups. */
  etaSquared: number
}

/**
 * Kruskal–Wallis test with tie correction; chi-square approximation, meant for groups of about five or more.
 *
 * @param ranking of the values that take part
 * @param groupOf group of a position of the ranking, 0 to `groupCount` − 1
 * @returns null with fewer than two groups, no value beyond one a group, an empty group, or no spread.
 */
export function kruskalWallis(
  { ranks, order, ties }: Ranking,
  groupOf: (position: number) => number,
  groupCount: number,
): KruskalWallis | null {
  const n = order.length
  if (groupCount < 2 || n <= groupCount) return null
  const sums = new Float64Array(groupCount)
  const counts = new Float64Array(groupCount)
  for (const position of order) {
    const group = groupOf(position)
    sums[group]! += ranks[position]!
    counts[group]! += 1
  }
  const tieCorrection = 1 - ties.reduce((sum, t) => sum + (t ** 3 - t), 0) / (n ** 3 - n)
  if (tieCorrection <= 0 || counts.includes(0)) return null
  let between = 0
  for (let g = 0; g < groupCount; g++) between += counts[g]! * (sums[g]! / counts[g]! - (n + 1) / 2) ** 2
  const h = ((12 / (n * (n + 1))) * between) / tieCorrection
  return {
    h,
    pValue: chiSquareUpper(h, groupCount - 1),
    etaSquared: Math.max(0, (h - groupCount + 1) / (n - groupCount)),
  }
}
