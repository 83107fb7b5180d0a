/** Times in the stream of frames that are on their way. */
export interface FrameTimes {
  /** Takes what ffmpeg prints about them, in any parts. */
  take(text: string): void
  /** The time of frame 0, 1, 2 …, once: milliseconds; undefined when it has none or was not printed yet. */
  of(index: number): number | undefined
}

/** Frames are a few behind what is printed of them. */
const MAX_KEPT = 256
/** No line is as long: what comes without an end is not ours. */
const MAX_LINE_CHARACTERS = 4096

/**
 * Filters after which ffmpeg prints the number and the time of each frame to standard output. Raw pictures carry none. What is
 * printed is about frames that have a value, so each is given one.
 */
export const PRINT_TIMES = 'metadata=mode=add:key=murmur:value=1,metadata=mode=print:file=-:direct=1'

/** Reads lines like `frame:17 pts:153000 pts_time:1.7`. Pure but for its memory, which is bounded. */
export function createFrameTimes(): FrameTimes {
  const kept = new Map<number, number>()
  let rest = ''
  return {
    take(text) {
      const lines = (rest + text).split('\n')
      rest = (lines.pop() ?? '').slice(-MAX_LINE_CHARACTERS)
      for (const line of lines) {
        const found = /^frame:(\d+)\s.*pts_time:(-?[\d.]+(?:e[+-]?\d+)?)/.exec(line)
        if (!found) continue
        const seconds = Number(found[2])
        if (!Number.isFinite(seconds)) continue
        kept.set(Number(found[1]), seconds * 1000)
        if (kept.size > MAX_KEPT) kept.delete(kept.keys().next().value!)
      }
    },
    of(index) {
      const mediaMs = kept.get(index)
      kept.delete(index)
      return mediaMs
    },
  }
}
