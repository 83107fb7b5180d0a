import t from 'tap'
import { parseCsv } from '../../../../../../services/agents/report/ingest/data/csv/parse-csv.ts'
import { mendTornNumbers } from '../../../../../../services/agents/report/ingest/data/csv/torn-numbers.ts'
import { makeReport } from '../../../cases/make-report.ts'

const VALUES = [40, 3440, 1_143_141, 841, 2541, 242_007, 7, 999, 1000, 64_512, 5_001, 12]
const text = (value: number, digits = 0) =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
const file = (header: string, row: (value: number, i: number) => string) =>
  `${header}\n${VALUES.map(row).join('\n')}\n`
const columnOf = (csv: string, name: string) =>
  parseCsv(csv, { name: 'a.csv' }).columns.find((column) => column.name === name)?.values

t.test('numbers with commas that are not in quotes are whole again where one way is left', async (t) => {
  const files: [
    header: string,
    row: (value: number, i: number) => string,
    expected?: (value: number) => number,
  ][] = [
    ['n,v', (v, i) => `x${i},${text(v)}`],
    ['date,v', (v, i) => `2024-01-${i + 10},$${text(v, 2)}`],
    ['v', (v) => `€${text(v, 2)}`],
    ['n,v,w', (v, i) => `x${i},-$${text(v)},y`, (v) => -v],
    ['n,v,w', (v, i) => `x${i},-${text(v)},y`, (v) => -v],
    ['n,v,w', (v, i) => `x${i},(${text(v, 2)}),${i}`, (v) => -v],
    ['v,n,w', (v, i) => `${text(v)},x${i},${text(v * 3)}`],
    ['w,v,n', (v, i) => `$${text(v, 2)},£${text(v, 2)},x${i}`],
    ['n,v', (v, i) => `"Smith, ${i}",${text(v, 1)}`],
    ['n, k, v', (v, i) => `x${i}, ${i % 4}, ${text(v)}`],
    ['v,n', (v, i) => `${text(v)},x${i},,`],
    ['n,2019,v', (v, i) => `x${i},a,${text(v)}`],
  ]
  for (const [header, row, expected = (v: number) => v] of files) {
    const table = parseCsv(file(header, row), { name: 'a.csv' })
    t.strictSame(table.columns.find(({ name }) => name === 'v')?.values, VALUES.map(expected), header)
    t.ok(
      table.notes.some((note) => /torn apart in \d+ of 12 rows; they were put together/.test(note)),
      header,
    )
    t.equal(table.losses, undefined, header)
  }
})

t.test('prices of houses: a part that begins with 0 is no number of its own', async (t) => {
  const csv = `house,price\n${[250, 251, 252].map((v, i) => `h${i},${v},000`).join('\n')}\n`
  t.strictSame(columnOf(csv, 'price'), [250_000, 251_000, 252_000])
})

const pairs = (values: readonly (readonly [number, number])[]) =>
  `n,revenue,cost\n${values.map(([a, b], i) => `x${i},${text(a)},${text(b)}`).join('\n')}\n`

const MOSTLY_UNCLEAR = pairs(
  Array.from({ length: 12 }, (_, i) =>
    i % 3 === 0 ? [7_050 + i, 9_011 + i] : [1_234 + 37 * i, 567 + 11 * i],
  ),
)

t.test(
  'the few cells that may belong together in several ways are left empty, and that is a loss',
  async (t) => {
    const values = Array.from({ length: 60 }, (_, i) => [7_050 + 13 * i, 9_011 + 17 * i] as const)
    values[20] = [1, 234_567]
    values[40] = [4_321, 876]
    const csv = pairs(values)
    for (const [at, name] of ['revenue', 'cost'].entries())
      t.strictSame(
        columnOf(csv, name),
        values.map((pair, i) => (i === 20 || i === 40 ? null : pair[at])),
      )
    t.match(parseCsv(csv, { name: 'a.csv' }).losses, [
      /^2 of 60 rows \(rows 21, 41\) hold numbers with commas .*\(1,234,567\).* cannot be told: "revenue" and "cost" were left empty there\. Put such numbers in quotes, or use another delimiter/,
    ])
  },
)

t.test(
  'columns of which more cells cannot be told are set aside, since the rest would be one-sided',
  async (t) => {
    const csv = MOSTLY_UNCLEAR
    const table = parseCsv(csv, { name: 'a.csv' })
    t.match(table, { rows: 12, columns: [{ name: 'n' }] })
    t.equal(table.columns.length, 1)
    t.match(table.losses, [
      /^\d+ of 12 rows \(rows .*\) hold numbers with commas .* cannot be told: "revenue" and "cost" were set aside as a whole, since .* nothing here is computed from them\. Put such numbers in quotes/,
    ])
    const alike = pairs(Array.from({ length: 8 }, () => [1, 234_567] as const)).replace(/x\d/g, 'x')
    const { notes } = parseCsv(alike, { name: 'a.csv' })
    t.notOk(
      notes.some((note) => /repeat/.test(note)),
      'rows of a part of the columns are not compared',
    )
  },
)

