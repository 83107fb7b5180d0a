import type { Box } from '#schemas/geometry.ts'
import type { CellGrid } from './cells.ts'

/** Tells what begins to move from what goes on moving. */
export interface Novelty {
  /**
   * Whether something moves that is not tracked, in a place where that has just begun.
   * @param moved 1 for each square that moves
   * @param tracked boxes of tracked objects
   * @param atMs time of the picture; never goes back
   */
  isNew(moved: Uint8Array, tracked: readonly Box[], atMs: number): boolean
}

/**
 * What moves this close to a tracked object is taken for it: it has gone on since, it has a shadow, and its box shakes. Shares of its width
 * and height, and squares.
 */
const MARGIN = { width: 0.5, height: 0.25, cells: 2 } as const
/** A place is so many squares wide and high. */
const PLACE = 8
/**
 * What moves in a place is new there for so long: a detector that sees it in one of five looks has seen it by then, or it is none of the classes. It begins anew when nothing has moved
 * there for a while. Milliseconds.
 */
export const NEW = { lastsMs: 3000, afterMs: 1000, cells: 3 } as const

export function createNovelty(grid: CellGrid): Novelty {
  const { columns, rows } = grid
  const known = new Uint8Array(columns * rows)
  const across = Math.ceil(columns / PLACE)
  const places = across * Math.ceil(rows / PLACE)
  /** When something untracked began to move in each place, and when it did last. */
  const sinceMs = new Float64Array(places).fill(Number.NEGATIVE_INFINITY)
  const lastMs = new Float64Array(places).fill(Number.NEGATIVE_INFINITY)
  const isMoving = new Uint8Array(places)

  return {
    isNew(moved, tracked, atMs) {
      markKnown(known, grid, tracked)
      isMoving.fill(0)
      for (let row = 0, cell = 0; row < rows; row++) {
        const line = Math.floor(row / PLACE) * across
        for (let column = 0; column < columns; column++, cell++)
          if (moved[cell] === 1 && known[cell] === 0) isMoving[line + Math.floor(column / PLACE)]!++
      }
      let isAnyNew = false
      for (let place = 0; place < places; place++) {
        if (isMoving[place]! < NEW.cells) continue
        if (atMs - lastMs[place]! > NEW.afterMs) sinceMs[place] = atMs
        lastMs[place] = atMs
        if (atMs - sinceMs[place]! < NEW.lastsMs) isAnyNew = true
      }
      return isAnyNew
    },
  }
}

/** Marks the squares in which tracked objects are or may be by now with 1, all others with 0. */
function markKnown(known: Uint8Array, { columns, rows }: CellGrid, boxes: readonly Box[]): void {
  known.fill(0)
  for (const [left, top, right, bottom] of boxes) {
    const aside = MARGIN.width * (right - left)
    const above = MARGIN.height * (bottom - top)
    const from = Math.max(0, Math.floor((left - aside) * columns) - MARGIN.cells)
    const to = Math.min(columns, Math.ceil((right + aside) * columns) + MARGIN.cells)
    const last = Math.min(rows, Math.ceil((bottom + above) * rows) + MARGIN.cells)
    for (let row = Math.max(0, Math.floor((top - above) * rows) - MARGIN.cells); row < last; row++)
      if (to > from) known.fill(1, row * columns + from, row * columns + to)
  }
}
