import t from 'tap'
import { parseExpression } from '#workflow/expressions/parse-expression.ts'

t.test('the tree of each form', async (t) => {
  const shape = (text: string): unknown => {
    const { root, fault } = parseExpression(text)
    return root
      ? JSON.parse(
          JSON.stringify(root, (key, value) => (key === 'start' || key === 'end' ? undefined : value)),
        )
      : fault
  }
  const name = (of: string) => ({ kind: 'name', name: of })
  const literal = (value: unknown) => ({ kind: 'literal', value })
  t.same(shape('a.b["c"]'), {
    kind: 'index',
    object: { kind: 'member', object: name('a'), key: 'b' },
    index: literal('c'),
  })
  t.same(shape('a && b && c'), { kind: 'logic', operator: '&&', operands: [name('a'), name('b'), name('c')] })
  t.same(shape('a || b && c'), {
    kind: 'logic',
    operator: '||',
    operands: [name('a'), { kind: 'logic', operator: '&&', operands: [name('b'), name('c')] }],
  })
  t.same(shape('a.size()'), shape('size(a)'), 'a receiver is the first argument')
  t.same(shape('a.map(x, x > 1, x)'), {
    kind: 'comprehension',
    form: 'map',
    over: name('a'),
    variable: 'x',
    filter: { kind: 'binary', operator: '>', left: name('x'), right: literal(1) },
    body: name('x'),
  })
  t.same(shape('{"a": -1}'), {
    kind: 'map',
    entries: [{ key: literal('a'), value: { kind: 'negate', operand: literal(1) } }],
  })
  t.same(shape('!a ? null : 1.5'), {
    kind: 'choice',
    condition: { kind: 'not', operand: name('a') },
    yes: literal(null),
    no: literal(1.5),
  })
  t.same(shape('has(a.b) // why'), { kind: 'has', target: { kind: 'member', object: name('a'), key: 'b' } })
})

t.test('strings, numbers and their escapes', async (t) => {
  const resultOf = (text: string) => {
    const { root } = parseExpression(text)
    return root?.kind === 'literal' ? root.value : undefined
  }
  const cases: [string, unknown][] = [
    [String.raw`"a\n\t\"\u00e9\x41\101"`, 'a\n\t"éAA'],
    [String.raw`r"\d"`, String.raw`\d`],
    ["'''it's\nhere'''", "it's\nhere"],
    [String.raw`"\U0001F600"`, '😀'],
    ['1e3', 1000],
    ['0x1F', 31],
    ['0.5', 0.5],
    ['9007199254740991', 9007199254740991],
    ['true', true],
  ]
  for (const [text, value] of cases) t.equal(resultOf(text), value, text)
  for (const text of ['.5', '1.', '1e', '0x', String.raw`"\q"`, String.raw`"\ud800"`, '"a\nb"', '"\\'])
    t.type(parseExpression(text).fault?.message, 'string', text)
})

t.test('what was parsed is kept for the next time, and only so much of it', async (t) => {
  const first = parseExpression('1 + 1')
  t.equal(parseExpression('1 + 1'), first, 'the same tree')
  for (let i = 0; i < 499; i++) parseExpression(`${i} + 2`)
  t.equal(parseExpression('1 + 1'), first, 'and it counts as used last')
  for (let i = 0; i < 499; i++) parseExpression(`${i} + 3`)
  t.equal(parseExpression('1 + 1'), first)
  for (let i = 0; i < 500; i++) parseExpression(`${i} + 4`)
  t.not(parseExpression('1 + 1'), first, 'what was not used for long is parsed again')
  t.same(parseExpression('1 + 1'), first)
  const fault = parseExpression('1 +')
  t.equal(parseExpression('1 +'), fault, 'faults are kept, too')
})
