import type { Movement } from './motion-detector.ts'

/**
 * Why a frame goes to the detectors, or does not. `unneeded`: nothing has changed that they could see. `spared`: what
 * moves is tracked or has moved there for a while, and the tracker wants the next look later.
 */
export type Look = 'motion' | 'heartbeat' | 'wanted' | 'unneeded' | 'spared'

/** What the tracker said when a frame had come back. */
export interface LookWish {
  /** How soon it wants the next look if nothing moves: 0 is the next frame. Milliseconds. */
  lookAgainMs: number
  /** The same while something moves, unless it is new; 0 unless given. Milliseconds. */
  lookMovingMs?: number | undefined
}

/** Which frames are looked at. Times are those of the video and never go back. Milliseconds. */
export interface LookPlan {
  /** Decides about the next frame. A look counts only when `looked` is called; what is spared counts at once. */
  decide(atMs: number, movement: Movement): Look
  looked(atMs: number, look: Look): void
  /** A frame has come back. */
  wish(wish: LookWish): void
}

/**
 * Looks beyond the slowest rate that a still picture can take at once, and a second: a figure that a network sees in one frame and not
 * in the next must not have all frames looked at for ever.
 */
export const WISHES = { most: 15, perSecond: 1.5 } as const
/** Without a word from the tracker for so long it wants nothing. */
const WISH_MS = 5000
/** The same while objects move: much can have changed since. */
const MOVING_WISH_MS = 1000
/** Frames jitter: one that comes so much early is in time. */
const EARLY_MS = 20

/**
 * What moves is looked at, frame by frame or as often as the tracker wants; the movement's last frame, or the one after it, always is. What does not is looked at as often as the tracker wants, as far as that is
 * affordable, and at the slowest rate whatever happens: so nothing depends on the motion alone. Pure but for its memory.
 */
export function createLookPlan({ idleMs }: { idleMs: number }): LookPlan {
  let lastLookMs = Number.NEGATIVE_INFINITY
  let nowMs = Number.NEGATIVE_INFINITY
  let tokens: number = WISHES.most
  let wished: { ms: number; movingMs: number; atMs: number } | undefined
  /** Something moved in frames that were spared since the last look. */
  let isOwed = false

  function advance(atMs: number): void {
    const elapsedMs = Number.isFinite(nowMs) ? Math.max(0, atMs - nowMs) : 0
    tokens = Math.min(WISHES.most, tokens + (elapsedMs / 1000) * WISHES.perSecond)
    nowMs = atMs
  }

  const isFollowed = (atMs: number, sinceMs: number) =>
    wished !== undefined && atMs - wished.atMs <= MOVING_WISH_MS && sinceMs < wished.movingMs

  return {
    decide(atMs, movement) {
      advance(atMs)
      const sinceMs = atMs - lastLookMs + EARLY_MS
      if (movement === 'familiar' && isFollowed(atMs, sinceMs)) {
        isOwed = true
        return 'spared'
      }
      if (movement !== 'none' || isOwed) return 'motion'
      if (sinceMs >= idleMs) return 'heartbeat'
      const isWished = wished !== undefined && atMs - wished.atMs <= WISH_MS && sinceMs >= wished.ms
      return isWished && tokens >= 1 ? 'wanted' : 'unneeded'
    },
    looked(atMs, look) {
      lastLookMs = atMs
      isOwed = false
      if (look === 'wanted') tokens--
    },
    wish({ lookAgainMs, lookMovingMs = 0 }) {
      wished = { ms: lookAgainMs, movingMs: lookMovingMs, atMs: nowMs }
    },
  }
}
