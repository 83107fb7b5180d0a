import t from 'tap'
import type { JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'
import { checkExpression, evaluate, evaluateCondition, pathsOf } from '#workflow/expressions/expression.ts'

const ROOTS = ['input', 'steps']

t.test('what is right is admitted, what is wrong is refused with its place and what to do', async (t) => {
  for (const text of ['input.n > 1', 'has(steps.a.output)', 'input.list.all(x, x.ok)', '"input"', '1'])
    t.equal(checkExpression(text, ROOTS), undefined, text)
  const bad: [text: string, position: number | undefined, message: RegExp][] = [
    ['', 0, /empty/],
    ['  \n', 0, /empty/],
    ['input.n >', 9, /nothing can be read at the end/],
    ['(input.n', 8, /"\)" is missing before the end/],
    ['input.n = 1', 8, /write "==" to compare/],
    ["'open", 0, /Unterminated string/],
    ['output > 1', 0, /there is no "output" here: it can read input, steps/],
    ['input.list.all(x, y)', 18, /there is no "y"/],
    ['input.list.all(x, true) && x', 27, /there is no "x"/],
    ['now()', 0, /there is no function "now"; there are has, all/],
    [
      'size(input, steps)',
      0,
      /size has the wrong number of arguments: it is written size\(x\) or x\.size\(\)/,
    ],
    ['contains(input.t, "a")', 0, /contains is written text\.contains\(other\)/],
    ['input.t.min()', 0, /min is written min\(a, b, …\)/],
    ['input.t.matches("a*")', 0, /matches is not part of the language/],
    ['has(1)', 0, /has is for one field/],
    ['input.list.map(x)', 0, /map is written list\.map\(x, …\)/],
    ['{1: 2}', 1, /keys of a map are strings/],
    ['12u', 0, /leave out the "u"/],
    ['b"x"', 0, /bytes are not part/],
    ['9007199254740993', 0, /exact below 2\^53/],
    ['if', 0, /keyword/],
    ['"x"'.padEnd(LIMITS.expressionChars + 1), LIMITS.expressionChars, /at most 1000 characters/],
  ]
  for (const [text, position, message] of bad) {
    const fault = checkExpression(text, ROOTS)
    t.match(fault, { code: 'EXPRESSION_INVALID', message, position }, text.slice(0, 40))
    t.match(
      evaluate(text, { input: {}, steps: {} }),
      { ok: false, code: 'EXPRESSION_FAILED' },
      'no value either',
    )
  }
  t.equal(checkExpression('"x"'.padEnd(LIMITS.expressionChars), ROOTS), undefined, 'as long as it may be')
  t.match(checkExpression('x', []), { message: /nothing has a name here/ })
})

t.test('texts that are nested too deep are refused, however they are nested', async (t) => {
  const nested = (open: string, inner: string, close: string, times: number) =>
    open.repeat(times) + inner + close.repeat(times)
  const shapes: [string, string, string][] = [
    ['(', '1', ')'],
    ['[', '1', ']'],
    ['!', 'true', ''],
    ['-', '1', ''],
    ['size(', '[]', ')'],
    ['', '1', '+1'],
    ['', 'input', '.a'],
    ['', 'input', '[0]'],
    ['true?1:', '1', ''],
    ['{"a":', '1', '}'],
    ['[1].map(x,', '1', ')'],
  ]
  for (const [open, inner, close] of shapes) {
    t.match(
      checkExpression(nested(open, inner, close, 90), ROOTS),
      { message: /nested more than 64 levels/ },
      open + close,
    )
    t.equal(checkExpression(nested(open, inner, close, 15), ROOTS), undefined, 'some levels are fine')
  }
  t.equal(checkExpression(`true${' && true'.repeat(120)}`, ROOTS), undefined, 'a chain is not deep')
  t.same(evaluate(`false${' || false'.repeat(100)}`, {}), { ok: true, value: false })
})

t.test('the paths that an expression reads', async (t) => {
  const cases: [string, string[][]][] = [
    ['steps.count.output.words > 1', [['steps', 'count', 'output', 'words']]],
    ['steps["a-b"].output[0].x', [['steps', 'a-b', 'output', '0', 'x']]],
    [
      'has(steps.a.output.x) && steps.b.output',
      [
        ['steps', 'a', 'output', 'x'],
        ['steps', 'b', 'output'],
      ],
    ],
    ['steps[input.step].output.x', [['steps'], ['input', 'step']]],
    ['size(steps)', [['steps']]],
    [
      'input.list.filter(x, x.n > input.least).map(input, input.n)',
      [
        ['input', 'list'],
        ['input', 'least'],
      ],
    ],
    ['input.n + input.n', [['input', 'n']]],
    ['{"steps": "steps.a"}', []],
    ['steps.a.output + )', []],
  ]
  for (const [text, paths] of cases) t.same(pathsOf(text), paths, text)
})

t.test('a condition is a boolean, and nothing else is taken for one', async (t) => {
  t.same(evaluateCondition('input.n > 1', { input: { n: 2 } }), { ok: true, value: true })
  t.same(evaluateCondition('input.n > 1', { input: { n: 1 } }), { ok: true, value: false })
  for (const [text, came] of [
    ['1', 'a number'],
    ['"true"', 'a string'],
    ['null', 'null'],
    ['[]', 'a list'],
    ['{}', 'a map'],
  ])
    t.match(evaluateCondition(text!, {}), {
      ok: false,
      code: 'EXPRESSION_FAILED',
      message: `a condition is true or false, this is ${came}`,
    })
  t.match(evaluateCondition('input.n', { input: {} }), { ok: false, message: /no key "n"/ })
})

t.test('keys of prototypes are plain keys, absent unless they are in the data', async (t) => {
  const input = JSON.parse('{"__proto__": {"a": 1}, "toString": 2}') as JsonValue
  t.same(evaluate('input["__proto__"].a + input.__proto__.a + input.toString', { input }), {
    ok: true,
    value: 4,
  })
  for (const key of ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf', 'length']) {
    t.match(evaluate(`input.${key}`, { input: {} }), { ok: false, message: new RegExp(`no key "${key}"`) })
    t.same(evaluate(`has(input.${key}) || "${key}" in input`, { input: {} }), { ok: true, value: false })
    t.match(evaluate(`input["${key}"]`, { input: {} }), { ok: false })
    t.match(evaluate(`"s".${key}`, {}), { ok: false, message: /is a string/ })
    t.match(evaluate(`[1].${key}`, {}), { ok: false })
    t.match(checkExpression(`${key}(1)`, []), { code: 'EXPRESSION_INVALID' })
    t.match(checkExpression(`"s".${key}()`, []), { code: 'EXPRESSION_INVALID' })
    t.match(evaluate(key, {}), { ok: false })
  }
  const made = evaluate('{"__proto__": {"polluted": true}}', {})
  t.equal(JSON.stringify(made), '{"ok":true,"value":{"__proto__":{"polluted":true}}}')
  t.notOk('polluted' in {}, 'nothing else was touched')
})

t.test('values in the object store are told from absent ones', async (t) => {
  const output = {
    $json: { blob: 'o/1', size: 1e6, sha256: 'a'.repeat(64), contentType: 'application/json' },
  }
  const scope = { steps: { a: { output } } }
  for (const text of [
    'steps.a.output.words',
    'has(steps.a.output.words)',
    'size(steps.a.output)',
    '"words" in steps.a.output',
    'steps.a.output == {}',
    'steps.a.output != null',
    'steps.a.output.all(k, true)',
    'steps.a.output + "x"',
    'max(steps.a.output)',
    'steps.a.output.contains("x")',
    'steps.a.output > 1',
  ])
    t.match(evaluate(text, scope), { ok: false, message: /in the object store/ }, text)
  t.same(evaluate('has(steps.a.output)', scope), { ok: true, value: true }, 'that there is one is known')
  t.same(evaluate('steps.a.output', scope), { ok: true, value: output }, 'and it can be handed on')
  t.same(
    evaluate('has(input.x)', { input: { $json: 1 } }),
    { ok: true, value: false },
    'another form is data',
  )
})

t.test('what is large stops at its bound, and says which', async (t) => {
  const list = Array.from({ length: 100 }, (_, i) => i)
  const long = 'a'.repeat(200_000)
  let twice: JsonValue = [1]
  let again: JsonValue = [1]
  for (let i = 0; i < 40; i++) {
    twice = [twice, twice]
    again = [again, again]
  }
  let deep: JsonValue = 1
  for (let i = 0; i < LIMITS.jsonDepth; i++) deep = [deep]
  const map = Object.fromEntries(Array.from({ length: 5000 }, (_, i) => [`k${i}`, i]))
  const scope = {
    list,
    long,
    twice,
    again,
    deep,
    map,
    needle: `${'a'.repeat(90_000)}b`,
    many: Array(10_001).fill(1),
  }
  const cases: [string, RegExp][] = [
    ['list.map(a, list.map(b, list.map(c, a + b + c)))', /more than 200000 steps/],
    ['list.all(a, list.all(b, list.all(c, d == 1 || true)))', /more than 200000 steps/],
    ['list.exists(a, list.exists(b, a.x || b.x))', /more than 200000 steps/],
    ['list.map(a, long.contains(needle))', /more than 200000 steps/],
    ['list.map(a, long == long.trim() + "")', /more than 200000 steps/],
    ['list.all(a, size(map) > 0)', /more than 200000 steps/],
    ['list.all(a, map.all(k, true))', /more than 200000 steps/],
    ['twice == again', /more than 200000 steps/],
    ['twice', /more than 262144 characters/],
    ['list.map(a, long)', /more than 262144 characters/],
    ['long + long', /a string of more than 262144 characters/],
    ['[long, long].join()', /a string of more than 262144 characters/],
    ['many.filter(x, true)', /more than 10000 elements/],
    ['many + [1]', /more than 10000 elements/],
    ['max(many)', /more than 10000 elements/],
    ['long.split("a")', /more than 10000 elements/],
    ['[deep]', /nested more than 64 levels/],
    ['false || many.all(x, true)', /more than 10000 elements/],
    ['true || many.all(x, true)', /^$/],
    ['many.all(x, true) || true', /more than 10000 elements/],
  ]
  for (const [text, message] of cases) {
    const result = evaluate(text, { ...scope, d: 1 })
    t.match(result.ok ? '' : result.message, message, text)
  }
  t.same(evaluate('deep', scope), { ok: true, value: deep }, 'as deep as it may be')
})

t.test('ten thousand elements are filtered, formed and joined', async (t) => {
  const items = Array.from({ length: 10_000 }, (_, id) => ({ id, on: id % 2 === 0 }))
  const even = evaluate('items.filter(i, i.on && i.id > 10).map(i, i.id * 2)', { items })
  t.same(even.ok && Array.isArray(even.value) && even.value.slice(0, 2), [24, 28])
  t.same(evaluate('items.map(i, string(i.id)).join(",").size()', { items }), { ok: true, value: 48_889 })
  t.same(evaluate('max(items.map(i, i.id))', { items }), { ok: true, value: 9999 })
})

t.test('a fault says nothing that is longer than a line, and never a value', async (t) => {
  const secret = 'password'.repeat(100)
  for (const text of [
    'input.x',
    'input.t + 1',
    'int(input.t)',
    'input.t.x',
    'input.t > 1',
    '!input.t',
    'input.t[0]',
  ]) {
    const result = evaluate(text, { input: { t: secret, [`k${'e'.repeat(1000)}`]: 1 } })
    t.equal(result.ok, false, text)
    if (!result.ok) {
      t.ok(result.message.length < 600, 'short')
      t.notMatch(result.message, /password/)
    }
  }
})