t.test('one column is set aside and another keeps its few gaps', async (t) => {
  const values = Array.from({ length: 60 }, (_, i) => (i < 10 ? [1, 234_567] : [7_050 + i, 9_011 + i]))
  const csv = `n,low,high,a,b\n${values.map(([a, b], i) => `x${i},${text(a!)},${text(b!)},${i === 30 ? '3,456,789' : `${i},5`}`).join('\n')}\n`
  const table = parseCsv(csv, { name: 'a.csv' })
  t.strictSame(
    table.columns.map(({ name, values: cells }) => [name, cells.filter((cell) => cell === null).length]),
    [
      ['n', 0],
      ['a', 1],
      ['b', 1],
    ],
  )
  t.match(table.losses, [
    /: "a" and "b" were left empty there, and "low" and "high" were set aside as a whole/,
  ])
})

t.test('a table of which no column is left is refused, with why', async (t) => {
  const rows = Array.from({ length: 20 }, (_, i) => `${text(1_230 + i)},${text(567 + i)}`)
  t.throws(() => parseCsv(`a,b\n${rows.join('\n')}\n1,050,2,060\n`, { name: 'a.csv' }), {
    code: 'BROKEN_FILE',
    message: /"a" and "b" were set aside as a whole.*in quotes/,
  })
})

t.test('rows that may as well have names of rows are left as they are, with a loss', async (t) => {
  for (const csv of [
    'house,price\nh1,251,511\nh2,261,512\nh3,271,513\n',
    'mpg,cyl\nMazda,21,110\nDatsun,22,193\nFiat,32,104\n',
  ]) {
    const { text: same, losses, setAside } = mendTornNumbers(csv)
    t.equal(same, csv)
    t.strictSame(setAside, [])
    t.match(losses, [/^3 of 3 rows \(rows 1, 2, 3\) have more cells than the 2 columns .*in quotes/])
  }
})

t.test('where rows may be lists, columns that numbers may have torn are set aside', async (t) => {
  for (const csv of [
    'name,scores\nann,123,345\nbob,100,200,300\ncy,512\ndee,111,222,333\n',
    'id,scores\n1,123,345\n2,100,200,300\n3,512\n4,111,222,333\n',
  ]) {
    const table = parseCsv(csv, { name: 'a.csv' })
    t.match(table, { rows: 4, columns: [{}] })
    t.notOk(table.columns.some(({ name }) => name === 'scores'))
    t.match(table.losses, [
      /^3 of 4 rows \(rows 1, 2, 4\) have more cells than the 2 columns that are named, such as .*\. So "scores" was set aside as a whole.*in quotes/,
    ])
  }
})

t.test('what only looks like it is left alone, without a word', async (t) => {
  const files = [
    'name,scores\nann,12,345,7\nbob,100,200,300\ncy,5\ndee,1,2,3,4,5,999\n',
    'a,b\n1,200,110\n2,201,111\n3,202,112\n',
    'a,b,c\n1,200,300\n12,345,678\n',
    'name,amount\nx,"1,234.50"\ny,"2,345"\n',
    'name;amount\nx;1,234.50\ny;2,345\n',
    'name\tamount\nx\t1,234.50\n',
    'amount\n1,234\n2,345\n',
    '1,234,567\n2,345,678\n',
    'text\nIn 1,234 cases, or so, it was 5\n',
    'say\n"a ""b"" 1,234\nc,000\n',
  ]
  for (const csv of files)
    t.strictSame(mendTornNumbers(csv), { text: csv, notes: [], losses: [], setAside: [] }, csv)
})

t.test('both reach the summary of a report', async (t) => {
  const whole = await makeReport({ name: 'a.csv', text: file('n,v', (v, i) => `x${i},$${text(v, 2)}`) })
  const summary = whole.report.summary.map((claim) => claim.text).join(' ')
  t.match(summary, /were torn apart in 7 of 12 rows; they were put together again/)
  const torn = await makeReport({
    name: 'a.csv',
    text: MOSTLY_UNCLEAR,
  })
  t.match(
    [torn.headline, ...torn.report.summary.map((claim) => claim.text)].join(' '),
    /cannot be told: "revenue" and "cost" were set aside as a whole/,
  )
})

t.test('rows that are thousands of cells too long are told, and not searched', async (t) => {
  const line = (count: number, cell: (i: number) => string) =>
    Array.from({ length: count }, (_, i) => cell(i)).join(',')
  const row = line(9000, (i) => `${100 + (i % 900)}`)
  const csv = `${line(3000, (i) => `c${i}`)}\n${Array.from({ length: 20 }, () => row).join('\n')}\n`
  const { text: same, losses } = mendTornNumbers(csv)
  t.ok(same === csv)
  t.match(losses, [/^20 of 20 rows .* more cells than the 3000 columns/])
})
