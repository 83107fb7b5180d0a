import t from 'tap'
import { readNumbers } from '../../../../../services/agents/report/ingest/data/number-column.ts'

const read = (name: string, cells: string[]) => readNumbers(name, cells, '.')
const many = (n: number, cell: (i: number) => string) => Array.from({ length: n }, (_, i) => cell(i))

t.test('digits that name something are no numbers', async (t) => {
  t.equal(
    read(
      'house',
      many(20, (i) => (i % 4 ? `${i}` : `${i}a`)),
    ),
    undefined,
  )
  t.equal(
    read(
      'sku',
      many(20, (i) => (i % 4 ? `${1000 + i}` : `A${1000 + i}`)),
    ),
    undefined,
  )
  t.equal(
    read(
      'zip',
      many(20, (i) => `0${2000 + i}`),
    ),
    undefined,
  )
  t.equal(
    read(
      'phone',
      many(20, (i) => `+49151123456${i}`),
    ),
    undefined,
  )
  t.equal(
    read(
      'version',
      many(20, (i) => `1.${i}`),
    ),
    undefined,
  )
  t.equal(
    read(
      'age',
      many(20, (i) => (i % 2 ? '<30' : '>=30')),
    ),
    undefined,
    'two bounds are two groups',
  )
})

t.test('nearly numbers: words among them are left out, and told', async (t) => {
  const pending = read(
    'v',
    many(40, (i) => (i % 3 ? `${i}.5` : 'pending')),
  )!
  t.match(pending.column, { kind: 'number', malformedCount: 0 })
  t.strictSame(pending.marks, new Set(['pending']))
  const mixed = read(
    'v',
    many(40, (i) => (i % 5 ? `${i}.5` : `see ${'abcdefgh'[i / 5]}`)),
  )!
  t.match(mixed.notes, [/8 of 40 cells are no numbers, such as "see a" in row 1/])
  t.equal(
    read(
      'v',
      many(40, (i) => (i % 2 ? `${i}.5` : `word ${'abcdefghijklmnopqrst'[i / 2]}`)),
    ),
    undefined,
  )
})

t.test('bounds and sentinels', async (t) => {
  const { column, notes } = read(
    'v',
    many(20, (i) => (i % 4 ? `${i}.5` : '<0.05')),
  )!
  t.strictSame(column.censored, { below: [1, 5, 9, 13, 17], above: [] })
  t.match(notes, [/5 of 20 values are only bounds/])
  const marked = read(
    'v',
    many(20, (i) => (i % 4 ? `${i}.5` : '-999.0')),
  )!
  t.strictSame(marked.marks, new Set(['-999.0']))
  t.equal(marked.column.values[0], null)
})
