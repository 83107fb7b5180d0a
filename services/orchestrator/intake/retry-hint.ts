const SHORTEST_RETRY_MS = 250
const LONGEST_RETRY_MS = 60_000
/** When nothing has ended lately, nobody knows. */
const UNKNOWN_RETRY_MS = 5000

/**
 * When `excess` of them will be gone at that rate. Milliseconds, within reason. Pure.
 * @param perSecond not above 0: nobody knows
 */
export function retryAfterMs(excess: number, perSecond: number): number {
  if (!(perSecond > 0)) return UNKNOWN_RETRY_MS
  return Math.round(Math.min(LONGEST_RETRY_MS, Math.max(SHORTEST_RETRY_MS, (excess * 1000) / perSecond)))
}
