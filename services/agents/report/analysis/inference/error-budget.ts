import { falseDiscoveryRates } from '../relations/relation-strength.ts'

/** What everything that was tested for a report allows one to say of a single test. */
export interface ErrorBudget {
  /** How many hypotheses were tested. */
  tests: number
  /** Share of false findings expected among all that are at least as sure (Benjamini & Hochberg 1995); 1 for a p that was not registered. */
  rateOf(pValue: number): number
}

/** @param pValues raw, of everything that was tested, also of what gave no finding */
export function errorBudget(pValues: readonly number[]): ErrorBudget {
  const rates = new Map<number, number>()
  falseDiscoveryRates(pValues).forEach((rate, i) => {
    rates.set(pValues[i]!, rate)
  })
  return { tests: pValues.length, rateOf: (pValue) => rates.get(pValue) ?? 1 }
}
