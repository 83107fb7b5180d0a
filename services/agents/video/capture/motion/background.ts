import { createLightEstimate } from './light.ts'

/** How a picture differs from what was there a moment ago. */
export interface Change {
  /** Squares that belong to something that moved. */
  cells: number
  /** Which ones: 1 for each of them, 0 for the others. Overwritten by the next picture. */
  moved: Uint8Array
  /** The whole picture became lighter or darker by more than light does by itself: a lamp, a night switch, a cut. */
  isJump: boolean
}

/** What is usual in every square of a picture, learned while it is looked at. */
export interface Background {
  /** Compares with what is usual, and learns. `elapsedMs`: since the picture before. */
  observe(cells: Float32Array, elapsedMs: number): Change
}

/** How little counts as a change. */
export interface BackgroundOptions {
  /** The smallest difference that counts, in levels of 0 to 255. */
  floor: number
}

/** What is learned, and how fast. Milliseconds; differences in levels of 0 to 255. */
export const BACKGROUND = {
  /**
   * A square forgets what it was to a third in this time. Long enough that what moves by a pixel a second is seen to; short, so that
   * what has come to rest is part of the picture two seconds later.
   */
  meanMs: 1200,
  /** The same for how restless it is: leaves, water, a lamp that flickers, what a codec makes of a still wall. */
  noiseMs: 15_000,
  leastNoiseMs: 500,
  /** Differences above so many times the usual one count … */
  times: 4,
  /** … and those above this always do: however restless a place is, who comes through it is seen. */
  ceiling: 28,
  /** A passer-by must not make a place restless: one difference teaches no more than so many times the usual one, and a little. */
  lesson: 2.5,
  lessonOffset: 0.5,
  /** It is learned so much faster than forgotten: what a codec does once in a second is usual, too. */
  rise: 1.6,
  /** Assumed at first. */
  firstNoise: 2,
  /** A square counts no more than so many just over the limit, */
  strongest: 3,
  /** and so much has to come together in three by three of them: one that is far over it, or three that are just. */
  evidence: 3,
} as const

/** A running mean and a running mean deviation a square, whose difference is freed of what the light does to all of them. */
export function createBackground(
  { columns, rows }: { columns: number; rows: number },
  { floor }: BackgroundOptions,
): Background {
  const size = columns * rows
  const mean = new Float32Array(size)
  const noise = new Float32Array(size).fill(BACKGROUND.firstNoise)
  /** How far beyond its limit a square is, 1 being just; 0 below. With a border of zeros, so that every square has neighbours. */
  const width = columns + 2
  const excess = new Float32Array(width * (rows + 2))
  const moved = new Uint8Array(size)
  const light = createLightEstimate()
  /** How much of the picture was seen. Milliseconds. */
  let seenMs: number | undefined

  function compare(cells: Float32Array, elapsedMs: number): void {
    const meanStep = 1 - Math.exp(-elapsedMs / BACKGROUND.meanMs)
    // The first seconds weigh as much as they are of all that was seen.
    const noiseMs = Math.min(BACKGROUND.noiseMs, Math.max(BACKGROUND.leastNoiseMs, seenMs ?? 0))
    const noiseStep = 1 - Math.exp(-elapsedMs / noiseMs)
    const { times, ceiling, lesson, lessonOffset, rise, strongest } = BACKGROUND
    for (let row = 0, cell = 0; row < rows; row++) {
      for (let column = 0, at = (row + 1) * width + 1; column < columns; column++, cell++, at++) {
        const usual = mean[cell]!
        const restless = noise[cell]!
        const raw = cells[cell]! - usual
        const difference = Math.abs(raw - light.shiftAt(usual))
        const limit = Math.min(ceiling, Math.max(floor, times * restless))
        excess[at] = difference > limit ? Math.min(strongest, difference / limit) : 0
        mean[cell] = usual + meanStep * raw
        const lessonMost = lesson * restless + lessonOffset
        const taught = Math.min(difference, lessonMost) - restless
        noise[cell] = restless + noiseStep * (taught > 0 ? rise * taught : taught)
      }
    }
  }

  function clustered(): number {
    let found = 0
    moved.fill(0)
    for (let row = 1; row <= rows; row++) {
      for (let at = row * width + 1; at <= row * width + columns; at++) {
        if (excess[at] === 0) continue
        let evidence = 0
        for (let line = at - width; line <= at + width; line += width)
          evidence += excess[line - 1]! + excess[line]! + excess[line + 1]!
        if (evidence < BACKGROUND.evidence) continue
        found++
        moved[(row - 1) * columns + at - row * width - 1] = 1
      }
    }
    return found
  }

  return {
    observe(cells, elapsedMs) {
      if (seenMs === undefined) {
        mean.set(cells)
        seenMs = 0
        return { cells: 0, moved, isJump: false }
      }
      seenMs += elapsedMs
      const isJump = light.estimate(cells, mean)
      compare(cells, elapsedMs)
      return { cells: clustered(), moved, isJump }
    },
  }
}
