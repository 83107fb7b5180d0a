/** Nobody thinks for longer than this many times the mean: a run has to end. */
const LONGEST = 4

/**
 * How long somebody thinks: exponentially distributed, as independent arrivals are, and cut off at four times the mean. Pure.
 * @param draw 0 to 1, exclusive
 * @param meanMs of the distribution before it is cut off
 * @returns milliseconds
 */
export function thinkMs(draw: number, meanMs: number): number {
  return Math.round(Math.min(LONGEST, -Math.log(1 - draw)) * meanMs)
}

/** A source of draws from 0 to 1 that gives the same ones for the same seed (mulberry32). */
export function drawsFrom(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}
