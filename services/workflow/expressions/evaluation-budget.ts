import { LIMITS } from '#schemas/limits.ts'

/** Why an expression has no value. Its message says what to change; it never leaves this folder as an exception. */
export class EvaluationFault extends Error {}

/** A bound that was reached. It ends the evaluation: `||` and `exists` do not go on past it as they do past other faults. */
export class BoundFault extends EvaluationFault {}

/** Characters that are read or written for the price of one step: comparing and copying them is far cheaper than a node. */
const CHARS_A_STEP = 16
/** Steps that a fault costs which `||`, `exists` and their kind go on past: throwing takes as long as so many nodes. */
export const FAULT_STEPS = 50

/** What one evaluation may still use. What uses it asks before it works, so that a bound holds before memory is taken. */
export class EvaluationBudget {
  #steps: number = LIMITS.expressionSteps
  #elements: number = LIMITS.expressionElements

  /** @throws BoundFault */
  spendSteps(count: number): void {
    this.#steps -= count
    if (this.#steps < 0)
      throw new BoundFault(
        `it takes more than ${LIMITS.expressionSteps} steps: read less data, or compute this in an agent`,
      )
  }

  /** For work that grows with a string. @throws BoundFault */
  spendChars(count: number): void {
    this.spendSteps(1 + Math.floor(count / CHARS_A_STEP))
  }

  /** For elements that `all`, `exists`, `filter` and `map` go through, and for those of lists that are built. @throws BoundFault */
  spendElements(count: number): void {
    this.#elements -= count
    if (this.#elements < 0)
      throw new BoundFault(
        `it goes through more than ${LIMITS.expressionElements} elements: read a shorter list, or compute this in an agent`,
      )
    this.spendSteps(count)
  }

  /** For a string that is built. @throws BoundFault */
  spendText(chars: number): void {
    if (chars > LIMITS.expressionResultChars)
      throw new BoundFault(
        `it builds a string of more than ${LIMITS.expressionResultChars} characters: join fewer or shorter strings`,
      )
    this.spendChars(chars)
  }
}
