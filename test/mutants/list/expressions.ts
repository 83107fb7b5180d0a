import type { Mutant } from '../mutant.ts'

const FOLDER = 'services/workflow/expressions'
const EVALUATE = `${FOLDER}/evaluate-node.ts`
const VALUES = `${FOLDER}/expression-values.ts`
const BUDGET = `${FOLDER}/evaluation-budget.ts`
const NODE_TESTS = ['test/workflow/expressions/evaluate-node.test.ts'] as const
const TESTS = [
  'test/workflow/expressions/expression.test.ts',
  'test/workflow/expressions/expression.property.test.ts',
] as const

/** The language of plans: its bounds, and what it must never read. */
export const EXPRESSION_MUTANTS: readonly Mutant[] = [
  {
    name: 'expression-steps-without-end',
    file: BUDGET,
    find: 'this.#steps -= count',
    replace: 'this.#steps -= 0 * count',
    why: 'A plan can hold up a partition for as long as it likes.',
    tests: ['test/workflow/expressions/evaluation-budget.test.ts'],
  },
  {
    name: 'expression-goes-on-past-a-bound',
    file: EVALUATE,
    find: 'if (!(error instanceof EvaluationFault) || error instanceof BoundFault) throw error',
    replace: 'if (!(error instanceof EvaluationFault)) throw error',
    why: 'Whether a condition holds depends on how much was spent before.',
    tests: TESTS,
  },
  {
    name: 'expression-reads-prototypes',
    file: EVALUATE,
    find: 'if (Object.hasOwn(object, key)) return object[key]',
    replace: 'if (key in object) return object[key]',
    why: 'Expressions reach functions of the process.',
    tests: TESTS,
  },
  {
    name: 'expression-roots-of-the-prototype',
    file: EVALUATE,
    find: 'const value = Object.hasOwn(this.#roots, name) ? this.#roots[name] : undefined',
    replace: 'const value = this.#roots[name]',
    why: 'The same by the name of a root.',
    tests: TESTS,
  },
  {
    name: 'expression-calls-stored-values-absent',
    file: EVALUATE,
    find: 'mustBeHere(object, this.#sourceOf(source)) return undefined',
    replace: 'return undefined',
    why: 'A step is skipped because an output became larger.',
    tests: TESTS,
  },
  {
    name: 'expression-keys-in-the-order-written',
    file: EVALUATE,
    find: 'return keys.sort()',
    replace: 'return keys',
    why: 'A store that orders keys otherwise changes what a replay comes to.',
    tests: NODE_TESTS,
  },
  {
    name: 'expression-or-stops-at-a-fault',
    file: EVALUATE,
    find: 'fault ??= error',
    replace: 'throw error',
    why: 'Other than CEL: what decides no longer decides.',
    tests: NODE_TESTS,
  },
  {
    name: 'expression-result-without-a-bound',
    file: VALUES,
    find: 'visit(value, 0)',
    replace: 'void visit',
    why: 'A list that stands in a result a thousand times is written a thousand times.',
    tests: TESTS,
  },
  {
    name: 'expression-search-loses-a-border',
    file: `${FOLDER}/text-functions.ts`,
    find: 'matched = borders[matched - 1]! if (text.charCodeAt(i)',
    replace: 'matched = 0\n    if (text.charCodeAt(i)',
    why: 'A text is not found that is there.',
    tests: ['test/workflow/expressions/text-functions.test.ts'],
  },
  {
    name: 'expression-variable-is-a-root',
    file: `${FOLDER}/expression-names.ts`,
    find: 'if (!bound.has(path[0]!)) found.push',
    replace: 'found.push',
    why: 'A plan with a comprehension is refused.',
    tests: ['test/workflow/expressions/expression-names.test.ts'],
  },
]
