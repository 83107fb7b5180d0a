import t from 'tap'
import { LIMITS } from '#schemas/limits.ts'
import { BoundFault, EvaluationBudget, EvaluationFault } from '#workflow/expressions/evaluation-budget.ts'

t.test('what is spent is gone, to the last step', async (t) => {
  const budget = new EvaluationBudget()
  budget.spendSteps(LIMITS.expressionSteps)
  let fault: unknown
  try {
    budget.spendSteps(1)
  } catch (error) {
    fault = error
  }
  t.type(fault, BoundFault)
  t.match((fault as BoundFault).message, /more than 200000 steps/)
})

t.test('every kind of work has a price that a bound on it follows from', async (t) => {
  const times = (spend: (budget: EvaluationBudget) => void) => {
    const budget = new EvaluationBudget()
    let count = 0
    try {
      for (; ; count++) spend(budget)
    } catch (error) {
      t.type(error, BoundFault)
      return count
    }
  }
  t.equal(
    times((budget) => budget.spendChars(80_000)),
    19,
  )
  t.equal(
    times((budget) => budget.spendSearch(40_000)),
    19,
  )
  t.equal(
    times((budget) => budget.spendKeys(1000)),
    50,
  )
  t.equal(
    times((budget) => budget.spendSortedKeys(1000)),
    12,
  )
  t.equal(
    times((budget) => budget.spendFault()),
    2000,
  )
  t.equal(
    times((budget) => budget.spendElements(10_000)),
    20,
  )
  t.equal(
    times((budget) => budget.spendElements(10_001)),
    0,
    'one list has a bound of its own',
  )
  t.equal(
    times((budget) => budget.spendText(LIMITS.expressionResultChars + 1)),
    0,
    'and so has one string',
  )
})

t.test('a message that takes long to write is written when it is read', async (t) => {
  let written = 0
  const fault = new EvaluationFault(() => `for the ${++written}st time`)
  t.equal(written, 0)
  t.equal(fault.message, 'for the 1st time')
})
