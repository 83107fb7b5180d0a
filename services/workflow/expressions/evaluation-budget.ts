import { LIMITS } from '#schemas/limits.ts'

/**
 * Why an expression has no value. Its message says what to change. It never leaves this folder, and is no `Error`: a stack
 * would cost more than all the rest where `exists` and `||` go on past thousands of them. For the same reason a message that
 * takes long to write is a function.
 */
export class EvaluationFault {
  readonly #message: string | (() => string)

  constructor(message: string | (() => string)) {
    this.#message = message
  }

  get message(): string {
    return typeof this.#message === 'string' ? this.#message : this.#message()
  }
}

/** A bound that was reached. It ends the evaluation: `||` and `exists` do not go on past it as they do past other faults. */
export class BoundFault extends EvaluationFault {}

/** Characters that are read or written for the price of one step: comparing and copying them is far cheaper than a node. */
const CHARS_PER_STEP = 8
/** The same where every character is looked at by a program and not by the processor's own loops. */
const SEARCHED_CHARS_PER_STEP = 4
/** Keys of a map are gathered before the first of them is there. */
const STEPS_PER_KEY = 4
/** Sorting compares each key a dozen times or more. */
const STEPS_PER_SORTED_KEY = 16
/** What a fault costs that `||`, `exists` and their kind go on past: throwing takes as long as so many nodes. */
const STEPS_PER_FAULT = 100

/** What one evaluation may still use. What uses it asks before it works, so that a bound holds before memory is taken. */
export class EvaluationBudget {
  #steps: number = LIMITS.expressionSteps

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
    this.spendSteps(1 + Math.floor(count / CHARS_PER_STEP))
  }

  /** For a search in a string. @throws BoundFault */
  spendSearch(count: number): void {
    this.spendSteps(1 + Math.floor(count / SEARCHED_CHARS_PER_STEP))
  }

  /** For going through a map with so many keys. @throws BoundFault */
  spendKeys(count: number): void {
    this.spendSteps(STEPS_PER_KEY * count)
  }

  /** @throws BoundFault */
  spendSortedKeys(count: number): void {
    this.spendSteps(STEPS_PER_SORTED_KEY * count)
  }

  /** For a fault that the evaluation goes on past. @throws BoundFault */
  spendFault(): void {
    this.spendSteps(STEPS_PER_FAULT)
  }

  /** For a list that is gone through or built: a step for each of its elements. @throws BoundFault */
  spendElements(count: number): void {
    this.mustFit(count)
    this.spendSteps(count)
  }

  /** For a list that has so many elements. @throws BoundFault */
  mustFit(count: number): void {
    if (count > LIMITS.expressionElements)
      throw new BoundFault(
        `it goes through a list of more than ${LIMITS.expressionElements} elements: read a shorter one, or compute this in an agent`,
      )
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
