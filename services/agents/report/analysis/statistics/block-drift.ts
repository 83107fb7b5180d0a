import { blockMeans } from './block-means.ts'
import { longRunFactor } from './persistent-errors.ts'
import { studentTwoSided } from './probability.ts'

/** Fewer differences have no spread to speak of. */
const MIN_BLOCKS = 9
/** Means of neighbouring blocks of a random walk share half a block: their differences correlate by ¼. */
const SHARED = Math.sqrt(1.5)

/**
 * Whether a random walk has a drift, by the differences of the means of equal blocks (cycles, where there is a season): noise within a block, and
 * what comes back within it, does not count. Of a series that is no walk it says less than it could, never more. Pure.
 *
 * @param y in order of time, without its season
 * @returns two-sided p; 1 below nine blocks.
 */
export function blockDriftPValue(y: Float64Array, blocks: number): number {
  if (blocks < MIN_BLOCKS || y.length < 2 * blocks) return 1
  const means = blockMeans(y, blocks)
  const steps = Float64Array.from({ length: blocks - 1 }, (_, i) => means[i + 1]! - means[i]!)
  const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length
  const left = steps.map((step) => step - mean)
  const square = left.reduce((sum, value) => sum + value * value, 0)
  const degrees = steps.length - 1
  if (!(square > 0)) return mean === 0 ? 1 : 0
  const error = Math.sqrt(square / degrees / steps.length) * Math.max(SHARED, longRunFactor(left))
  // The factor is itself a guess from few differences.
  return studentTwoSided(mean / error, degrees - 1)
}
