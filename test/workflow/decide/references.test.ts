import t from 'tap'
import type { JsonValue } from '#schemas/json.ts'
import type { TaskState } from '#schemas/task.ts'
import { listReferences, parseReference, resolveTemplate } from '#workflow/decide/references.ts'

const stored = { blob: 'tasks/t/a/1', size: 20_000, sha256: 'a'.repeat(64), contentType: 'application/json' }
const state = {
  input: { a: { b: [10, { c: null }] }, 'with space': 1 },
  steps: {
    small: { status: 'completed', attempt: 1, output: { list: ['x', 'y'], 'a-b': 2 } },
    large: { status: 'completed', attempt: 1, output: { $json: stored } },
    part: { status: 'completed', attempt: 1, output: { $json: stored, path: ['rows'] } },
    lost: { status: 'failed', attempt: 1, error: { code: 'BROKEN_FILE', message: 'no image' } },
  },
} as unknown as TaskState
const resolve = (template: JsonValue) => resolveTemplate(template, state)

t.test('what a path points at', async (t) => {
  const cases: [path: string, value: JsonValue][] = [
    ['input', state.input],
    ['input.a.b.0', 10],
    ['input.a.b.1.c', null],
    ['input.with space', 1],
    ['steps.small.output', { list: ['x', 'y'], 'a-b': 2 }],
    ['steps.small.output.list.1', 'y'],
    ['steps.small.output.a-b', 2],
    ['steps.lost.error.code', 'BROKEN_FILE'],
  ]
  for (const [$from, value] of cases) t.strictSame(resolve({ $from }), value, $from)
})

t.test('what is not there is null', async (t) => {
  for (const $from of [
    'input.no',
    'input.a.b.7',
    'input.a.b.-1',
    'input.a.b.length',
    'input.a.b.0e0',
    'input.a.b.00',
    'input.a.b.0.deeper',
    'input.constructor',
    'input.__proto__',
    'input.a.__proto__.polluted',
    'steps.small.output.list.map',
    'steps.lost.output',
    'steps.small.error',
    'steps.nobody.output',
    'steps.__proto__.output',
    'steps.constructor.output.name',
    'nonsense',
  ])
    t.equal(resolve({ $from }), null, $from)
})

t.test('references are replaced wherever they stand, and only they', async (t) => {
  t.strictSame(
    resolve({ deep: [{ $from: 'input.a.b.0' }, { x: { $from: 'steps.small.output.list.0' } }], n: 1 }),
    {
      deep: [10, { x: 'x' }],
      n: 1,
    },
  )
  const notReferences: JsonValue[] = [{ $from: 1 }, { $from: 'input', more: 1 }, '$from', null, [], {}]
  for (const value of notReferences) t.strictSame(resolve(value), value, JSON.stringify(value))
  t.strictSame(
    listReferences([{ $from: 'input.a' }, { x: [{ $from: 'steps.b.output' }] }, { $from: 1 }]).sort(),
    ['input.a', 'steps.b.output'],
  )
})

t.test('what is in a resolved value is data: references in it stay as they are', async (t) => {
  const sly = { ...state, input: { sly: { $from: 'steps.small.output' } } } as TaskState
  t.strictSame(resolveTemplate({ $from: 'input.sly' }, sly), { $from: 'steps.small.output' })
})

t.test('a path into a stored output is handed on with it', async (t) => {
  t.strictSame(resolve({ $from: 'steps.large.output' }), { $json: stored })
  t.strictSame(resolve({ $from: 'steps.large.output.rows.3' }), { $json: stored, path: ['rows', '3'] })
  t.strictSame(resolve({ $from: 'steps.part.output.3.name' }), { $json: stored, path: ['rows', '3', 'name'] })
})

t.test('data that has a key $json, and is no reference, is data', async (t) => {
  const own = [
    { $json: 5, x: { y: 1 } },
    { $json: stored, more: 1, x: 2 },
    { $json: { blob: 'a' }, x: 3 },
  ]
  for (const output of own) {
    const steps = { own: { status: 'completed', attempt: 1, output } }
    const owning = { ...state, steps } as unknown as TaskState
    t.strictSame(resolveTemplate({ $from: 'steps.own.output' }, owning), output)
    t.strictSame(resolveTemplate({ $from: 'steps.own.output.x' }, owning), output.x)
    t.equal(resolveTemplate({ $from: 'steps.own.output.nothing' }, owning), null)
  }
  const steps = { own: { status: 'completed', attempt: 1, output: { $json: stored, verbatim: true } } }
  t.strictSame(
    resolveTemplate({ $from: 'steps.own.output.x' }, { ...state, steps } as unknown as TaskState),
    {
      $json: stored,
      verbatim: true,
      path: ['x'],
    },
  )
})

t.test('what a template comes to is bounded as it is put together', async (t) => {
  const large = { ...state, input: { x: 'x'.repeat(1000), deep: [[[[1]]]] } } as TaskState
  const many = Array.from({ length: 10 }, () => ({ $from: 'input.x' }))
  const limits = { maxChars: 11_000, maxDepth: 64 }
  t.equal((resolveTemplate(many, large, limits) as string[]).length, 10)
  t.throws(() => resolveTemplate([...many, { $from: 'input.x' }], large, limits), {
    code: 'EXPANSION_TOO_LARGE',
  })
  const deep = [[{ $from: 'input.deep' }]]
  t.ok(resolveTemplate(deep, large, { ...limits, maxDepth: 6 }))
  t.throws(() => resolveTemplate(deep, large, { ...limits, maxDepth: 5 }), { code: 'EXPANSION_TOO_LARGE' })
})

t.test('__proto__ stays a key', async (t) => {
  const template = JSON.parse('{"__proto__": {"$from": "input.a.b.0"}, "x": {"__proto__": 1}}') as JsonValue
  const resolved = resolve(template) as Record<string, JsonValue>
  t.equal(JSON.stringify(resolved), '{"__proto__":10,"x":{"__proto__":1}}')
  t.equal(Object.getPrototypeOf(resolved), Object.prototype)
  t.equal(({} as Record<string, unknown>).polluted, undefined)
})

t.test('paths without a meaning', async (t) => {
  for (const text of [
    '',
    'input.',
    'input..a',
    'steps',
    'steps.a',
    'steps.a.status',
    'steps..output',
    'outputs',
    'Input',
  ])
    t.equal(parseReference(text), undefined, text)
  t.strictSame(parseReference('item.0.b'), { source: 'local', name: 'item', path: ['0', 'b'] })
  t.strictSame(parseReference('steps.a.output.0.b'), {
    source: 'step',
    stepId: 'a',
    part: 'output',
    path: ['0', 'b'],
  })
})
