import { INGEST_LIMITS } from '../limits.ts'

/** Size of the grey frames that are compared: large enough to tell pictures apart, small enough to ignore movement. */
export const SCENE_FRAME = { width: 16, height: 9 } as const
const FRAME_PIXELS = SCENE_FRAME.width * SCENE_FRAME.height
/** Mean change of luma (0–255) that is a cut: people and cars before a camera that stands still made 7 at most. */
const CUT_LUMA = 24
const MAX_SCAN_FRAMES = 120
/** Shorter scenes are not looked for. */
const MIN_SCENE_SEC = 0.5

/** How a video is looked through: this many frames at even distances. */
export interface SceneScan {
  frames: number
  durationSec: number
}

/** Null when the video is too short to have scenes, or does not say how long it is. Pure. */
export function sceneScanOf(durationSec: number): SceneScan | null {
  const frames = Math.min(MAX_SCAN_FRAMES, Math.floor(durationSec / MIN_SCENE_SEC))
  return frames >= 2 ? { frames, durationSec } : null
}

/**
 * Times in seconds at which one scene ends and another begins, ascending. Pure.
 *
 * @param luma the frames one after the other, one byte a pixel; what is missing at the end of it counts as no cut
 */
export function sceneCuts(luma: Uint8Array, { frames, durationSec }: SceneScan): number[] {
  const cuts: number[] = []
  const complete = Math.min(frames, Math.floor(luma.length / FRAME_PIXELS))
  for (let frame = 1; frame < complete; frame++) {
    if (meanChange(luma, frame) >= CUT_LUMA) cuts.push((frame / frames) * durationSec)
  }
  return cuts
}

function meanChange(luma: Uint8Array, frame: number): number {
  const start = frame * FRAME_PIXELS
  let sum = 0
  for (let i = start; i < start + FRAME_PIXELS; i++) sum += Math.abs(luma[i]! - luma[i - FRAME_PIXELS]!)
  return sum / FRAME_PIXELS
}

/** Frames that are nearer show the same. */
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
  for (let spare = count - scenes.length; spare > 0; spare--) longestPart(scenes).frames++
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
  return scenes.reduce((longest, scene) =>
    scene.lengthSec / scene.frames > longest.lengthSec / longest.frames ? scene : longest,
  )
}

function timesIn({ startSec, lengthSec, frames }: Scene): number[] {
  const part = lengthSec / frames
  return Array.from({ length: frames }, (_, i) => Math.round((startSec + (i + 0.5) * part) * 1000) / 1000)
}
