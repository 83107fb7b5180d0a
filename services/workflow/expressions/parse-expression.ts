import { type ASTNode, Environment, ParseError } from '@marcbachmann/cel-js'
import { LIMITS } from '#schemas/limits.ts'
import { FUNCTION_NAMES, functionOf } from './expression-functions.ts'
import { type ComprehensionForm, childrenOf, type ExpressionNode } from './expression-node.ts'
import { quote } from './expression-values.ts'

/** What is wrong with the text of an expression, whatever it is evaluated on. */
export interface SyntaxFault {
  message: string
  /** Offset in the text, in UTF-16 code units. */
  position: number | undefined
}

export type Parsed = { root: ExpressionNode; fault?: undefined } | { root?: undefined; fault: SyntaxFault }

/** Plans of one kind have the same few expressions: so many are kept, the ones used last. Each takes some 50 KB at worst. */
const CACHE_ENTRIES = 500
const cache = new Map<string, Parsed>()

/**
 * The parser alone: its functions, macros and types are not used. Its own bounds come first, so that it never recurses deeper
 * than the text that it is given.
 */
const parser = new Environment({
  unlistedVariablesAreDyn: true,
  limits: { maxDepth: LIMITS.expressionDepth, maxAstNodes: LIMITS.expressionChars },
})

/** The tree of an expression, or what is wrong with it. Never throws; the same text always gives the same. */
export function parseExpression(text: string): Parsed {
  if (text.length > LIMITS.expressionChars)
    return faulty(
      `an expression has at most ${LIMITS.expressionChars} characters, this one has ${text.length}: split it, or compute it in an agent`,
      LIMITS.expressionChars,
    )
  const known = cache.get(text)
  const parsed = known ?? parse(text)
  // A map keeps the order of insertion: what was used now goes to the end, and what was not used longest stands first.
  if (known) cache.delete(text)
  else if (cache.size >= CACHE_ENTRIES) cache.delete(cache.keys().next().value!)
  cache.set(text, parsed)
  return parsed
}

function faulty(message: string, position: number | undefined): Parsed {
  return { fault: { message, position } }
}

class SyntaxProblem extends Error {
  readonly position: number

  constructor(message: string, position: number) {
    super(message)
    this.position = position
  }
}

function parse(text: string): Parsed {
  if (text.trim() === '') return faulty('an expression is empty: write one, or leave it out', 0)
  try {
    const root = convert(parser.parse(text).ast)
    mustBeShallow(root)
    return { root }
  } catch (error) {
    if (error instanceof SyntaxProblem) return faulty(error.message, error.position)
    if (error instanceof ParseError) return faulty(explain(error), error.range?.start)
    return faulty('it can not be read: make it simpler', undefined)
  }
}

