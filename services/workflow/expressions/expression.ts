import type { JsonValue } from '#schemas/json.ts'
import { evaluateNode } from './evaluate-node.ts'
import { EvaluationFault } from './evaluation-budget.ts'
import { freePathsOf } from './expression-names.ts'
import { checkResult, kindOf, quote } from './expression-values.ts'
import { parseExpression } from './parse-expression.ts'

/** An expression that can't be admitted: what is wrong with it, and how to mend it. */
export interface ExpressionFault {
  code: 'EXPRESSION_INVALID'
  message: string
  /** Offset in the text, in UTF-16 code units; absent where the whole is meant. */
  position?: number
}

/** What an expression may name, with the values: `input`, `steps`, `item` … docs/expressions.md says what there is where. */
export type Scope = Readonly<Record<string, JsonValue>>

export interface FailedEvaluation {
  ok: false
  code: 'EXPRESSION_FAILED'
  message: string
}

export type Evaluation = { ok: true; value: JsonValue } | FailedEvaluation

export type Condition = { ok: true; value: boolean } | FailedEvaluation

/**
 * What is wrong with an expression before anything is known of its values: syntax, length, depth, and names of functions and
 * roots that are not there. Undefined when nothing is. Never throws.
 */
export function checkExpression(text: string, roots: readonly string[]): ExpressionFault | undefined {
  const { root, fault } = parseExpression(text)
  if (fault) return invalid(fault.message, fault.position)
  const unknown = freePathsOf(root).find(({ path }) => !roots.includes(path[0]!))
  if (!unknown) return undefined
  const known = roots.length > 0 ? `it can read ${roots.join(', ')}` : 'nothing has a name here'
  return invalid(
    `there is no ${quote(unknown.path[0]!)} here: ${known}; a string is written in quotes`,
    unknown.start,
  )
}

function invalid(message: string, position: number | undefined): ExpressionFault {
  return { code: 'EXPRESSION_INVALID', message, ...(position !== undefined && { position }) }
}

/**
 * The constant paths that an expression reads from its roots, each once, in the order of the text: `steps.a.output[0]` is
 * `['steps', 'a', 'output', '0']`. A path ends where a key is computed, so that `steps[input.step]` reads `['steps']`, which
 * is any step, and `['input', 'step']`. None for a text that is no expression.
 */
export function pathsOf(text: string): string[][] {
  const { root } = parseExpression(text)
  if (!root) return []
  const paths = freePathsOf(root).map(({ path }) => path)
  return [...new Map(paths.map((path) => [JSON.stringify(path), path])).values()]
}

/**
 * The value of an expression. Pure, and the same for ever: no clock, no chance, no order of keys. Bounded by
 * `LIMITS.expression…`; at a bound it fails and says which. Never throws. The value shares parts with the scope: neither is
 * to be changed.
 */
export function evaluate(text: string, scope: Scope): Evaluation {
  const { root, fault } = parseExpression(text)
  if (fault) return failed(text, fault.message)
  try {
    const value = evaluateNode(root, scope, text)
    checkResult(value)
    return { ok: true, value }
  } catch (error) {
    if (error instanceof EvaluationFault) return failed(text, error.message)
    throw error
  }
}

/** The value of an expression that decides something. What is no boolean is a fault: there is no "truthy". Never throws. */
export function evaluateCondition(text: string, scope: Scope): Condition {
  const evaluation = evaluate(text, scope)
  if (!evaluation.ok) return evaluation
  if (typeof evaluation.value === 'boolean') return { ok: true, value: evaluation.value }
  return failed(
    text,
    `a condition is true or false, this is ${kindOf(evaluation.value)}: compare it with something`,
  )
}

function failed(text: string, message: string): FailedEvaluation {
  return {
    ok: false,
    code: 'EXPRESSION_FAILED',
    message: `the expression ${quote(text)} has no value: ${message}`,
  }
}
