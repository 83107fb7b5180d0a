import { readFileSync } from 'node:fs'
import fc from 'fast-check'
import t from 'tap'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { type Table, tableSchema } from '#schemas/document.ts'
import {
  parseJsonFile,
  parseNdjsonFile,
} from '../../../../services/agents/report/ingest/data/json/parse-json-file.ts'

const utf8 = (text: string) => new TextEncoder().encode(text)
const tablesOf = (value: unknown): Table[] =>
  parseJsonFile(utf8(JSON.stringify(value)), { name: 'a.json' }).tables
const names = (table: Table) => table.columns.map(({ name }) => name)
const values = (table: Table, name: string) => table.columns.find((column) => column.name === name)?.values

t.test('the example', async (t) => {
  const bytes = readFileSync(new URL('../../../../examples/report/co2-by-month.json', import.meta.url))
  const { tables, notes } = parseJsonFile(bytes, { name: 'co2.json' })
  const monthly = tables.find(({ name }) => name === 'co2.json#monthly')!
  t.equal(monthly.rows, 120)
  t.strictSame(names(monthly).slice(0, 3), ['month', 'co2.mean (ppm)', 'co2.deseasonalised (ppm)'])
  t.equal(monthly.columns[0]!.kind, 'temporal')
  t.equal(monthly.columns[0]!.values[0], Date.UTC(2014, 0, 1))
  t.equal(monthly.columns[1]!.values[0], 398.04)
  t.match(
    tables.find(({ name }) => name === 'co2.json'),
    { rows: 1, columns: [{ name: 'station.name' }] },
  )
  t.strictSame(notes, [])
})

t.test('records, and records in records', async (t) => {
  const orders = tablesOf([
    {
      id: 7,
      who: { name: 'A' },
      lines: [
        { sku: 'x', n: 1 },
        { sku: 'y', n: 2 },
      ],
      tags: ['p', 'q'],
    },
    { id: 8, who: { name: 'B' }, at: [1.5, 2.5], lines: [{ sku: 'z', n: 3, parts: [{ p: 1 }] }] },
  ])
  t.strictSame(
    orders.map(({ name, rows }) => [name, rows]),
    [
      ['a.json', 2],
      ['a.json#lines', 3],
      ['a.json#lines.parts', 1],
    ],
  )
  t.strictSame(names(orders[0]!), ['id', 'who.name', 'tags', 'at.0', 'at.1'])
  t.strictSame(values(orders[0]!, 'tags'), ['p, q', null])
  t.strictSame(values(orders[1]!, 'parent id'), [7, 7, 8])
  t.strictSame(values(orders[2]!, 'lines row'), [3])
})

t.test('other shapes', async (t) => {
  t.match(tablesOf({ x: [1, 2, 3], y: [4, 5, 6] }), [{ rows: 3, columns: [{ name: 'x' }, { name: 'y' }] }])
  t.match(tablesOf({ a: 1, b: 2, c: 3 }), [
    { rows: 3, columns: [{ name: 'key' }, { name: 'value', values: [1, 2, 3] }] },
  ])
  t.match(tablesOf({ a: 'x', b: 2 }), [{ rows: 1, columns: [{ name: 'a' }, { name: 'b', values: [2] }] }])
  t.match(
    tablesOf([
      ['n', 'm'],
      [1, 2],
      [3, 4],
    ]),
    [{ rows: 2, columns: [{ name: 'n', values: [1, 3] }, { name: 'm' }] }],
  )
  t.match(tablesOf([1, 2, 3]), [{ rows: 3, columns: [{ name: 'value' }] }])
  t.match(tablesOf({ de: { n: 1 }, fr: { n: 2 }, it: { n: 3 } }), [
    { rows: 3, columns: [{ name: 'key' }, { name: 'n' }] },
  ])
  t.match(tablesOf(5), [{ rows: 1 }])
  t.strictSame(tablesOf({}), [])
  t.strictSame(tablesOf([]), [])
  t.match(parseJsonFile(utf8('[{}]'), { name: 'a.json' }), { tables: [], notes: [/no values/] })
  const odd = parseJsonFile(utf8('[{"__proto__": {"x": 1}, "constructor": 2}]'), { name: 'a.json' }).tables
  t.strictSame(names(odd[0]!), ['__proto__.x', 'constructor'])
})

