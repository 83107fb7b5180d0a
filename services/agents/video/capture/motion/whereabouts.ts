import type { Box } from '#schemas/geometry.ts'

/** What is usual in a square is forgotten that slowly: where somebody was a moment ago still looks changed. Milliseconds. */
const TRAIL_MS = 3000
/** Boxes that are kept, of a crowd too; the oldest go first. */
const MAX_BOXES = 500

/** Where tracked objects are and have just been. Bounded. */
export interface Whereabouts {
  /** Boxes of a frame of that time. Milliseconds of the video. */
  add(boxes: readonly Box[], atMs: number): void
  /** Where something was within the last seconds before this time. */
  at(nowMs: number): readonly Box[]
}

export function createWhereabouts(): Whereabouts {
  let kept: { box: Box; atMs: number }[] = []
  let boxes: readonly Box[] = []
  return {
    add(added, atMs) {
      for (const box of added) kept.push({ box, atMs })
      if (kept.length > MAX_BOXES) kept = kept.slice(-MAX_BOXES)
      boxes = kept.map(({ box }) => box)
    },
    at(nowMs) {
      if (kept.length > 0 && nowMs - kept[0]!.atMs > TRAIL_MS) {
        kept = kept.filter(({ atMs }) => nowMs - atMs <= TRAIL_MS)
        boxes = kept.map(({ box }) => box)
      }
      return boxes
    },
  }
}
