/** Share of false findings allowed among those of a table that are told at all. */
const TOLD_Q = 0.05
const MODERATE_Q = 0.01
/** A tenth of what the word promises: among thousands of reports without anything in them there is hardly one strong finding. */
const STRONG_Q = 0.0001

/** Benjamini–Hochberg: for each p the share of false ones expected among all that are at least as small, in the order given. */
export function falseDiscoveryRates(pValues: readonly number[]): number[] {
  const order = pValues.map((_, i) => i).sort((i, j) => pValues[j]! - pValues[i]!)
  const rates = new Array<number>(pValues.length).fill(1)
  let smallest = 1
  order.forEach((index, position) => {
    const rank = pValues.length - position
    smallest = Math.min(smallest, (pValues[index]! * pValues.length) / rank)
    rates[index] = smallest
  })
  return rates
}

/**
 * Strength of a finding that was tested: at least 0.8 (strong) only with q ≤ 0.0001 and |effect| ≥ 0.4, at least 0.5 (moderate) only with q ≤ 0.01.
 * @param effect like a correlation, 0 to 1
 * @returns 0 where it isn't to be told.
 */
export function findingStrength(effect: number, q: number): number {
  const size = Math.min(1, Math.abs(effect))
  if (q > TOLD_Q) return 0
  if (q > MODERATE_Q) return 0.2 + 0.25 * size
  if (q > STRONG_Q) return 0.5 + 0.29 * size
  return Math.min(1, 0.5 + 0.75 * size)
}
