import t from 'tap'
import type { JsonValue } from '#schemas/json.ts'
import { evaluateNode } from '#workflow/expressions/evaluate-node.ts'
import { EvaluationFault } from '#workflow/expressions/evaluation-budget.ts'
import { parseExpression } from '#workflow/expressions/parse-expression.ts'

const SCOPE = {
  n: 3,
  s: 'abc',
  list: [1, 2, 3],
  map: { b: 2, a: 1, none: null, deep: { x: [{ y: 7 }] } },
  none: null,
}

function resultOf(text: string): JsonValue | string {
  try {
    return evaluateNode(parseExpression(text).root!, SCOPE, text)
  } catch (error) {
    if (error instanceof EvaluationFault) return `fault: ${error.message}`
    throw error
  }
}

t.test('operators', async (t) => {
  const cases: [string, JsonValue][] = [
    ['1 + 2 * 3', 7],
    ['(1 + 2) * 3', 9],
    ['7 / 2', 3.5],
    ['int(7 / 2)', 3],
    ['7 % 3', 1],
    ['-7 % 3', -1],
    ['-n', -3],
    ['0.1 + 0.2 == 0.3', false],
    ['1 == 1.0', true],
    ['1 == "1"', false],
    ['null == none', true],
    ['null == false', false],
    ['[1, {"a": [null]}] == [1.0, {"a": [null]}]', true],
    ['{"a": 1, "b": 2} == {"b": 2, "a": 1}', true],
    ['[1] != [1, 2]', true],
    ['"a" < "b" && 1 < 2 && false < true', true],
    ['"\\uffff" < "\\U0001F600"', true],
    ['s + "d"', 'abcd'],
    ['[1] + [2, "x"]', [1, 2, 'x']],
    ['2 in list', true],
    ['"a" in map && !("z" in map)', true],
    ['1 in map', false],
    ['n > 2 ? "many" : "few"', 'many'],
    ['true ? 1 : 1 / 0', 1],
  ]
  for (const [text, value] of cases) t.same(resultOf(text), value, text)
})

t.test('what has no value says why', async (t) => {
  const cases: [string, RegExp][] = [
    ['1 / 0', /"\/" by zero/],
    ['1 % 0', /"%" by zero/],
    ['1.5 % 1', /whole numbers/],
    ['1e308 * 10', /larger than a JSON number/],
    ['1 + "a"', /not a number and a string: convert one/],
    ['n + none', /a number and null/],
    ['none > 1', /null and a number have no order/],
    ['-s', /"-" is for numbers, not for a string/],
    ['!n', /"!" needs a boolean, "n" is a number/],
    ['n ? 1 : 2', /the condition before "\?" needs a boolean/],
    ['n && true', /"&&" needs a boolean/],
    ['map.c', /"map" has no key "c": it has "a", "b", "deep", "none"; test it with has/],
    ['map.none.x', /"map.none" is null and has no key "x"/],
    ['s.x', /"s" is a string and has no key "x"/],
    ['s[0]', /"s" is a string and has no elements/],
    ['list[3]', /"list" has no element 3: it has 3, counted from 0/],
    ['list[-1]', /no element -1/],
    ['list[0.5]', /whole numbers, not fractions/],
    ['list["0"]', /whole numbers, not a string/],
    ['list.x', /is a list/],
    ['map[0]', /its keys are strings, not a number/],
    ['{}.a', /it is empty/],
    ['{s: 1, "abc": 2}', /the key "abc" twice/],
    ['{n: 1}', /the keys of a map are strings, "n" is a number/],
    ['1 in "abc"', /"in" is for lists and maps, not for a string/],
    ['n.map(x, x)', /map is for lists and maps, "n" is a number/],
    ['list.filter(x, x)', /filter needs a boolean, "x" is a number/],
    ['unknown', /there is no "unknown" here/],
  ]
  for (const [text, message] of cases) t.match(resultOf(text), message, text)
})

t.test('has is true for what is there, null included, and false wherever the path ends before', async (t) => {
  for (const text of ['map.a', 'map.none', 'map.deep.x[0].y', 'map["a"]', 'list[2]'])
    t.equal(resultOf(`has(${text})`), true, text)
  for (const text of [
    'map.c',
    'map.c.d.e',
    'map.none.x',
    'map.a.x',
    's.x',
    'list[3]',
    'list.x',
    'map.deep.x[1].y',
  ])
    t.equal(resultOf(`has(${text})`), false, text)
  t.match(resultOf('has(unknown.x)'), /there is no "unknown"/, 'a root is there or is no root')
  t.match(resultOf('has(map[n / 0])'), /by zero/)
  t.match(resultOf('has(map[1])'), /keys are strings/)
})

t.test('what decides an answer decides it, on whichever side it stands', async (t) => {
  for (const text of [
    'true || 1 / 0 > 0',
    '1 / 0 > 0 || true',
    'map.c || n == 3',
    'list.exists(x, 6 / (x - 1) == 6)',
  ])
    t.equal(resultOf(text), true, text)
  for (const text of ['false && map.c', 'map.c && false', 'list.all(x, 6 / (x - 1) == 6)'])
    t.equal(resultOf(text), false, text)
  for (const text of ['false || map.c', 'map.c && true', 'list.all(x, map.c)', 'list.exists(x, map.c)'])
    t.match(resultOf(text), /no key "c"/, text)
  for (const text of [
    'list.filter(x, 1 / (x - 1) > 0)',
    'list.map(x, 1 / (x - 1))',
    'list.exists_one(x, 1 / (x - 1) > 0)',
  ])
    t.match(resultOf(text), /by zero/, text)
})

t.test('comprehensions over lists and over the keys of maps', async (t) => {
  const cases: [string, JsonValue][] = [
    ['list.all(x, x > 0)', true],
    ['[].all(x, x > 0)', true],
    ['list.exists(x, x > 2)', true],
    ['[].exists(x, true)', false],
    ['list.exists_one(x, x > 2)', true],
    ['list.exists_one(x, x > 1)', false],
    ['list.filter(x, x != 2)', [1, 3]],
    ['list.map(x, x * x)', [1, 4, 9]],
    ['list.map(x, x > 1, x * x)', [4, 9]],
    ['map.map(k, k)', ['a', 'b', 'deep', 'none']],
    ['map.filter(k, map[k] == 1)', ['a']],
    [
      'list.map(x, list.map(y, x * y))',
      [
        [1, 2, 3],
        [2, 4, 6],
        [3, 6, 9],
      ],
    ],
    ['list.map(x, [x].map(x, x + 1)[0] + x)', [3, 5, 7]],
    ['list.map(n, n) == list && n == 3', true],
  ]
  for (const [text, value] of cases) t.same(resultOf(text), value, text)
})
