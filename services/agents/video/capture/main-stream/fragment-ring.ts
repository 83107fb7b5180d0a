import { createFragmentCutter, type FragmentBytes } from '../../recordings/media/fragment-stream.ts'

/** So much of a stream is kept: what an alert of the last seconds is about, and the key frame before it. Milliseconds. */
const KEPT_MS = 6000
/** And no more than this: 4K at 25 Mbit/s, with a key frame every eight seconds. Bytes. */
const MAX_BYTES = 48 * 1024 * 1024
/** The time of a stream against the wall is taken from so many of its fragments: those that came without a delay count. */
const CLOCK_FRAGMENTS = 64

/** A part of a stream that can be decoded by itself, and where in it the picture is. */
export interface StreamPart {
  bytes: Buffer
  /** From its first frame to the one that is wanted. Seconds. */
  seconds: number
}

/** The last seconds of a stream, encoded as it came. */
export interface FragmentRing {
  /**
   * Takes fragmented MP4 as ffmpeg gives it. @param nowMs when it came: Unix milliseconds
   * @throws RangeError when it is none
   */
  take(part: Uint8Array, nowMs: number): void
  /** The newest moment that there is a picture of; undefined: none yet. Unix milliseconds. */
  readonly newestMs: number | undefined
  /** What shows a moment; undefined when it is not there any more, or not yet. */
  partAt(atMs: number): StreamPart | undefined
}

interface Kept extends FragmentBytes {
  startMs: number
  endMs: number
}

/** Pure but for its memory. */
export function createFragmentRing(): FragmentRing {
  let init: Buffer | undefined
  let timescale = 1
  let kept: Kept[] = []
  let bytes = 0
  let nowMs = 0
  /** How much later than its own time each fragment came. */
  const delays: number[] = []

  const cutter = createFragmentCutter({
    onInit(start, facts) {
      init = start
      timescale = facts.timescale
      kept = []
      bytes = 0
      delays.length = 0
    },
    onFragment(fragment) {
      const startMs = (fragment.time * 1000) / timescale
      const endMs = ((fragment.time + fragment.duration) * 1000) / timescale
      // Times that go back: what was kept belongs to another life of the stream.
      if (kept.length > 0 && startMs < kept.at(-1)!.startMs) {
        kept = []
        bytes = 0
        delays.length = 0
      }
      kept.push({ ...fragment, startMs, endMs })
      bytes += fragment.bytes.length
      delays.push(nowMs - endMs)
      if (delays.length > CLOCK_FRAGMENTS) delays.shift()
      forget(endMs)
    },
  })

  /** Whole groups alone: what follows a key frame is nothing without it. */
  function forget(endMs: number): void {
    for (;;) {
      const next = kept.findIndex(({ isKey }, i) => i > 0 && isKey)
      const isOld = next > 0 && kept[next]!.startMs <= endMs - KEPT_MS
      if (!isOld && bytes <= MAX_BYTES) return
      const gone = kept.splice(0, next > 0 ? next : kept.length)
      for (const fragment of gone) bytes -= fragment.bytes.length
    }
  }

  /** From the stream's time to the wall's. */
  const offsetMs = () => Math.min(...delays)

  return {
    take(part, atMs) {
      nowMs = atMs
      cutter.take(part)
    },
    get newestMs() {
      const last = kept.at(-1)
      return last && last.endMs + offsetMs()
    },
    partAt(atMs) {
      if (!init || kept.length === 0) return undefined
      const streamMs = atMs - offsetMs()
      const at = kept.findIndex(({ endMs }) => streamMs < endMs)
      const from = kept.findLastIndex(({ isKey, startMs }, i) => isKey && i <= at && startMs <= streamMs)
      if (at < 0 || from < 0) return undefined
      const last = kept[at]!
      const frameMs = (last.endMs - last.startMs) / Math.max(1, last.frames)
      const latestMs = last.endMs - frameMs
      const wantedMs = Math.min(streamMs, latestMs) - kept[from]!.startMs
      return {
        bytes: Buffer.concat([init, ...kept.slice(from, at + 1).map((fragment) => fragment.bytes)]),
        // Just before it, so that rounding takes no later one.
        seconds: Math.max(0, wantedMs - frameMs / 2) / 1000,
      }
    },
  }
}
