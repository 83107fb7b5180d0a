/** Of so many runs the quickest counts: what else the machine does only adds. */
const RUNS = 4
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
  let quarter = Number.POSITIVE_INFINITY
  let whole = Number.POSITIVE_INFINITY
  // In turns, so that caches which others fill slow down both.
  for (let run = 0; run < RUNS; run++) {
    whole = Math.min(whole, await cpuMs(work.whole))
    if (whole < MIN_MS) return whole / MIN_MS
    quarter = Math.min(quarter, await cpuMs(work.quarter))
  }
  return whole / quarter
}

/** Above linear (4) by a factor of 2.5 for caches and collected garbage, and below what is quadratic (16). */
export const MAX_GROWTH = 10

async function cpuMs(work: () => unknown): Promise<number> {
  const before = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000
}
