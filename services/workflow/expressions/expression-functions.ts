import type { JsonValue } from '#schemas/json.ts'
import { type EvaluationBudget, EvaluationFault } from './evaluation-budget.ts'
import { compare, kindOf, mustBeHere } from './expression-values.ts'
import { containsText, countCodePoints, trimText } from './text-functions.ts'

export interface ExpressionFunction {
  /** As it is written: `size(x)`, `x.contains(y)`, or both. */
  call: 'function' | 'method' | 'both'
  /** How it is written, for messages. */
  usage: string
  /** Arguments, the receiver of a method among them. */
  minArgs: number
  maxArgs: number
  /** @throws EvaluationFault */
  apply(args: JsonValue[], budget: EvaluationBudget): JsonValue
}

const INTEGER = /^[+-]?[0-9]{1,16}$/
/** A number as JSON writes it. */
const NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/
/** Longer strings are no numbers that anybody wrote: they are not read at all. */
const MAX_NUMBER_CHARS = 64
/** The search for a longer one could take the product of both lengths. */
const MAX_SEPARATOR_CHARS = 8

const FUNCTIONS: Readonly<Record<string, ExpressionFunction>> = {
  size: {
    call: 'both',
    usage: 'size(x) or x.size()',
    minArgs: 1,
    maxArgs: 1,
    apply: ([value], budget) => sizeOf(value!, budget),
  },
  contains: textTest('contains', containsText),
  startsWith: textTest('startsWith', (text, start, budget) => {
    budget.spendChars(start.length)
    return text.startsWith(start)
  }),
  endsWith: textTest('endsWith', (text, end, budget) => {
    budget.spendChars(end.length)
    return text.endsWith(end)
  }),
  lowerAscii: textChange('lowerAscii', (text) => text.replace(/[A-Z]+/g, (part) => part.toLowerCase())),
  upperAscii: textChange('upperAscii', (text) => text.replace(/[a-z]+/g, (part) => part.toUpperCase())),
  trim: textChange('trim', trimText),
  split: {
    call: 'method',
    usage: 'text.split(separator)',
    minArgs: 2,
    maxArgs: 2,
    apply: ([value, separator], budget) => splitText(value!, separator!, budget),
  },
  join: {
    call: 'method',
    usage: 'list.join() or list.join(separator)',
    minArgs: 1,
    maxArgs: 2,
    apply: ([list, separator = ''], budget) => joinTexts(list!, separator, budget),
  },
  string: conversion('string', toText),
  int: conversion('int', toInteger),
  double: conversion('double', toNumber),
  bool: conversion('bool', toBoolean),
  min: extreme('min', -1),
  max: extreme('max', 1),
}

/** The function of a name; undefined when there is none. */
export function functionOf(name: string): ExpressionFunction | undefined {
  return Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined
}

/** Names of all functions, for messages and the documents. */
export const FUNCTION_NAMES: readonly string[] = Object.keys(FUNCTIONS)

function textOf(value: JsonValue, name: string): string {
  if (typeof value === 'string') return value
  mustBeHere(value, `what ${name} is given`)
  throw new EvaluationFault(`${name} is for strings, not for ${kindOf(value)}: convert it with string(…)`)
}

function textTest(
  name: string,
  test: (text: string, other: string, budget: EvaluationBudget) => boolean,
): ExpressionFunction {
  return {
    call: 'method',
    usage: `text.${name}(other)`,
    minArgs: 2,
    maxArgs: 2,
    apply: ([text, other], budget) => test(textOf(text!, name), textOf(other!, name), budget),
  }
}

function textChange(
  name: string,
  change: (text: string, budget: EvaluationBudget) => string,
): ExpressionFunction {
  return {
    call: 'method',
    usage: `text.${name}()`,
    minArgs: 1,
    maxArgs: 1,
    apply: ([value], budget) => {
      const text = textOf(value!, name)
      budget.spendText(text.length)
      return change(text, budget)
    },
  }
}

function conversion(
  name: string,
  convert: (value: JsonValue, budget: EvaluationBudget) => JsonValue,
): ExpressionFunction {
  return {
    call: 'function',
    usage: `${name}(x)`,
    minArgs: 1,
    maxArgs: 1,
    apply: ([value], budget) => convert(value!, budget),
  }
}

