/** Above, the t approximation is good to a few per cent of p even in the far tail; the work doubles with each value. */
export const SPEARMAN_EXACT_UP_TO = 12

const tails = new Map<number, Float64Array>()

/**
 * Two-sided p of Spearman's coefficient for up to 12 values without ties: the share of all orders with a coefficient at least as far
 * from zero. With ties it is an approximation.
 *
 * @throws RangeError beyond 12 values.
 */
export function spearmanExactPValue(rho: number, n: number): number {
  if (n > SPEARMAN_EXACT_UP_TO) throw new RangeError(`exact up to ${SPEARMAN_EXACT_UP_TO} values, not ${n}`)
  if (n < 2) return 1
  const largest = (n * (n * n - 1)) / 3
  const squares = ((1 - Math.abs(rho)) * largest) / 2
  return Math.min(1, 2 * tailsOf(n)[Math.floor(squares + 1e-6)]!)
}

/** Share of orders whose squared rank differences sum to at most the index. */
function tailsOf(n: number): Float64Array {
  const known = tails.get(n)
  if (known) return known
  const shares = sharesBySum(n)
  for (let sum = 1; sum < shares.length; sum++) shares[sum]! += shares[sum - 1]!
  tails.set(n, shares)
  return shares
}

/** Counts orders by dynamic programming over the set of ranks already given out: 2ⁿ sets, each with the sums that lead to it. */
function sharesBySum(n: number): Float64Array {
  const sums = (n * (n * n - 1)) / 3 + 1
  let layer = new Map<number, Float64Array>([[0, Float64Array.of(1)]])
  for (let place = 0; place < n; place++) {
    const next = new Map<number, Float64Array>()
    for (const [taken, counts] of layer) {
      for (let rank = 0; rank < n; rank++) {
        if (taken & (1 << rank)) continue
        addShifted(next, {
          taken: taken | (1 << rank),
          counts,
          shift: (place - rank) ** 2,
          sums,
          share: n - place,
        })
      }
    }
    layer = next
  }
  const shares = new Float64Array(sums)
  shares.set(layer.get(2 ** n - 1)!.subarray(0, sums))
  return shares
}

function addShifted(
  layer: Map<number, Float64Array>,
  step: { taken: number; counts: Float64Array; shift: number; sums: number; share: number },
): void {
  const target = layer.get(step.taken) ?? new Float64Array(step.sums)
  layer.set(step.taken, target)
  const end = Math.min(step.counts.length, step.sums - step.shift)
  for (let sum = 0; sum < end; sum++) target[sum + step.shift]! += step.counts[sum]! / step.share
}
