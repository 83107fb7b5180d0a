import type { Clock } from '#platform/clock/clock.ts'

/** How a camera is whose pictures come, and since when. */
export type Seeing = (
  | { status: 'live' }
  /** Nothing came back; what is in the way has to be found out. */
  | { status: 'blind'; forMs: number }
  | { status: 'lagging'; reason: string }
) & {
  /** How long ago something came back last; undefined while nothing has. Milliseconds. */
  seenAgoMs?: number
}

/** Watches over what becomes of pictures: whether they come back, and how old they are then. */
export interface SeeingWatch {
  /** A picture goes to the detectors, or should have. */
  sent(): void
  /** One has come back with what was seen in it, so old by then. Milliseconds. */
  returned(ageMs: number): void
  /** A backlog was cut, in which the picture was so old. Milliseconds. */
  cut(lagMs: number): void
  judge(): Seeing
  /** There are no pictures: nobody is waited for. */
  noPictures(): void
}

/** Without an answer for so long although pictures go out, nobody sees anything. A detector that starts again needs about three seconds. */
export const BLIND_AFTER_MS = 5000
/** Older pictures are no live pictures any more. */
export const LAG_LIMIT_MS = 3000
/** A single late answer is none. */
const LAGGING_AFTER_MS = 2000
/** It is over when pictures were younger than that for so long. */
const FRESH_MS = LAG_LIMIT_MS / 2
const FRESH_FOR_MS = 5000
/** One cut may be followed by the next: what was cut so lately still lags. */
const CUT_FOR_MS = 20_000

/**
 * From live to blind when nothing came back of what was sent five seconds ago and earlier, and back with the first answer; from live to lagging when answers are about
 * pictures that are too old, or a backlog was cut, and back when that has been well for a while. Pure but for the clock.
 */
export function createSeeingWatch(clock: Pick<Clock, 'monotonicMs'>): SeeingWatch {
  /** Since the last answer: when the first picture was sent, and the second. A single one that is lost says nothing: often none follows. */
  let unanswered: { firstMs: number; secondMs?: number } | undefined
  let age:
    | { ms: number; atMs: number; oldSinceMs: number | undefined; freshSinceMs: number | undefined }
    | undefined
  let isOld = false
  let lastCut: { atMs: number; lagMs: number; count: number } | undefined

  function judgeAge(nowMs: number): void {
    if (!age) return
    const { oldSinceMs, freshSinceMs } = age
    if (oldSinceMs !== undefined && nowMs - oldSinceMs >= LAGGING_AFTER_MS) isOld = true
    if (freshSinceMs !== undefined && nowMs - freshSinceMs >= FRESH_FOR_MS) isOld = false
  }

  return {
    sent() {
      const nowMs = clock.monotonicMs()
      if (!unanswered) unanswered = { firstMs: nowMs }
      else unanswered.secondMs ??= nowMs
    },
    returned(ageMs) {
      const nowMs = clock.monotonicMs()
      unanswered = undefined
      age = {
        ms: ageMs,
        atMs: nowMs,
        oldSinceMs: ageMs > LAG_LIMIT_MS ? (age?.oldSinceMs ?? nowMs) : undefined,
        freshSinceMs: ageMs <= FRESH_MS ? (age?.freshSinceMs ?? nowMs) : undefined,
      }
      judgeAge(nowMs)
    },
    cut(lagMs) {
      const nowMs = clock.monotonicMs()
      const isNext = lastCut !== undefined && nowMs - lastCut.atMs < CUT_FOR_MS
      lastCut = { atMs: nowMs, lagMs, count: isNext ? lastCut!.count + 1 : 1 }
    },
    judge() {
      const nowMs = clock.monotonicMs()
      const waitedMs = nowMs - (unanswered?.secondMs ?? nowMs)
      if (unanswered && waitedMs >= BLIND_AFTER_MS)
        return { status: 'blind', forMs: nowMs - unanswered.firstMs }
      judgeAge(nowMs)
      const seen = age && { seenAgoMs: nowMs - age.atMs }
      if (lastCut && nowMs - lastCut.atMs < CUT_FOR_MS)
        return { status: 'lagging', reason: cutReason(lastCut), ...seen }
      if (isOld && age) return { status: 'lagging', reason: ageReason(age.ms), ...seen }
      return { status: 'live', ...seen }
    },
    noPictures() {
      unanswered = undefined
    },
  }
}

/** Why a camera lags whose backlog was cut: so old was the picture, so often lately. Pure. */
export function cutReason({ lagMs, count }: { lagMs: number; count: number }): string {
  const times = count === 1 ? '' : `, ${count} times lately`
  return `the picture was ${inSeconds(lagMs)} s behind the camera: opened again at the live edge${times}`
}

function ageReason(ms: number): string {
  return `pictures are ${inSeconds(ms)} s old when they have been looked at: detection is too slow for its cameras`
}

function inSeconds(ms: number): string {
  return (ms / 1000).toFixed(1)
}
