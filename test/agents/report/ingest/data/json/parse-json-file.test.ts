import { readFileSync } from 'node:fs'
import t from 'tap'
import type { Table } from '#schemas/document.ts'
import {
  parseJsonFile,
  parseNdjsonFile,
} from '../../../../../../services/agents/report/ingest/data/json/parse-json-file.ts'

const utf8 = (text: string) => new TextEncoder().encode(text)

const tablesOf = (value: unknown): Table[] =>
  parseJsonFile(utf8(JSON.stringify(value)), { name: 'a.json' }).tables

const names = (table: Table) => table.columns.map(({ name }) => name)

t.test('the example', async (t) => {
  const bytes = readFileSync(new URL('../../../../../../examples/report/co2-by-month.json', import.meta.url))
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

t.test('NDJSON', async (t) => {
  const lines = utf8('{"a":1}\n\n{"a":2}\r\nbroken\n{"a":3}')
  t.match(parseNdjsonFile(lines, { name: 'a' }), { tables: [{ rows: 3 }], losses: [/1 broken line.*line 4/] })
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
  t.match(tablesOf([wide]), [{ losses: [/first 500 columns/] }])
  const many = Array.from({ length: 201_000 }, (_, i) => ({ i }))
  t.match(tablesOf(many), [{ rows: 200_000, losses: [/first 200000 of 201000/] }])
  const sparse = Array.from({ length: 20_000 }, (_, i) => ({ [`k${i}`]: i }))
  t.match(tablesOf(sparse), [{ columns: { length: 500 } }])
  const deep = Array.from({ length: 60 }).reduce<unknown>((inner) => [{ a: inner }], 1)
  t.throws(() => tablesOf(deep), { code: 'LIMIT_EXCEEDED', message: /64 levels/ })
})
