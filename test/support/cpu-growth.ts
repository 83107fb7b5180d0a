/** Of so many runs the quickest counts: what else the machine does only adds. */
const RUNS = 3
/** Below that many milliseconds the larger size says nothing of its order of growth, and harms nobody. */
const MIN_MS = 100

/**
 * How many times the processor time of some work grows from a size to one four times as large: 4 where it is linear, 16 where it is
 * quadratic; at most 1 where even the larger one takes less than 100 ms. Time of the processor, not of the clock, so that other processes
 * do not count.
 *
 * @param work on the quarter, then on the whole, each with its inputs made before
 */
export async function cpuGrowth(work: { quarter(): unknown; whole(): unknown }): Promise<number> {
  const whole = await cpuMs(work.whole)
  if (whole < MIN_MS) return whole / MIN_MS
  return whole / (await cpuMs(work.quarter))
}

/** As far from linear (4) as from quadratic (16), on a scale of factors. */
export const MAX_GROWTH = 8

async function cpuMs(work: () => unknown): Promise<number> {
  let best = Number.POSITIVE_INFINITY
  for (let run = 0; run < RUNS; run++) {
    const before = process.cpuUsage()
    await work()
    const { user, system } = process.cpuUsage(before)
    best = Math.min(best, (user + system) / 1000)
  }
  return best
}
