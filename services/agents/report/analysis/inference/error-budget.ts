import { falseDiscoveryRates } from './finding-strength.ts'

/** What is asked of columns and of pairs of columns. */
export type Question =
  | 'trend'
  | 'step'
  | 'spread'
  | 'season'
  | 'tail'
  | 'together'
  | 'hump'
  | 'difference'
  | 'association'

/** Raw p of everything that was tested, also of what gave no finding. */
export type TestedQuestions = Partial<Record<Question, readonly number[]>>

/** What everything that was tested for a report allows one to say of a single test. */
export interface ErrorBudget {
  /** How many hypotheses were tested. */
  tests: number
  /** Share of false findings expected among all that are at least as sure; 1 for a p that was not registered. */
  rateOf(pValue: number): number
}

/**
 * One budget for a report, shared evenly among the questions that were asked, within each evenly among its tests: Benjamini & Hochberg
 * (1995) with weights that average 1 (Genovese, Roeder & Wasserman 2006). So the hundreds of pairs of a table do not use up what its ten
 * columns have for their own trends and outliers.
 *
 * @param tested of all tables together
 */
export function errorBudget(tested: readonly TestedQuestions[]): ErrorBudget {
  const byQuestion = Map.groupBy(
    tested.flatMap((questions) => Object.entries(questions)),
    ([question]) => question,
  )
  const asked = [...byQuestion.values()]
    .map((parts) => parts.flatMap(([, pValues]) => pValues))
    .filter((pValues) => pValues.length > 0)
  const tests = asked.reduce((sum, pValues) => sum + pValues.length, 0)
  const raw = asked.flat()
  const weighted = asked.flatMap((pValues) => {
    const weight = tests / asked.length / pValues.length
    return pValues.map((pValue) => Math.min(1, pValue / weight))
  })
  const rates = new Map<number, number>()
  // The same p may belong to two questions: what is told of it then holds for both.
  falseDiscoveryRates(weighted).forEach((rate, i) => {
    rates.set(raw[i]!, Math.max(rate, rates.get(raw[i]!) ?? 0))
  })
  return { tests, rateOf: (pValue) => rates.get(pValue) ?? 1 }
}
