import { seededRandom } from '../../../../services/agents/report/analysis/statistics/change-points.ts'

/** Standard normal numbers (Box–Muller), the same for the same seed. */
export function normalNumbers(count: number, seed: number): Float64Array {
  const random = seededRandom(seed)
  return Float64Array.from(
    { length: count },
    () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()),
  )
}
