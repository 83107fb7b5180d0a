import type { Tracks } from '../../schemas/camera.ts'

/** What is known of frames from the tracks that came of them. */
export interface Coverage {
  /** To be given all tracks of the time that counts, in their order. */
  take(tracks: Tracks): void
  /**
   * Frames of these monitors between the first and the last tracks of each: how many were looked at, in how many nothing had moved, and how
   * many there were; what was let go before it had a number is not among them.
   * @returns `silent`: monitors that no two tracks came of
   */
  of(monitors: readonly string[]): { analysed: number; gated: number; numbered: number; silent: number }
}

/** Counts from the numbers of frames, not from what is reported at the end: the beginning, when all cameras open at once, is not meant. */
export function createCoverage(): Coverage {
  const spans = new Map<string, { first: Tracks; last: Tracks }>()
  return {
    take(tracks) {
      const span = spans.get(tracks.monitor)
      if (!span || span.first.epoch !== tracks.epoch)
        spans.set(tracks.monitor, { first: tracks, last: tracks })
      else span.last = tracks
    },
    of(monitors) {
      const sum = { analysed: 0, gated: 0, numbered: 0, silent: 0 }
      for (const monitor of monitors) {
        const span = spans.get(monitor)
        if (!span || span.last.seq === span.first.seq) {
          sum.silent++
          continue
        }
        const { first, last } = span
        sum.analysed += last.frames - first.frames
        sum.gated += (last.gated ?? 0) - (first.gated ?? 0)
        sum.numbered += last.seq - first.seq
      }
      return sum
    },
  }
}
