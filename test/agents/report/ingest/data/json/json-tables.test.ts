import t from 'tap'
import type { Table } from '#schemas/document.ts'
import { parseJsonFile } from '../../../../../../services/agents/report/ingest/data/json/parse-json-file.ts'

const utf8 = (text: string) => new TextEncoder().encode(text)

const tablesOf = (value: unknown): Table[] =>
  parseJsonFile(utf8(JSON.stringify(value)), { name: 'a.json' }).tables

const names = (table: Table) => table.columns.map(({ name }) => name)

const values = (table: Table, name: string) => table.columns.find((column) => column.name === name)?.values

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

t.test('keys that objects have from birth are no keys of other records', async (t) => {
  const [table] = parseJsonFile(
    utf8('{"a": {"constructor": 1, "toString": 2}, "b": {"x": 1}, "c": {"y": 2}}'),
    { name: 'a.json' },
  ).tables
  t.strictSame(names(table!), ['key', 'value'], 'objects that have nothing in common are no records')
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
