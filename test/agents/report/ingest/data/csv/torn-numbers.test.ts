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

t.test(
  'where cells may belong together in several ways they are left empty, and that is a loss',
  async (t) => {
    const csv = file('n,revenue,cost', (v, i) => `x${i},${text(v)},${text(VALUES[(i + 5) % 12]!)}`)
    const table = parseCsv(csv, { name: 'a.csv' })
    const [revenue, cost] = ['revenue', 'cost'].map((name) => columnOf(csv, name)!) as [unknown[], unknown[]]
    for (const [i, value] of VALUES.entries()) {
      t.ok(revenue[i] === null || revenue[i] === value, `${i}`)
      t.ok(cost[i] === null || cost[i] === VALUES[(i + 5) % 12], `${i}`)
    }
    const empty = revenue.filter((value) => value === null).length
    t.ok(empty > 0 && empty < 12)
    t.match(table.losses, [
      new RegExp(
        `^${empty} of 12 rows \\(rows? .*\\) holds? numbers with commas .*"revenue" and "cost" were left empty there\\. Put such numbers in quotes, or use another delimiter`,
      ),
    ])
  },
)

t.test(
  'where nothing tells numbers with commas from more cells, rows are left as they are, with a loss',
  async (t) => {
    const files = [
      'house,price\nh1,251,511\nh2,261,512\nh3,271,513\n',
      'mpg,cyl\nMazda,21,110\nDatsun,22,193\nFiat,32,104\n',
      'name,scores\nann,123,345\nbob,100,200,300\ncy,512\ndee,111,222,333\n',
      'id,scores\n1,123,345\n2,100,200,300\n3,512\n4,111,222,333\n',
    ]
    for (const csv of files) {
      const { text: same, losses } = mendTornNumbers(csv)
      t.equal(same, csv)
      t.match(losses, [
        /^3 of [34] rows \(rows 1, 2, [34]\) have more cells than the 2 columns that are named, such as .*in quotes/,
      ])
    }
  },
)

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
  for (const csv of files) t.strictSame(mendTornNumbers(csv), { text: csv, notes: [], losses: [] }, csv)
})

t.test('both reach the summary of a report', async (t) => {
  const whole = await makeReport({ name: 'a.csv', text: file('n,v', (v, i) => `x${i},$${text(v, 2)}`) })
  const summary = whole.report.summary.map((claim) => claim.text).join(' ')
  t.match(summary, /were torn apart in 7 of 12 rows; they were put together again/)
  const torn = await makeReport({
    name: 'a.csv',
    text: file('n,revenue,cost', (v, i) => `x${i},${text(v)},${text(VALUES[(i + 5) % 12]!)}`),
  })
  t.match(
    [torn.headline, ...torn.report.summary.map((claim) => claim.text)].join(' '),
    /cannot be told: "revenue" and "cost" were left empty there/,
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
