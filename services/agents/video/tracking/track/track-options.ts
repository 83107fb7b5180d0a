/** Settings of the tracker. Scores 0 to 1, times in milliseconds of the video. The same for every camera. */
export interface TrackOptions {
  /** A detection of at least this score is a high one: it may start a track, and is associated first. */
  highScore: number
  /** A track is confirmed when it has been seen so often, and for at least `confirmMs` … */
  confirmHits: number
  confirmMs: number
  /** … or twice within this at least: with few frames a second, waiting for more would take too long. */
  confirmSlowMs: number
  /** One that is not confirmed ends when it is not seen for so long (or in the next frame, when that is later). */
  tentativeMs: number
  /** So long after it was last seen a confirmed track is still shown and counted, where it is expected to be. */
  coastMs: number
  /** So long it can be found again where it should have got to … */
  lostMs: number
  /** … and so long at the position where it stood still, when it had for `stillMs`; */
  stillMs: number
  stoodMs: number
  /** for a vehicle, as long as it had stood there, up to this: parked cars vanish behind lorries, and at night. */
  parkedMs: number
}

/** The minimum score that detectors publish by default. */
export const DEFAULT_MIN_SCORE = 0.35
/** A high score lies above this share of the way from the minimum score to 1. */
const HIGH_SCORE_SHARE = 0.15

/** The options for detections that begin at `minScore`. Pure. */
export function trackOptions(minScore = DEFAULT_MIN_SCORE): TrackOptions {
  return {
    highScore: minScore + HIGH_SCORE_SHARE * (1 - minScore),
    confirmHits: 3,
    confirmMs: 150,
    confirmSlowMs: 400,
    tentativeMs: 250,
    coastMs: 250,
    lostMs: 2000,
    stillMs: 2000,
    stoodMs: 10_000,
    parkedMs: 300_000,
  }
}
