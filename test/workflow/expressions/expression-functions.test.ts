import t from 'tap'
import type { JsonValue } from '#schemas/json.ts'
import { EvaluationBudget, EvaluationFault } from '#workflow/expressions/evaluation-budget.ts'
import { FUNCTION_NAMES, functionOf } from '#workflow/expressions/expression-functions.ts'

function apply(name: string, ...args: JsonValue[]): JsonValue {
  try {
    return functionOf(name)!.apply(args, new EvaluationBudget())
  } catch (error) {
    if (error instanceof EvaluationFault) return `fault: ${error.message}`
    throw error
  }
}

t.test('functions have the names they are listed under, and no others', async (t) => {
  for (const name of FUNCTION_NAMES) t.ok(functionOf(name), name)
  for (const name of ['constructor', '__proto__', 'toString', 'matches'])
    t.equal(functionOf(name), undefined, name)
})

t.test('what they give', async (t) => {
  const cases: [JsonValue[], JsonValue][] = [
    [['size', 'Hé😀'], 3],
    [['size', [1, 2]], 2],
    [['size', { a: 1 }], 1],
    [['contains', 'abcabd', 'abd'], true],
    [['startsWith', 'abc', 'ab'], true],
    [['endsWith', 'abc', 'ab'], false],
    [['lowerAscii', 'ÀBC'], 'Àbc'],
    [['upperAscii', 'àbcß'], 'àBCß'],
    [['trim', ' \t a b \u00a0\n'], 'a b'],
    [
      ['split', 'a,,b', ','],
      ['a', '', 'b'],
    ],
    [['split', '', ','], ['']],
    [['join', ['a', 'b']], 'ab'],
    [['join', ['a', 'b'], ', '], 'a, b'],
    [['join', []], ''],
    [['string', 1.5], '1.5'],
    [['string', 1e21], '1e+21'],
    [['string', -0], '0'],
    [['string', true], 'true'],
    [['int', -1.9], -1],
    [['int', '-12'], -12],
    [['double', '1.5e3'], 1500],
    [['bool', 'false'], false],
    [['min', 3, 1, 2], 1],
    [['max', [3, 1, 2]], 3],
    [['max', 'a', 'b'], 'b'],
    [['min', 5], 5],
  ]
  for (const [[name, ...args], value] of cases)
    t.same(apply(name as string, ...args), value, JSON.stringify(args))
})

t.test('what they refuse', async (t) => {
  const cases: [JsonValue[], RegExp][] = [
    [['size', 1], /size is for strings, lists and maps, not for a number/],
    [['size', null], /not for null/],
    [['contains', [1], 'a'], /contains is for strings, not for a list/],
    [['split', 'a', ''], /1 to 8 characters/],
    [['split', 'a', '123456789'], /1 to 8 characters/],
    [['join', ['a', 1], ''], /not for a number/],
    [['join', 'a', ''], /join is for lists of strings/],
    [['string', null], /not for null/],
    [['string', [1]], /not for a list/],
    [['int', '1.5'], /int needs a number/],
    [['int', ''], /int needs/],
    [['int', 1e300], /below 2\^53/],
    [['int', '9007199254740993'], /below 2\^53/],
    [['double', '0x10'], /double needs/],
    [['double', ' 1'], /double needs/],
    [['double', '1e400'], /double needs/],
    [['double', '1'.repeat(65)], /double needs/],
    [['bool', 'TRUE'], /bool needs/],
    [['bool', 1], /bool needs/],
    [['min', []], /min of an empty list/],
    [['max', [1, 'a']], /no order/],
    [['max', {}], /no order/],
    [['max', null], /no order/],
  ]
  for (const [[name, ...args], message] of cases)
    t.match(apply(name as string, ...args), message, JSON.stringify(args))
})
