import { type ASTNode, Environment, type ParseResult } from '@marcbachmann/cel-js'
import { messageOf } from '#platform/errors/murmur-error.ts'
import type { JsonObject, JsonValue } from '#schemas/json.ts'

/** The values that an expression may name, by its roots. */
export type Scope = { readonly [root: string]: JsonValue }

/** What an expression came to. */
export type Evaluated<Value> =
  | { ok: true; value: Value }
  | { ok: false; code: 'EXPRESSION_FAILED'; message: string }

const LIMITS = {
  maxAstNodes: 500,
  maxDepth: 32,
  maxListElements: 100,
  maxMapEntries: 100,
  maxCallArguments: 16,
}
/** Expressions that are kept as they were parsed. */
const MAX_PARSED = 1000
const MACROS = new Set(['all', 'exists', 'exists_one', 'filter', 'map'])

const environment = withMixedNumbers(new Environment({ unlistedVariablesAreDyn: true, limits: LIMITS }))
const parsed = new Map<string, ParseResult>()

/** What is wrong with an expression that may name these roots; undefined: nothing. Pure. */
export function checkExpression(
  text: string,
  roots: readonly string[],
): { code: 'EXPRESSION_INVALID'; message: string } | undefined {
  try {
    const unknown = pathsOf(text).find(([root]) => !roots.includes(root!))
    if (!unknown) return undefined
    const message = `"${unknown[0]}" has no meaning in it; it may name ${roots.join(', ')}`
    return { code: 'EXPRESSION_INVALID', message }
  } catch (error) {
    return { code: 'EXPRESSION_INVALID', message: firstLine(error) }
  }
}

/** The paths that an expression reads: a root and the keys behind it as far as they are known. @throws ParseError Pure. */
export function pathsOf(text: string): string[][] {
  const found: string[][] = []
  const open: { node: ASTNode; bound: readonly string[] }[] = [{ node: parse(text).ast, bound: [] }]
  for (let next = open.pop(); next; next = open.pop()) {
    const { node, bound } = next
    const path = pathOf(node)
    if (path) {
      if (!bound.includes(path.keys[0]!)) found.push(path.keys)
      for (const rest of path.rest) open.push({ node: rest, bound })
      continue
    }
    const names = node.op === 'rcall' && MACROS.has(node.args[0]) ? boundBy(node.args[2]) : []
    for (const child of childrenOf(node)) open.push({ node: child, bound: [...bound, ...names] })
  }
  return found
}

/** What an expression comes to. Pure. */
export function evaluate(text: string, scope: Scope): Evaluated<JsonValue> {
  try {
    return { ok: true, value: asJson(parse(text)(scope)) }
  } catch (error) {
    return { ok: false, code: 'EXPRESSION_FAILED', message: firstLine(error) }
  }
}

/** The same of an expression that has to be true or false. Pure. */
export function evaluateCondition(text: string, scope: Scope): Evaluated<boolean> {
  const result = evaluate(text, scope)
  if (!result.ok) return result
  const { value } = result
  if (typeof value === 'boolean') return { ok: true, value }
  const what = value === null ? 'null' : typeof value
  return { ok: false, code: 'EXPRESSION_FAILED', message: `"${text}" is ${what}, not true or false` }
}

function parse(text: string): ParseResult {
  const known = parsed.get(text)
  if (known) return known
  const result = environment.parse(text)
  if (parsed.size >= MAX_PARSED) parsed.delete(parsed.keys().next().value!)
  parsed.set(text, result)
  return result
}

/** `a.b["c"][i]`: the keys a, b, c, and what else has to be looked at: i. */
function pathOf(node: ASTNode): { keys: string[]; rest: ASTNode[] } | undefined {
  if (node.op === 'id') return { keys: [node.args], rest: [] }
  if (node.op === '.' || node.op === '.?') {
    const path = pathOf(node.args[0])
    if (!path || path.rest.length > 0) return path
    return { keys: [...path.keys, node.args[1]], rest: [] }
  }
  if (node.op !== '[]' && node.op !== '[?]') return undefined
  const path = pathOf(node.args[0])
  const [, key] = node.args
  if (!path) return undefined
  const literal = key.op === 'value' && ['string', 'bigint', 'number'].includes(typeof key.args)
  if (path.rest.length > 0 || !literal) return { keys: path.keys, rest: [...path.rest, key] }
  return { keys: [...path.keys, String(key.args)], rest: [] }
}

function boundBy(args: readonly ASTNode[]): string[] {
  return args[0]?.op === 'id' ? [args[0].args] : []
}

function childrenOf(node: ASTNode): ASTNode[] {
  const children: ASTNode[] = []
  const open: unknown[] = [node.args]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (Array.isArray(next)) open.push(...next)
    else if (typeof next === 'object' && next !== null && 'op' in next) children.push(next as ASTNode)
  }
  return children
}

/** Numbers of JSON are of one kind; those that are written in an expression are whole or not. */
function withMixedNumbers(env: Environment): Environment {
  const operators: [string, (a: number, b: number) => number][] = [
    ['+', (a, b) => a + b],
    ['-', (a, b) => a - b],
    ['*', (a, b) => a * b],
    ['/', (a, b) => a / b],
    ['%', (a, b) => a % b],
  ]
  for (const [name, apply] of operators) {
    const mixed = (a: unknown, b: unknown) => apply(Number(a), Number(b))
    env.registerOperator(`double ${name} int`, mixed)
    env.registerOperator(`int ${name} double`, mixed)
  }
  env.registerOperator('double % double', (a: number, b: number) => a % b)
  return env
}

function asJson(value: unknown): JsonValue {
  if (typeof value === 'bigint') return Number(value)
  if (value === undefined) return null
  if (Array.isArray(value)) return value.map(asJson)
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, item]) => [String(key), asJson(item)]))
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asJson(item)])) as JsonObject
  return value as JsonValue
}

function firstLine(error: unknown): string {
  return messageOf(error).split('\n')[0]!.slice(0, 500)
}
