const MAX_FRAMES = 6
/** Nearer frames show the same. */
const MIN_GAP_SEC = 0.5

/** The middles of equal parts of a video: neither the black start nor the very end. One frame when the length is unknown. */
export function frameTimes(durationSec: number): number[] {
  const count = Math.max(1, Math.min(MAX_FRAMES, Math.floor(durationSec / MIN_GAP_SEC)))
  const part = durationSec / count
  return Array.from({ length: count }, (_, index) => Math.round((index + 0.5) * part * 1000) / 1000)
}
