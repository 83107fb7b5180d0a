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
 * One probe that is slow among others that are not is no part of a recovery: such ones there are before a death, too, on a machine that has
 * enough to do. Whoever was due so shortly after the death counts in any case; later a slow one counts when more than this share of the others that
 * were due within so long of it was slow as well.
 */
const ALONE_MS = 2500
const SURE_MS = 5000
const OTHERS_SHARE = 0.1

/**
 * Where half of the probes took longer than this before, there was more to do than could be done: what is slow afterwards is the queue, which
 * a death makes a few seconds longer and nothing makes shorter while the load lasts. Twice what is slow.
 */
const QUEUED_MS = 1000
/** As much is done as before when in so long a time it is this share of what it was. */
const PERIOD_MS = 5000
const AS_MUCH_SHARE = 0.8

export interface Recovery {
  /** By what it is seen by; absent when that can't be told. */
  readonly recoveryMs?: number
  readonly seenBy: 'latency' | 'throughput'
  /** Until the end of the last slow probe that was not alone, and until as much was done as before: each where it can be told. */
  readonly latencyMs?: number
  readonly throughputMs?: number
  /** Slow probes that were alone, and do not count. */
  readonly aloneProbes?: number
}

/**
 * How long it took after the death of a process until everything was as before: by probes, or, where they waited in a queue anyway, by how much was
 * done; both are told. Pure.
 * @param probes sorted by time
 * @param endsAtMs when work of the kind that the process did was done, sorted, in milliseconds of the run
 * @param untilMs when something else was killed: what comes after is not its doing
 */
export function recoveryOf(
  { probes, endsAtMs }: { probes: readonly Probe[]; endsAtMs: readonly number[] },
  killedAtMs: number,
  untilMs = Number.POSITIVE_INFINITY,
): Recovery {
  const sent = probes.filter(({ atMs }) => atMs >= killedAtMs - BEFORE_MS && atMs < killedAtMs)
  const waited = sent.map(({ atMs, tookMs }) => tookMs ?? killedAtMs - atMs).toSorted((a, b) => a - b)
  const isQueued = waited.length > 0 && percentile(waited, 0.5, 'nearest-rank') > QUEUED_MS
  const { latencyMs, alone } = latencyOf(probes, killedAtMs, untilMs)
  const throughputMs = asMuchAgainMs(endsAtMs, killedAtMs, untilMs)
  const tookMs = isQueued ? throughputMs : latencyMs
  return {
    seenBy: isQueued ? 'throughput' : 'latency',
    ...(tookMs !== undefined && { recoveryMs: tookMs }),
    ...(latencyMs !== undefined && { latencyMs }),
    ...(throughputMs !== undefined && { throughputMs }),
    ...(alone > 0 && { aloneProbes: alone }),
  }
}

/** The probes that recovery is told by, as they are kept in the result. Pure. */
export function seenProbes(probes: readonly Probe[], killedAtMs: number): [number, number | null][] {
  return probes
    .filter(({ atMs }) => atMs >= killedAtMs - BEFORE_MS && atMs < killedAtMs + AFTER_MS)
    .map(({ atMs, tookMs }) => [Math.round(atMs), tookMs === undefined ? null : Math.round(tookMs)])
}

/** From the death until as much is done in a period as in the one before it. Undefined when that was not seen, or nothing was done before. Pure. */
function asMuchAgainMs(endsAtMs: readonly number[], killedAtMs: number, untilMs: number): number | undefined {
  // A run of hours has a hundred thousand of them: both ends of the period only go forward.
  let [first, behind] = [0, 0]
  const within = (fromMs: number) => {
    while (first < endsAtMs.length && endsAtMs[first]! < fromMs) first++
    while (behind < endsAtMs.length && endsAtMs[behind]! < fromMs + PERIOD_MS) behind++
    return behind - first
  }
  const wanted = within(killedAtMs - PERIOD_MS) * AS_MUCH_SHARE
  if (wanted === 0) return undefined
  const from = [killedAtMs, ...endsAtMs.filter((atMs) => atMs > killedAtMs && atMs < untilMs - PERIOD_MS)]
  const again = from.find((fromMs) => within(fromMs) >= wanted)
  return again === undefined ? undefined : Math.round(again - killedAtMs)
}

/**
 * From the death of a process to the end of the last probe that it slowed down: of those that were due from right before it on, without those that
 * were slow alone. 0 when none was; undefined when nothing can be said, because no probe was sent then, or one of them was never seen to end. Pure.
 * @param probes sorted by time
 * @param killedAtMs of the run
 * @param untilMs when something else was killed: what comes after is not its doing
 */
export function recoveryMs(
  probes: readonly Probe[],
  killedAtMs: number,
  untilMs = Number.POSITIVE_INFINITY,
): number | undefined {
  return latencyOf(probes, killedAtMs, untilMs).latencyMs
}

function latencyOf(
  probes: readonly Probe[],
  killedAtMs: number,
  untilMs: number,
): { latencyMs?: number; alone: number } {
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
  if (after.every(({ atMs }) => atMs < killedAtMs)) return { alone: 0 }
  if (after.some(({ tookMs }) => tookMs === undefined)) return { alone: 0 }
  const slow = after.filter(({ tookMs = 0 }) => tookMs > slowMs)
  const counted = slow.filter((probe) => probe.atMs < killedAtMs + SURE_MS || !isAlone(probe, slow, after))
  const endMs = Math.max(killedAtMs, ...counted.map(({ atMs, tookMs = 0 }) => atMs + tookMs))
  return { latencyMs: Math.round(endMs - killedAtMs), alone: slow.length - counted.length }
}

function isAlone(probe: Probe, slow: readonly Probe[], all: readonly Probe[]): boolean {
  const near = (of: readonly Probe[]) =>
    of.filter((other) => other !== probe && Math.abs(other.atMs - probe.atMs) <= ALONE_MS).length
  return near(slow) <= OTHERS_SHARE * near(all)
}