/** What the parser says, in words that help whoever wrote the expression. */
function explain(error: ParseError): string {
  if (error.code === 'limit_exceeded' && error.summary.includes('maxDepth')) return TOO_DEEP
  if (error.code === 'reserved_identifier')
    return `${error.summary}: it is a keyword and can't be a name; a key is written in brackets, as x["if"]`
  if (error.code === 'unexpected_character' && /^Unexpected character: '?=/.test(error.summary))
    return 'a single "=": write "==" to compare'
  const [, expected, found] = TOKEN_FAULT.exec(error.summary) ?? []
  if (found)
    return `${expected ? `${signOf(expected)} is missing before` : 'nothing can be read at'} ${signOf(found)}`
  return `it is not valid: ${error.summary.toWellFormed()}`
}

const TOKEN_FAULT = /^(?:Expected ([A-Z]+), got|Unexpected token:) ([A-Z]+)$/

/** The parser's names of what an expression is written with. */
const SIGNS: Readonly<Record<string, string>> = {
  EOF: 'the end',
  NUMBER: 'a number',
  STRING: 'a string',
  BOOLEAN: 'true or false',
  IDENTIFIER: 'a name',
  PLUS: '"+"',
  MINUS: '"-"',
  MULTIPLY: '"*"',
  DIVIDE: '"/"',
  MODULO: '"%"',
  EQ: '"=="',
  NE: '"!="',
  LT: '"<"',
  LE: '"<="',
  GT: '">"',
  GE: '">="',
  AND: '"&&"',
  OR: '"||"',
  NOT: '"!"',
  LPAREN: '"("',
  RPAREN: '")"',
  LBRACKET: '"["',
  RBRACKET: '"]"',
  LBRACE: '"{"',
  RBRACE: '"}"',
  DOT: '"."',
  COMMA: '","',
  COLON: '":"',
  QUESTION: '"?"',
}

function signOf(token: string): string {
  return SIGNS[token] ?? `"${token.toLowerCase()}"`
}

const TOO_DEEP = `it is nested more than ${LIMITS.expressionDepth} levels deep: make it flatter, or compute it in an agent`

function mustBeShallow(root: ExpressionNode): void {
  let level = [root]
  for (let depth = 1; level.length > 0; depth++) {
    if (depth > LIMITS.expressionDepth) throw new SyntaxProblem(TOO_DEEP, level[0]!.start)
    level = level.flatMap(childrenOf)
  }
}

/** @throws SyntaxProblem */
function convert(ast: ASTNode): ExpressionNode {
  const { start, end } = ast
  switch (ast.op) {
    case 'value':
      return { kind: 'literal', value: literalOf(ast.args, start), start, end }
    case 'id':
      return { kind: 'name', name: ast.args, start, end }
    case '.':
      return { kind: 'member', object: convert(ast.args[0]), key: ast.args[1], start, end }
    case '[]':
      return { kind: 'index', object: convert(ast.args[0]), index: convert(ast.args[1]), start, end }
    case 'list':
      return { kind: 'list', items: ast.args.map(convert), start, end }
    case 'map':
      return { kind: 'map', entries: ast.args.map(convertEntry), start, end }
    case '!_':
      return { kind: 'not', operand: convert(ast.args), start, end }
    case '-_':
      return { kind: 'negate', operand: convert(ast.args), start, end }
    case '?:': {
      const [condition, yes, no] = ast.args
      return { kind: 'choice', condition: convert(condition), yes: convert(yes), no: convert(no), start, end }
    }
    case '&&':
    case '||':
      return { kind: 'logic', operator: ast.op, operands: operandsOf(ast, ast.op).map(convert), start, end }
    case 'call':
      return convertCall(ast.args[0], undefined, ast.args[1], ast)
    case 'rcall':
      return convertCall(ast.args[0], ast.args[1], ast.args[2], ast)
    case '.?':
    case '[?]':
      throw new SyntaxProblem('optional access is not part of the language: use has(…)', start)
    default: {
      const [left, right] = ast.args
      return { kind: 'binary', operator: ast.op, left: convert(left), right: convert(right), start, end }
    }
  }
}

/** The operands of `a && b && c`, which the parser gives as `(a && b) && c`. */
function operandsOf(ast: ASTNode, operator: '&&' | '||'): ASTNode[] {
  const operands: ASTNode[] = []
  let left = ast
  while (left.op === operator) {
    const [next, right] = left.args
    operands.push(right)
    left = next
  }
  return [left, ...operands.reverse()]
}

function convertEntry([key, value]: [ASTNode, ASTNode]): { key: ExpressionNode; value: ExpressionNode } {
  const entry = { key: convert(key), value: convert(value) }
  if (entry.key.kind === 'literal' && typeof entry.key.value !== 'string')
    throw new SyntaxProblem('the keys of a map are strings: write them in quotes', entry.key.start)
  return entry
}

function literalOf(value: unknown, position: number): string | number | boolean | null {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') return value
  if (typeof value === 'bigint') {
    const number = Number(value)
    if (Number.isSafeInteger(number)) return number
    throw new SyntaxProblem('whole numbers are exact below 2^53 only: write it as a string', position)
  }
  if (value instanceof Uint8Array)
    throw new SyntaxProblem('bytes are not part of the language: JSON has none; use a string', position)
  throw new SyntaxProblem('unsigned numbers are not part of the language: leave out the "u"', position)
}

const COMPREHENSIONS: readonly string[] = [
  'all',
  'exists',
  'exists_one',
  'filter',
  'map',
] satisfies ComprehensionForm[]

function convertCall(
  name: string,
  receiver: ASTNode | undefined,
  args: ASTNode[],
  { start, end }: { start: number; end: number },
): ExpressionNode {
  if (receiver && COMPREHENSIONS.includes(name))
    return convertComprehension(name as ComprehensionForm, receiver, args, { start, end })
  if (!receiver && name === 'has') {
    const target = args.length === 1 ? convert(args[0]!) : undefined
    if (target?.kind === 'member' || target?.kind === 'index') return { kind: 'has', target, start, end }
    throw new SyntaxProblem('has is for one field: has(steps.a.output.words)', start)
  }
  const all = receiver ? [receiver, ...args] : args
  mustBeKnown(name, receiver !== undefined, all.length, start)
  return { kind: 'call', name, args: all.map(convert), start, end }
}

function convertComprehension(
  form: ComprehensionForm,
  receiver: ASTNode,
  args: ASTNode[],
  { start, end }: { start: number; end: number },
): ExpressionNode {
  const [variable, ...bodies] = args
  if (variable?.op !== 'id' || bodies.length < 1 || bodies.length > (form === 'map' ? 2 : 1))
    throw new SyntaxProblem(
      `${form} is written list.${form}(x, …): a name for the element, then an expression about it`,
      start,
    )
  const body = convert(bodies.at(-1)!)
  const filter = bodies.length > 1 ? convert(bodies[0]!) : undefined
  return {
    kind: 'comprehension',
    form,
    over: convert(receiver),
    variable: variable.args,
    filter,
    body,
    start,
    end,
  }
}

function mustBeKnown(name: string, isMethod: boolean, count: number, position: number): void {
  if (name === 'matches')
    throw new SyntaxProblem(
      'matches is not part of the language: a pattern can take for ever; use contains, startsWith, endsWith or split',
      position,
    )
  const found = functionOf(name)
  if (!found)
    throw new SyntaxProblem(
      `there is no function ${quote(name)}; there are has, ${COMPREHENSIONS.join(', ')}, ${FUNCTION_NAMES.join(', ')}`,
      position,
    )
  if (found.call !== 'both' && (found.call === 'method') !== isMethod)
    throw new SyntaxProblem(`${name} is written ${found.usage}`, position)
  if (count < found.minArgs || count > found.maxArgs)
    throw new SyntaxProblem(
      `${name} has the wrong number of arguments: it is written ${found.usage}`,
      position,
    )
}