function extreme(name: 'min' | 'max', sign: number): ExpressionFunction {
  return {
    call: 'function',
    usage: `${name}(a, b, …) or ${name}(list)`,
    minArgs: 1,
    maxArgs: 32,
    apply: (args, budget) => {
      const [first] = args
      const values = args.length === 1 && Array.isArray(first) ? first : args
      if (values === args && args.length === 1) mustBeHere(first!, `what ${name} is given`)
      if (values.length === 0) throw new EvaluationFault(`${name} of an empty list: test size(…) > 0 first`)
      budget.spendElements(values.length)
      let found = values[0] as JsonValue
      // A single value is compared, too, so that a map is refused however many there are.
      for (const value of values) if (sign * compare(value, found, budget) > 0) found = value
      return found
    },
  }
}

function sizeOf(value: JsonValue, budget: EvaluationBudget): number {
  if (typeof value === 'string') return countCodePoints(value, budget)
  if (Array.isArray(value)) return value.length
  if (typeof value === 'object' && value !== null) {
    mustBeHere(value, 'what size is given')
    const count = Object.keys(value).length
    budget.spendKeys(count)
    return count
  }
  throw new EvaluationFault(`size is for strings, lists and maps, not for ${kindOf(value)}`)
}

function splitText(value: JsonValue, separator: JsonValue, budget: EvaluationBudget): string[] {
  const text = textOf(value, 'split')
  const by = textOf(separator, 'split')
  if (by === '' || by.length > MAX_SEPARATOR_CHARS)
    throw new EvaluationFault(`split needs a separator of 1 to ${MAX_SEPARATOR_CHARS} characters`)
  budget.spendSearch(text.length)
  const parts: string[] = []
  let start = 0
  for (;;) {
    // What is there so far was paid for, and one list has a bound of its own.
    budget.spendSteps(1)
    budget.mustFit(parts.length + 1)
    const end = text.indexOf(by, start)
    parts.push(text.slice(start, end < 0 ? text.length : end))
    if (end < 0) return parts
    start = end + by.length
  }
}

function joinTexts(list: JsonValue, separator: JsonValue, budget: EvaluationBudget): string {
  mustBeHere(list, 'what join is given')
  if (!Array.isArray(list)) throw new EvaluationFault(`join is for lists of strings, not for ${kindOf(list)}`)
  const by = textOf(separator, 'join')
  budget.spendElements(list.length)
  let chars = by.length * Math.max(0, list.length - 1)
  for (const item of list) chars += textOf(item, 'join').length
  budget.spendText(chars)
  return list.join(by)
}

function toText(value: JsonValue): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number' || typeof value === 'boolean') return String(value)
  throw new EvaluationFault(`string is for numbers, booleans and strings, not for ${kindOf(value)}`)
}

function toInteger(value: JsonValue): number {
  const number =
    typeof value === 'number'
      ? Math.trunc(value)
      : typeof value === 'string' && INTEGER.test(value)
        ? Number(value)
        : undefined
  // Beyond 2^53 a JSON number is no longer exact, and what was converted would be another number.
  if (number !== undefined && Number.isSafeInteger(number)) return number + 0
  throw new EvaluationFault(
    `int needs a number below 2^53, or a string that is a whole one; this is ${kindOf(value)}`,
  )
}

function toNumber(value: JsonValue): number {
  if (typeof value === 'number') return value
  if (typeof value === 'string' && value.length <= MAX_NUMBER_CHARS && NUMBER.test(value)) {
    const number = Number(value)
    if (Number.isFinite(number)) return number
  }
  throw new EvaluationFault(
    `double needs a number, or a string that is one as JSON writes it; this is ${kindOf(value)}`,
  )
}

function toBoolean(value: JsonValue): boolean {
  if (typeof value === 'boolean') return value
  if (value === 'true') return true
  if (value === 'false') return false
  throw new EvaluationFault(`bool needs a boolean, or the string "true" or "false"; this is ${kindOf(value)}`)
}
