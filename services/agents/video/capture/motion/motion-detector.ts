import type { Box } from '#schemas/geometry.ts'
import type { Sensitivity } from '#schemas/monitor-request.ts'
import type { FrameSizes } from '../decode/decode-plan.ts'
import { type Background, createBackground } from './background.ts'
import { type CellGrid, gridOf, measureCells } from './cells.ts'
import { createNovelty, type Novelty } from './novelty.ts'

/** The smallest difference of a square from what was there that counts. Levels of 0 to 255. */
const FLOORS: Readonly<Record<Sensitivity, number>> = { low: 8, normal: 3, high: 2 }
/** A picture is looked at as if all of it moved until this much of it has been seen: nobody knows yet what is usual. */
const LEARNING_MS = 1500
/** After so long without a picture what was usual is forgotten. */
const FORGET_MS = 10_000

/** What moves in a frame: nothing, only what is tracked or has moved in its place for a while, or something new. */
export type Movement = 'none' | 'familiar' | 'new'

/** Tells whether something moves in the frames of a source. */
export interface MotionDetector {
  /**
   * To be given every frame in its order. When in doubt it is `new`: at the beginning, after a gap, when the size changes.
   * @param planes as a frame has them; only the first, green, is read
   * @param atMs time of the frame; never goes back
   * @param tracked where tracked objects are and were a moment ago
   */
  movement(
    planes: Uint8Array,
    sizes: Pick<FrameSizes, 'input' | 'content'>,
    atMs: number,
    tracked?: readonly Box[],
  ): Movement
}

/** Green alone: it is most of what people see as brightness, and all that a camera at night has. */
export function createMotionDetector(sensitivity: Sensitivity = 'normal'): MotionDetector {
  let learned:
    | { grid: CellGrid; cells: Float32Array; background: Background; novelty: Novelty; sinceMs: number }
    | undefined
  let layout = ''
  let lastMs = Number.NEGATIVE_INFINITY

  return {
    movement(planes, { input, content }, atMs, tracked = []) {
      const now = `${input.width} ${content.width} ${content.height}`
      if (!learned || now !== layout || atMs - lastMs > FORGET_MS) {
        const grid = gridOf(content)
        layout = now
        learned = {
          grid,
          cells: new Float32Array(grid.columns * grid.rows),
          novelty: createNovelty(grid),
          background: createBackground(grid, { floor: FLOORS[sensitivity] }),
          sinceMs: atMs,
        }
        lastMs = atMs
      }
      const { grid, cells, novelty, background, sinceMs } = learned
      measureCells(planes, { stride: input.width }, grid, cells)
      const change = background.observe(cells, Math.max(0, atMs - lastMs))
      lastMs = atMs
      if (change.isJump || atMs - sinceMs < LEARNING_MS) return 'new'
      if (change.cells === 0) return 'none'
      return novelty.isNew(change.moved, tracked, atMs) ? 'new' : 'familiar'
    },
  }
}
