import t from 'tap'
import { jsonFault } from '../../services/sdk/json-fault.ts'

t.test('what travels as JSON unchanged has no fault', async (t) => {
  const shared = { a: 1 }
  const values = [null, 0, '', true, [], {}, [shared, shared], { a: undefined }, new Date(0)]
  for (const value of [...values, { toJSON: () => 1 }])
    t.equal(jsonFault(value), undefined, JSON.stringify(value))
})

t.test('what JSON leaves out or changes is named, with its place and what to do', async (t) => {
  const circular: Record<string, unknown> = {}
  circular.self = circular
  const cases: [value: unknown, fault: RegExp][] = [
    [Number.NaN, /^the output is NaN, .*use null/],
    [{ rows: [{ total: 1n }] }, /^output\.rows\[0\]\.total is a BigInt/],
    [[undefined], /^output\[0\] is undefined/],
    [{ f: () => 1 }, /^output\.f is a function/],
    [{ s: Symbol('x') }, /^output\.s is a symbol/],
    [new Map(), /is a Map, .*Object\.fromEntries/],
    [{ a: new Set() }, /^output\.a is a Set/],
    [Promise.resolve(), /await it/],
    [Buffer.from('x'), /is a block of bytes, .*ctx\.blobs\.put/],
    [new ArrayBuffer(1), /is a block of bytes/],
    [circular, /^output\.self refers back/],
    [{ toJSON: () => ({ n: 1n }) }, /^output\.n is a BigInt/],
  ]
  for (const [value, fault] of cases) t.match(jsonFault(value), fault)
})

t.test('nesting is bounded', async (t) => {
  let deep: unknown = 1
  for (let i = 0; i < 10_000; i++) deep = [deep]
  t.match(jsonFault(deep), /levels deep/)
})