t.test('NDJSON', async (t) => {
  const lines = utf8('{"a":1}\n\n{"a":2}\r\nbroken\n{"a":3}')
  t.match(parseNdjsonFile(lines, { name: 'a' }), { tables: [{ rows: 3 }], notes: [/1 broken line.*line 4/] })
  t.match(parseJsonFile(utf8('{"a":1}\n{"a":2}'), { name: 'a' }), {
    tables: [{ rows: 2 }],
    notes: [/one on each line/],
  })
  t.throws(() => parseNdjsonFile(utf8('x\ny'), { name: 'a' }), { code: 'BROKEN_FILE' })
})

t.test('hostile files', async (t) => {
  const parse = (text: string) => parseJsonFile(utf8(text), { name: 'a.json' })
  t.throws(() => parse('['.repeat(10_000) + ']'.repeat(10_000)), {
    code: 'LIMIT_EXCEEDED',
    message: /64 levels/,
  })
  t.throws(() => parse(`${'{"a":'.repeat(10_000)}1${'}'.repeat(10_000)}`), {
    code: 'LIMIT_EXCEEDED',
    message: /64 levels/,
  })
  t.throws(() => parseNdjsonFile(utf8('['.repeat(10_000)), { name: 'a' }), {
    code: 'LIMIT_EXCEEDED',
    message: /64 levels/,
  })
  t.throws(() => parse('{"a":'), { code: 'BROKEN_FILE' })
  t.throws(() => parse(''), { code: 'BROKEN_FILE' })
  t.throws(() => parseJsonFile(new Uint8Array(33 * 1024 * 1024), { name: 'a' }), { code: 'LIMIT_EXCEEDED' })
  t.strictSame(parse('[1e999, 1, 2]').tables[0]!.columns[0]!.values.includes(Number.POSITIVE_INFINITY), false)
  const wide = Object.fromEntries(Array.from({ length: 20_000 }, (_, i) => [`k${i}`, `v${i}`]))
  t.match(tablesOf([wide]), [{ notes: [/first 500 columns/] }])
  const many = Array.from({ length: 201_000 }, (_, i) => ({ i }))
  t.match(tablesOf(many), [{ rows: 200_000, notes: [/first 200000 of 201000/] }])
  const sparse = Array.from({ length: 20_000 }, (_, i) => ({ [`k${i}`]: i }))
  t.match(tablesOf(sparse), [{ columns: { length: 500 } }])
  const deep = Array.from({ length: 60 }).reduce<unknown>((inner) => [{ a: inner }], 1)
  t.throws(() => tablesOf(deep), { code: 'LIMIT_EXCEEDED', message: /64 levels/ })
})

t.test('any JSON is tables of equal columns; rows are kept', async () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
      for (const table of tablesOf(value)) {
        tableSchema.parse(table)
        if (!table.columns.every((column) => column.values.length === table.rows)) return false
      }
      return true
    }),
    { numRuns: 500 },
  )
  fc.assert(
    fc.property(
      fc.array(fc.record({ a: fc.integer(), b: fc.double({ noNaN: true, noDefaultInfinity: true }) }), {
        minLength: 1,
      }),
      (rows) => {
        const [table] = tablesOf(rows)
        return table!.rows === rows.length && values(table!, 'a')!.every((value, i) => value === rows[i]!.a)
      },
    ),
  )
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, lines) => {
      try {
        return (lines ? parseNdjsonFile : parseJsonFile)(bytes, { name: 'a' }).tables.length >= 0
      } catch (error) {
        return error instanceof MurmurError
      }
    }),
  )
})
