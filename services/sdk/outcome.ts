import type { StepOutcome } from '#schemas/step-message.ts'

/** An outcome whose output has the agent's own type. Made by `done`, `retry` and `fail`. */
export type Outcome<Output> = { kind: 'done'; output: Output } | Exclude<StepOutcome, { kind: 'done' }>

/** What agents may call their errors: `[A-Z][A-Z0-9_]{1,63}`. A text that is known when compiling has to look like it. */
export type ErrorCodeText<Code extends string> = string extends Code
  ? Code
  : Code extends Uppercase<Code>
    ? Code
    : `${Uppercase<Code>}`

const CODE_PATTERN = /^[A-Z][A-Z0-9_]{1,63}$/
const MESSAGE_CHARACTERS = 4000
const MAX_AFTER_MS = 86_400_000
const DEFAULT_CODE = 'STEP_FAILED'
const QUOTED_CHARACTERS = 80

/**
 * An outcome that the protocol does not know. Where `retry` or `fail` throw it, the step fails with INVALID_OUTCOME: the
 * fault is in the agent's code, and no other attempt mends it.
 */
export class InvalidOutcomeError extends TypeError {
  override readonly name = 'InvalidOutcomeError'
}

/** The step is done, with this output. */
export function done<Output>(output: Output): Outcome<Output> {
  return { kind: 'done', output }
}

/**
 * It did not work this time but may later: tried again by the step's policy, or after `afterMs` milliseconds.
 * @throws InvalidOutcomeError when the code is none, or `afterMs` is no time from 0 to a day
 */
export function retry<Code extends string = string>(
  why: string,
  options: { afterMs?: number; code?: ErrorCodeText<Code> } = {},
): Outcome<never> {
  const error = checkedError('retry(why, { code })', { code: options.code ?? DEFAULT_CODE, message: why })
  return options.afterMs === undefined
    ? { kind: 'retry', error }
    : { kind: 'retry', error, afterMs: checkedAfterMs(options.afterMs) }
}

/** It will never work with this input: no further attempt. @throws InvalidOutcomeError when the code is none */
export function fail<Code extends string>(code: ErrorCodeText<Code>, why: string): Outcome<never> {
  return { kind: 'fail', error: checkedError('fail(code, why)', { code, message: why }) }
}

/** What the step ends with when its agent gave an answer that is none. */
export function invalidOutcome(message: string): StepOutcome {
  return { kind: 'fail', error: { code: 'INVALID_OUTCOME', message: cutMessage(message) } }
}

/**
 * What a handler returned, as an outcome that every orchestrator understands; the output of `done` is not looked at.
 * What is none becomes `fail` with INVALID_OUTCOME and says what was wrong. Never throws.
 */
export function checkOutcome(returned: unknown, agent: string): StepOutcome {
  try {
    return readOutcome(returned)
  } catch (error) {
    const what = error instanceof InvalidOutcomeError ? error.message : 'what it returned cannot be read'
    return invalidOutcome(`agent "${agent}": ${what}`)
  }
}

/** Texts beyond the bound end with "…". */
export function cutMessage(message: string): string {
  return message.length <= MESSAGE_CHARACTERS ? message : `${message.slice(0, MESSAGE_CHARACTERS - 1)}…`
}

/** A value as a sentence can name it. Never throws. */
export function nameOf(value: unknown): string {
  if (value === null || value === undefined || typeof value === 'number' || typeof value === 'boolean')
    return String(value)
  if (typeof value === 'string')
    return value.length > QUOTED_CHARACTERS
      ? `"${value.slice(0, QUOTED_CHARACTERS)}…"`
      : JSON.stringify(value)
  if (Array.isArray(value)) return 'an array'
  if (value instanceof Error) return 'an Error'
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`
}

const HOW_TO_RETURN = 'return done(output), retry(why) or fail(code, why)'

function readOutcome(returned: unknown): StepOutcome {
  if (typeof returned !== 'object' || returned === null)
    throw new InvalidOutcomeError(`the handler returned ${nameOf(returned)}: ${HOW_TO_RETURN}`)
  const { kind, output, error, afterMs } = returned as Record<string, unknown>
  if (kind === 'done') {
    if (output === undefined)
      throw new InvalidOutcomeError('the output of done(…) is undefined: return a value, or null for none')
    return { kind, output: output as never }
  }
  if (kind === 'fail') return { kind, error: checkedError('the handler', error) }
  if (kind === 'retry') {
    const checked = checkedError('the handler', error)
    return afterMs === undefined
      ? { kind, error: checked }
      : { kind, error: checked, afterMs: checkedAfterMs(afterMs) }
  }
  throw new InvalidOutcomeError(
    kind === undefined
      ? `the handler returned ${nameOf(returned)} that is no outcome: ${HOW_TO_RETURN}`
      : `the handler returned an outcome of the kind ${nameOf(kind)}, there are "done", "retry" and "fail": ${HOW_TO_RETURN}`,
  )
}

function checkedError(where: string, error: unknown): { code: string; message: string } {
  if (typeof error !== 'object' || error === null)
    throw new InvalidOutcomeError(
      `${where}: the error is ${nameOf(error)}, it has to be { code, message }: ${HOW_TO_RETURN}`,
    )
  const { code, message } = error as Record<string, unknown>
  if (typeof code !== 'string' || !CODE_PATTERN.test(code))
    throw new InvalidOutcomeError(
      `${where}: the code ${nameOf(code)} is none: it has 2 to 64 characters of A-Z 0-9 _ and begins with a letter (${CODE_PATTERN.source})`,
    )
  if (typeof message !== 'string')
    throw new InvalidOutcomeError(
      `${where}: the message of ${code} is ${nameOf(message)}, it has to be a text that says what went wrong`,
    )
  return { code, message: cutMessage(message) }
}

function checkedAfterMs(afterMs: unknown): number {
  if (typeof afterMs !== 'number' || !(afterMs >= 0 && afterMs <= MAX_AFTER_MS))
    throw new InvalidOutcomeError(
      `afterMs is ${nameOf(afterMs)}, it has to be a number of milliseconds from 0 to ${MAX_AFTER_MS} (a day)`,
    )
  return Math.ceil(afterMs)
}
