import type { MotionDetector } from '../../../../../services/agents/video/capture/motion/motion-detector.ts'
import { createRandom } from '../../../../../services/agents/video/scenes/random.ts'

export const SIZE = { width: 208, height: 116 }
const SIZES = { input: SIZE, content: SIZE }

/** Levels of 0 to 255 at a pixel of a frame. */
export type Scene = (x: number, y: number, atMs: number) => number

/** A wall with stones, so that not all is of one brightness. */
export const WALL: Scene = (x, y) => 90 + 50 * Math.sin(x / 9) + 30 * Math.sin(y / 7)

/** A wall with something in front of it. */
export function withObject(
  place: (atMs: number) => { x: number; y: number } | undefined,
  { width = 6, height = 14, level = 60 } = {},
): Scene {
  return (x, y, atMs) => {
    const at = place(atMs)
    const isObject = at && x >= at.x && x < at.x + width && y >= at.y && y < at.y + height
    return isObject ? level : WALL(x, y, atMs)
  }
}

/** Whether each frame of a scene moves, ten a second; `noise`: standard deviation of the sensor's in levels. */
export function watch(
  detector: MotionDetector,
  scene: Scene,
  { seconds, noise = 4, fps = 10 }: { seconds: number; noise?: number; fps?: number },
): boolean[] {
  const random = createRandom(11)
  const plane = new Uint8Array(SIZE.width * SIZE.height * 3)
  return Array.from({ length: Math.round(seconds * fps) }, (_, frame) => {
    const atMs = (frame * 1000) / fps
    for (let y = 0, i = 0; y < SIZE.height; y++)
      for (let x = 0; x < SIZE.width; x++, i++) {
        const grain = (random.next() + random.next() + random.next() + random.next() - 2) * 1.73 * noise
        plane[i] = Math.min(255, Math.max(0, scene(x, y, atMs) + grain))
      }
    return detector.movement(plane, SIZES, atMs) !== 'none'
  })
}

/** The share of frames that move, from a second on. */
export function shareFrom(moved: readonly boolean[], second: number, fps = 10): number {
  const rest = moved.slice(second * fps)
  return rest.filter(Boolean).length / rest.length
}
