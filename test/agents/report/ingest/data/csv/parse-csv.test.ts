import { readFileSync } from 'node:fs'
import t from 'tap'
import { parseCsv } from '../../../../../../services/agents/report/ingest/data/csv/parse-csv.ts'
import { cpuGrowth, MAX_GROWTH } from '../../../../../support/cpu-growth.ts'

const csv = (text: string) => parseCsv(text, { name: 'a.csv' })

const day = (year: number, month: number, date: number) => Date.UTC(year, month - 1, date)

t.test('the example', async (t) => {
  const table = csv(
    readFileSync(new URL('../../../../../../examples/report/climate-by-year.csv', import.meta.url), 'utf8'),
  )
  t.equal(table.rows, 65)
  t.strictSame(
    table.columns.map(({ kind }) => kind),
    ['temporal', 'number', 'number', 'number'],
  )
  t.equal(table.columns[0]!.values[0], day(1959, 1, 1))
  t.strictSame(table.columns[2]!.values.slice(0, 3), [315.98, 316.91, 317.64])
  t.equal(table.columns[3]!.values[0], null)
  t.equal(table.columns[3]!.malformedCount, 0)
  t.strictSame(table.notes, [])
})

t.test('delimiters, decimal commas and what lies above the table', async (t) => {
  t.strictSame(csv('a;b\n1,5;2\n1.234,5;3').columns[0]!.values, [1.5, 1234.5])
  t.strictSame(csv('a\tb\nx, y\t1\nz, w\t2').columns[1]!.values, [1, 2])
  t.strictSame(csv('a|b\n1|2').columns[1]!.values, [2])
  t.strictSame(csv('a,b\n"1,234",2\n"2,345",3').columns[0]!.values, [1234, 2345])
  t.strictSame(csv('a;b\n1,234;2,5\n2,345;3,5').columns[0]!.values, [1.234, 2.345])
  t.strictSame(csv('preis\n1,5\n2,5').columns[0]!.values, [1.5, 2.5])
  t.match(csv('# made by x\n# on Monday\na,b\n1,2'), {
    rows: 1,
    notes: [/2 lines above.*made by x.*on Monday/],
  })
  t.match(csv('Report of May\n\na,b,c\n1,2,3\n4,5,6'), { rows: 2, notes: [/1 line above.*Report of May/] })
  t.match(csv('sep=;\na;b\n1;2'), { rows: 1, columns: [{ name: 'a' }, { name: 'b' }] })
  t.match(csv('a,b\n"x\ny, ""z""",1').columns[0], { values: ['x\ny, "z"'] })
})

t.test('headers', async (t) => {
  t.strictSame(
    csv('1,2\n3,4').columns.map(({ name }) => name),
    ['column 1', 'column 2'],
  )
  t.strictSame(
    csv(',a,a\n0,1,2').columns.map(({ name }) => name),
    ['column 1', 'a', 'a (2)'],
  )
  t.strictSame(
    csv('land,2019,2020\nA,1.5,2.5').columns.map(({ name }) => name),
    ['land', '2019', '2020'],
  )
  t.equal(csv('name,city').rows, 0)
})

t.test('broken files', async (t) => {
  t.throws(() => csv('\n \n'), { code: 'BROKEN_FILE' })
  t.match(csv('a,b,c\n1,2,3\n4,5\n6,7,8,9'), {
    rows: 3,
    notes: [/1 row has fewer.*row 2/],
    losses: [/1 row has more.*row 3/],
  })
  t.match(csv('a,b\n1,"x\n2,y'), { rows: 2, notes: [/never closed/] })
  t.strictSame(
    csv('a,b,\n1,2,\n').notes.filter((note) => /cells/.test(note)),
    [],
  )
  t.match(csv(`a,b\n${'x'.repeat(5_000_000)},1`), { rows: 1, losses: [/1 cell was cut after 100000/] })
  t.match(csv(`${Array.from({ length: 2_001 }, (_, i) => `c${i}`)}\n${'1,'.repeat(2_000)}2`), {
    losses: [/first 500 of 2001 columns/],
  })
  t.match(csv(`a\n${'1\n'.repeat(200_001)}`), { rows: 200_000, losses: [/first 200000 rows/] })
})

t.test('100,000 rows of 10 columns take time in proportion', async (t) => {
  const row = (i: number) =>
    [
      i,
      new Date(1.6e12 + i * 6e4).toISOString().slice(0, 10),
      (i % 97) / 7,
      i % 1000,
      -i,
      i / 3,
      'north',
      i % 2 === 0,
      `"n ${i}"`,
      '',
    ].join(',')
  const textOf = (rows: number) =>
    ['id,date,a,b,c,d,region,flag,name,none', ...Array.from({ length: rows }, (_, i) => row(i))].join('\n')
  const [quarter, whole] = [textOf(25_000), textOf(100_000)]
  t.equal(csv(whole).rows, 100_000)
  const growth = await cpuGrowth({ quarter: () => csv(quarter), whole: () => csv(whole) })
  t.ok(growth < MAX_GROWTH, `${growth}`)
})
