import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { BoundFault, EvaluationBudget, EvaluationFault } from './evaluation-budget.ts'
import { functionOf } from './expression-functions.ts'
import type { BinaryOperator, ExpressionNode, NodeOf } from './expression-node.ts'
import { compare, isEqual, isMap, kindOf, listKeys, mustBeHere, quote, setOwn } from './expression-values.ts'

/** Values by name: the roots, and what comprehensions bind. The innermost comes first. */
interface Bindings {
  name: string
  value: JsonValue
  outer: Bindings | undefined
}

/**
 * The value of a tree. Pure: it depends on the tree and the roots alone, down to the wording of a fault; keys of maps are gone
 * through in the order of their text, so that the order in which they were written does not count.
 * @throws EvaluationFault
 */
export function evaluateNode(
  root: ExpressionNode,
  roots: Readonly<Record<string, JsonValue>>,
  text: string,
): JsonValue {
  return new Evaluator(roots, text).valueOf(root, undefined)
}

class Evaluator {
  readonly #budget = new EvaluationBudget()
  readonly #roots: Readonly<Record<string, JsonValue>>
  readonly #text: string

  constructor(roots: Readonly<Record<string, JsonValue>>, text: string) {
    this.#roots = roots
    this.#text = text
  }

  valueOf(node: ExpressionNode, bindings: Bindings | undefined): JsonValue {
    this.#budget.spendSteps(1)
    switch (node.kind) {
      case 'literal':
        return node.value
      case 'name':
        return this.#named(node, bindings)
      case 'member':
      case 'index':
        return this.#field(node, bindings)
      case 'list':
        return node.items.map((item) => this.valueOf(item, bindings))
      case 'map':
        return this.#map(node, bindings)
      case 'not':
        return !this.#boolean(node.operand, bindings, '"!"')
      case 'negate':
        return 0 - this.#number(this.valueOf(node.operand, bindings), '-')
      case 'binary':
        return this.#binary(
          node.operator,
          this.valueOf(node.left, bindings),
          this.valueOf(node.right, bindings),
        )
      case 'logic':
        return this.#logic(node, bindings)
      case 'choice':
        return this.valueOf(
          this.#boolean(node.condition, bindings, 'the condition before "?"') ? node.yes : node.no,
          bindings,
        )
      case 'has':
        return this.#has(node.target, bindings)
      case 'call':
        return functionOf(node.name)!.apply(
          node.args.map((arg) => this.valueOf(arg, bindings)),
          this.#budget,
        )
      case 'comprehension':
        return this.#comprehension(node, bindings)
    }
  }

  #sourceOf({ start, end }: ExpressionNode): string {
    return quote(this.#text.slice(start, end))
  }

  #named({ name }: NodeOf<'name'>, bindings: Bindings | undefined): JsonValue {
    for (let at = bindings; at; at = at.outer) if (at.name === name) return at.value
    const value = Object.hasOwn(this.#roots, name) ? this.#roots[name] : undefined
    if (value === undefined) throw new EvaluationFault(`there is no ${quote(name)} here`)
    return value
  }

  #field(node: NodeOf<'member' | 'index'>, bindings: Bindings | undefined): JsonValue {
    const object = this.valueOf(node.object, bindings)
    const key = node.kind === 'member' ? node.key : this.valueOf(node.index, bindings)
    const value = this.#child(object, key, node.object)
    if (value !== undefined) return value
    const from = this.#sourceOf(node.object)
    if (Array.isArray(object))
      throw new EvaluationFault(
        `${from} has no element ${key}: it has ${object.length}, counted from 0; test size(…) first`,
      )
    if (isMap(object))
      throw new EvaluationFault(
        () =>
          `${from} has no key ${quote(String(key))}: ${listKeys(object)}; test it with has(…) first if it may be absent`,
      )
    throw new EvaluationFault(
      `${from} is ${kindOf(object)} and has no ${typeof key === 'string' ? `key ${quote(key)}` : 'elements'}; test it with has(…) first`,
    )
  }

  /**
   * What stands at a key of a map or a number of a list; undefined when nothing does.
   * @throws EvaluationFault for a key of a kind that can't be one
   */
  #child(object: JsonValue, key: JsonValue, source: ExpressionNode): JsonValue | undefined {
    if (Array.isArray(object)) {
      if (typeof key === 'number' && Number.isInteger(key)) return object[key]
      throw new EvaluationFault(
        `${this.#sourceOf(source)} is a list: its elements have whole numbers, not ${typeof key === 'number' ? 'fractions' : kindOf(key)}`,
      )
    }
    if (!isMap(object)) return undefined
    if (typeof key !== 'string')
      throw new EvaluationFault(
        `${this.#sourceOf(source)} is a map: its keys are strings, not ${kindOf(key)}`,
      )
    if (Object.hasOwn(object, key)) return object[key]
    mustBeHere(object, this.#sourceOf(source))
    return undefined
  }

  /** Whether there is something at a path, null included. Nothing on the way is nothing at its end. */
  #has(target: ExpressionNode, bindings: Bindings | undefined): boolean {
    return this.#found(target, bindings) !== undefined
  }

  #found(node: ExpressionNode, bindings: Bindings | undefined): JsonValue | undefined {
    if (node.kind !== 'member' && node.kind !== 'index') return this.valueOf(node, bindings)
    this.#budget.spendSteps(1)
    const object = this.#found(node.object, bindings)
    if (object === undefined) return undefined
    const key = node.kind === 'member' ? node.key : this.valueOf(node.index, bindings)
    if (Array.isArray(object) && typeof key === 'string') return undefined
    return this.#child(object, key, node.object)
  }

  #map({ entries }: NodeOf<'map'>, bindings: Bindings | undefined): JsonObject {
    const map: JsonObject = {}
    for (const entry of entries) {
      const key = this.valueOf(entry.key, bindings)
      if (typeof key !== 'string')
        throw new EvaluationFault(
          `the keys of a map are strings, ${this.#sourceOf(entry.key)} is ${kindOf(key)}`,
        )
      if (Object.hasOwn(map, key)) throw new EvaluationFault(`a map has the key ${quote(key)} twice`)
      setOwn(map, key, this.valueOf(entry.value, bindings))
    }
    return map
  }

  #boolean(node: ExpressionNode, bindings: Bindings | undefined, place: string): boolean {
    const value = this.valueOf(node, bindings)
    if (typeof value === 'boolean') return value
    throw new EvaluationFault(
      `${place} needs a boolean, ${this.#sourceOf(node)} is ${kindOf(value)}: compare it with something`,
    )
  }

  #number(value: JsonValue, operator: string): number {
    if (typeof value === 'number') return value
    throw new EvaluationFault(
      `"${operator}" is for numbers, not for ${kindOf(value)}: convert it with double(…) or int(…)`,
    )
  }

  #binary(operator: BinaryOperator, left: JsonValue, right: JsonValue): JsonValue {
    switch (operator) {
      case '==':
        return isEqual(left, right, this.#budget)
      case '!=':
        return !isEqual(left, right, this.#budget)
      case '<':
        return compare(left, right, this.#budget) < 0
      case '<=':
        return compare(left, right, this.#budget) <= 0
      case '>':
        return compare(left, right, this.#budget) > 0
      case '>=':
        return compare(left, right, this.#budget) >= 0
      case 'in':
        return this.#isIn(left, right)
      case '+':
        return this.#sum(left, right)
      default:
        return arithmetic(operator, this.#number(left, operator), this.#number(right, operator))
    }
  }

  #isIn(value: JsonValue, container: JsonValue): boolean {
    if (Array.isArray(container)) return container.some((item) => isEqual(value, item, this.#budget))
    if (!isMap(container))
      throw new EvaluationFault(`"in" is for lists and maps, not for ${kindOf(container)}`)
    mustBeHere(container, 'what stands after "in"')
    return typeof value === 'string' && Object.hasOwn(container, value)
  }

  #sum(left: JsonValue, right: JsonValue): JsonValue {
    if (typeof left === 'number' && typeof right === 'number') return finite(left + right)
    if (typeof left === 'string' && typeof right === 'string') {
      this.#budget.spendText(left.length + right.length)
      return left + right
    }
    if (Array.isArray(left) && Array.isArray(right)) {
      this.#budget.spendElements(left.length + right.length)
      return [...left, ...right]
    }
    throw new EvaluationFault(
      `"+" adds two numbers, or joins two strings or two lists, not ${kindOf(left)} and ${kindOf(right)}: convert one with string(…) or double(…)`,
    )
  }

  /**
   * As in CEL: what decides the answer decides it, also where another operand has no value. `false && x` is false, and so is
   * `x && false`.
   */
  #logic({ operator, operands }: NodeOf<'logic'>, bindings: Bindings | undefined): boolean {
    const decisive = operator === '||'
    return this.#anyIs(decisive, operands, (operand) => this.#boolean(operand, bindings, `"${operator}"`))
  }

  /** `decisive` when one of the tests gives it, else its opposite; a fault only where none decides. */
  #anyIs<Item>(decisive: boolean, items: readonly Item[], test: (item: Item) => boolean): boolean {
    let fault: EvaluationFault | undefined
    for (const item of items) {
      try {
        if (test(item) === decisive) return decisive
      } catch (error) {
        if (!(error instanceof EvaluationFault) || error instanceof BoundFault) throw error
        this.#budget.spendFault()
        fault ??= error
      }
    }
    if (fault) throw fault
    return !decisive
  }

  #comprehension(node: NodeOf<'comprehension'>, bindings: Bindings | undefined): JsonValue {
    const { form, variable: name, filter, body } = node
    const elements = this.#elementsOf(node, this.valueOf(node.over, bindings))
    this.#budget.mustFit(elements.length)
    const bind = (value: JsonValue): Bindings => ({ name, value, outer: bindings })
    const holds = (element: JsonValue, predicate = body) => this.#boolean(predicate, bind(element), form)
    switch (form) {
      case 'all':
        return this.#anyIs(false, elements, (element) => holds(element))
      case 'exists':
        return this.#anyIs(true, elements, (element) => holds(element))
      case 'exists_one':
        return elements.filter((element) => holds(element)).length === 1
      case 'filter':
        return elements.filter((element) => holds(element))
      case 'map':
        return (filter ? elements.filter((element) => holds(element, filter)) : elements).map((element) =>
          this.valueOf(body, bind(element)),
        )
    }
  }

  /** The elements of a list, or the keys of a map. */
  #elementsOf({ form, over }: NodeOf<'comprehension'>, value: JsonValue): JsonValue[] {
    if (Array.isArray(value)) return value
    if (!isMap(value))
      throw new EvaluationFault(`${form} is for lists and maps, ${this.#sourceOf(over)} is ${kindOf(value)}`)
    mustBeHere(value, this.#sourceOf(over))
    const keys = Object.keys(value)
    this.#budget.spendSortedKeys(keys.length)
    return keys.sort()
  }
}

function arithmetic(operator: '-' | '*' | '/' | '%', left: number, right: number): number {
  if (operator === '-') return finite(left - right)
  if (operator === '*') return finite(left * right)
  if (right === 0)
    throw new EvaluationFault(
      `"${operator}" by zero: test the divisor first, as n == 0 ? 0 : x ${operator} n`,
    )
  if (operator === '/') return finite(left / right)
  if (!Number.isSafeInteger(left) || !Number.isSafeInteger(right))
    throw new EvaluationFault('"%" is for whole numbers below 2^53: convert with int(…)')
  return (left % right) + 0
}

/** JSON has no infinity. */
function finite(value: number): number {
  if (Number.isFinite(value)) return value + 0
  throw new EvaluationFault('a number becomes larger than a JSON number can be')
}
