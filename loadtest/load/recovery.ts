import { percentile } from '#platform/statistics/percentile.ts'
import type { Probe } from './generator/messages.ts'

/** A probe is slow when it takes longer than this, or twice what nine of ten took before, whichever is more. */
const SLOW_MS = 500
const SLOW_TIMES = 2
const USUAL_SHARE = 0.9
/** Probes of so long before show how it was; what a death has to do with shows within so long after. */
const BEFORE_MS = 10_000
const AFTER_MS = 30_000

/**
 * From the death of a process to the end of the last probe that it slowed down: of those that were due from right before it on. 0 when none
 * was; undefined when nothing can be said, because no probe was sent then, or one of them was never seen to end. Pure.
 * @param probes sorted by time
 * @param killedAtMs of the run
 * @param untilMs when something else was killed: what comes after is not its doing
 */
export function recoveryMs(
  probes: readonly Probe[],
  killedAtMs: number,
  untilMs = Number.POSITIVE_INFINITY,
): number | undefined {
  const before = probes
    .filter(({ atMs, tookMs }) => atMs >= killedAtMs - BEFORE_MS && atMs + (tookMs ?? 0) < killedAtMs)
    .flatMap(({ tookMs }) => tookMs ?? [])
    .toSorted((a, b) => a - b)
  const usualMs = before.length === 0 ? 0 : percentile(before, USUAL_SHARE, 'nearest-rank')
  const slowMs = Math.max(SLOW_MS, SLOW_TIMES * usualMs)
  // Those that were under way count: a process may have died with their steps.
  const after = probes.filter(
    ({ atMs, tookMs }) =>
      atMs + (tookMs ?? Number.POSITIVE_INFINITY) >= killedAtMs &&
      atMs >= killedAtMs - BEFORE_MS &&
      atMs < Math.min(killedAtMs + AFTER_MS, untilMs),
  )
  if (after.every(({ atMs }) => atMs < killedAtMs)) return undefined
  let endMs = killedAtMs
  for (const { atMs, tookMs } of after) {
    if (tookMs === undefined) return undefined
    if (tookMs > slowMs) endMs = Math.max(endMs, atMs + tookMs)
  }
  return Math.round(endMs - killedAtMs)
}
