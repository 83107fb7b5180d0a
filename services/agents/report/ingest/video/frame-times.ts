import { INGEST_LIMITS } from '../limits.ts'

/** Nearer frames show the same. */
const MIN_GAP_SEC = 0.5

interface Scene {
  startSec: number
  lengthSec: number
  /** Frames taken from it, at the middles of equal parts. */
  frames: number
}

/**
 * Times of the frames that stand for a video, in seconds, ascending: one from each of the longest scenes, and more from
 * scenes that are much longer than others. Middles of parts are neither the black start nor the very end. One frame when
 * the length is unknown. Pure.
 *
 * @param cuts where scenes change, ascending
 */
export function frameTimes(durationSec: number, cuts: readonly number[] = []): number[] {
  const count = Math.max(1, Math.min(INGEST_LIMITS.keyFrames, Math.floor(durationSec / MIN_GAP_SEC)))
  const scenes = longestScenes(durationSec, cuts, count)
  for (let left = count - scenes.length; left > 0; left--) longestPart(scenes).frames++
  return scenes.flatMap(timesIn).toSorted((a, b) => a - b)
}

function longestScenes(durationSec: number, cuts: readonly number[], count: number): Scene[] {
  const starts = [0, ...cuts]
  const scenes = starts.map((startSec, i) => ({
    startSec,
    lengthSec: (starts[i + 1] ?? durationSec) - startSec,
    frames: 1,
  }))
  return scenes.toSorted((a, b) => b.lengthSec - a.lengthSec).slice(0, count)
}

/** The scene whose frames are furthest apart. */
function longestPart(scenes: readonly Scene[]): Scene {
  return scenes.reduce((most, scene) =>
    scene.lengthSec / scene.frames > most.lengthSec / most.frames ? scene : most,
  )
}

function timesIn({ startSec, lengthSec, frames }: Scene): number[] {
  const part = lengthSec / frames
  return Array.from({ length: frames }, (_, i) => Math.round((startSec + (i + 0.5) * part) * 1000) / 1000)
}
