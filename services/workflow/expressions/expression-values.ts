import { jsonBlobSchema } from '#schemas/blob.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import { BoundFault, type EvaluationBudget, EvaluationFault } from './evaluation-budget.ts'

const SHOWN_KEYS = 6
const SHOWN_CHARS = 40

/** What a value is, for a message: never the value itself, which may be secret or long. */
export function kindOf(value: JsonValue): string {
  if (value === null) return 'null'
  if (isStored(value)) return 'a value in the object store'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'a map'
  return typeof value === 'string' ? 'a string' : typeof value === 'number' ? 'a number' : 'a boolean'
}

/** A name or a part of an expression as a message quotes it. */
export function quote(text: string): string {
  return `"${text.length > SHOWN_CHARS ? `${text.slice(0, SHOWN_CHARS).toWellFormed()}…` : text.toWellFormed()}"`
}

/** The keys of a map, for a message that says what was there instead. */
export function listKeys(map: JsonObject): string {
  const keys = Object.keys(map).sort()
  if (keys.length === 0) return 'it is empty'
  const shown = keys.slice(0, SHOWN_KEYS).map(quote).join(', ')
  return `it has ${shown}${keys.length > SHOWN_KEYS ? ` and ${keys.length - SHOWN_KEYS} more` : ''}`
}

export function isMap(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Whether a value lies in the object store, so that only a reference to it is here. */
function isStored(value: JsonValue): boolean {
  return isMap(value) && Object.hasOwn(value, '$json') && jsonBlobSchema.safeParse(value).success
}

/**
 * A value that lies in the object store is not here to be read: to answer as if its fields were absent would be wrong.
 * @throws EvaluationFault
 */
export function mustBeHere(value: JsonValue, what: string): void {
  if (isStored(value))
    throw new EvaluationFault(
      `${what} lies in the object store, and expressions read only what stands in the task: have the agent return what is decided on in a small output of its own`,
    )
}

/** `__proto__` as a key must stay data. */
export function setOwn(target: JsonObject, key: string, value: JsonValue): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true })
  else target[key] = value
}

/** Whether two values are the same JSON; the order of keys is not looked at. Values of different kinds are different. */
export function isEqual(a: JsonValue, b: JsonValue, budget: EvaluationBudget): boolean {
  budget.spendSteps(1)
  if (a === b) {
    if (typeof a === 'string') budget.spendChars(a.length)
    return true
  }
  mustBeHere(a, 'what is compared')
  mustBeHere(b, 'what is compared')
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) {
    if (typeof a === 'string' && typeof b === 'string') budget.spendChars(Math.min(a.length, b.length))
    return false
  }
  if (Array.isArray(a))
    return (
      Array.isArray(b) && a.length === b.length && a.every((item, index) => isEqual(item, b[index]!, budget))
    )
  if (Array.isArray(b)) return false
  const keys = Object.keys(a)
  budget.spendKeys(keys.length)
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => Object.hasOwn(b, key) && isEqual(a[key]!, b[key]!, budget))
  )
}

/**
 * Below zero, zero or above: numbers by size, strings by the numbers of their characters (code points), false before true.
 * @throws EvaluationFault for anything else, and for two of different kinds
 */
export function compare(a: JsonValue, b: JsonValue, budget: EvaluationBudget): number {
  if (typeof a === 'number' && typeof b === 'number') return a < b ? -1 : a > b ? 1 : 0
  if (typeof a === 'boolean' && typeof b === 'boolean') return Number(a) - Number(b)
  if (typeof a === 'string' && typeof b === 'string') return compareTexts(a, b, budget)
  throw new EvaluationFault(
    `${kindOf(a)} and ${kindOf(b)} have no order: compare two numbers, two strings or two booleans`,
  )
}

function compareTexts(a: string, b: string, budget: EvaluationBudget): number {
  const length = Math.min(a.length, b.length)
  budget.spendSearch(length)
  for (let i = 0; i < length; i++) {
    const one = a.charCodeAt(i)
    const other = b.charCodeAt(i)
    if (one !== other) return rankOf(one) - rankOf(other)
  }
  return a.length - b.length
}

/** Halves of a surrogate pair stand for characters beyond all that need one unit, and so come after them. */
function rankOf(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

/**
 * Holds a result to what a state can take: nesting, and characters as they are counted for templates (strings and keys as they
 * are, four for every value beside). Lists that stand in it many times count as often.
 * @throws BoundFault
 */
export function checkResult(value: JsonValue): void {
  let left: number = LIMITS.expressionResultChars
  const visit = (value: JsonValue, depth: number): void => {
    left -= 4
    if (typeof value === 'string') left -= value.length
    else if (typeof value === 'object' && value !== null) {
      if (depth >= LIMITS.jsonDepth)
        throw new BoundFault(
          `its result is nested more than ${LIMITS.jsonDepth} levels deep: make it flatter`,
        )
      if (Array.isArray(value)) for (const item of value) visit(item, depth + 1)
      else
        for (const key of Object.keys(value)) {
          left -= key.length
          visit(value[key]!, depth + 1)
        }
    }
    if (left < 0)
      throw new BoundFault(
        `its result comes to more than ${LIMITS.expressionResultChars} characters: take only the fields that are needed`,
      )
  }
  visit(value, 0)
}
