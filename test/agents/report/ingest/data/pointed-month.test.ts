import t from 'tap'
import { inferColumn } from '../../../../../services/agents/report/ingest/data/infer-column.ts'
import { pointedMonths } from '../../../../../services/agents/report/ingest/data/pointed-month.ts'
import { makeReport } from '../../cases/make-report.ts'

const two = (part: number) => String(part).padStart(2, '0')
const months = (write: (year: number, month: number) => string, count = 30) =>
  Array.from({ length: count }, (_, i) => write(2021 + Math.floor(i / 12), (i % 12) + 1))
const NAMES = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

t.test('months and quarters in the spellings that people use, under any name', async (t) => {
  const spellings: ((year: number, month: number) => string)[] = [
    (y, m) => `${two(m)}.${y}`,
    (y, m) => `${m}.${y}`,
    (y, m) => `${y}.${two(m)}`,
    (y, m) => `${y}.${m}`,
    (y, m) => `${two(m)}/${y}`,
    (y, m) => `${m}/${y}`,
    (y, m) => `${two(m)}-${y}`,
    (y, m) => `${y}-${two(m)}`,
    (y, m) => `${y}/${two(m)}`,
    (y, m) => `${y}M${two(m)}`,
    (y, m) => `${y}M${m}`,
    (y, m) => `${y}-M${two(m)}`,
    (y, m) => `${NAMES[m - 1]} ${y}`,
  ]
  for (const spelling of spellings) {
    const { column } = inferColumn('x', months(spelling))
    const label = spelling(2021, 7)
    t.match(column, { kind: 'temporal', granularity: 'month', malformedCount: 0 }, label)
    t.equal(column.values[18], Date.UTC(2022, 6, 1), label)
  }
  const quarter = (month: number) => Math.ceil(month / 3)
  const quarters: ((year: number, month: number) => string)[] = [
    (y, m) => `Q${quarter(m)} ${y}`,
    (y, m) => `${y}Q${quarter(m)}`,
    (y, m) => `${quarter(m)}Q${y % 100}`,
    (y, m) => `Q${quarter(m)}.${y}`,
  ]
  for (const spelling of quarters) {
    const { column } = inferColumn('x', months(spelling))
    t.match(column, { kind: 'temporal', granularity: 'quarter' }, spelling(2021, 7))
    t.equal(column.values[18], Date.UTC(2022, 6, 1))
  }
  t.equal(inferColumn('x', ['7.2023', '8.2023', '9.2023']).column.kind, 'temporal')
})

t.test('prices, rates and versions of that shape stay numbers', async (t) => {
  const numbers: Record<string, string[]> = {
    'other decimals': ['12.2023', '12.5', '11.25', '10.1999', '9.2001'],
    'months beyond 12': ['13.2023', '25.2021', '7.2023', '8.2022'],
    'years beyond 2200': ['7.2023', '8.2451', '9.2023'],
    'rates of one month': ['1.2023', '1.2024', '1.2025', '1.2026', '1.2030', '1.2011'],
    'prices with cents': ['2010.05', '1999.01', '2001.12', '2050.07', '1901.03', '2120.11'],
    versions: ['2023.1', '2023.2', '2023.3', '2022.3', '2022.2'],
    'a decimal of a year': ['2019.5', '2020.0', '2020.5', '2021.0'],
    'two values': ['7.2023', '8.2023'],
  }
  for (const [what, cells] of Object.entries(numbers))
    t.equal(inferColumn('x', cells).column.kind, 'number', what)
  t.equal(pointedMonths('month', ['1.2023', '1.2024', '1.2025'])?.name, 'MM.YYYY', 'a name says so')
  t.equal(inferColumn('pages', ['3-1450', '7-1512', '12-1600']).column.kind === 'temporal', false, 'ranges')
})

t.test('a month is told as a month', async (t) => {
  const rows = months((y, m) => `${two(m)}.${y}`, 40).map(
    (month, i) => `${month},${100 + 5 * i + ((i * 7) % 5)}`,
  )
  const { headline, analysis, sentences } = await makeReport({
    name: 'a.csv',
    text: `when,sold\n${rows.join('\n')}\n`,
  })
  t.match(analysis.tables?.[0], { kind: 'time-series', granularity: 'month' })
  t.match(headline, /in Jan 2021.* in Apr 2024/)
  for (const sentence of sentences) t.notMatch(sentence, /\b1 (?:Jan|Apr) 20|2021-01-01/)
})

t.test('months that are numbers: in JSON, and where a last zero got lost', async (t) => {
  const numbers = Array.from({ length: 30 }, (_, i) =>
    Number(`${2021 + Math.floor(i / 12)}.${two((i % 12) + 1)}`),
  )
  for (const cells of [numbers, numbers.map(String)])
    for (const name of ['month', 'period']) {
      const { column, read } = inferColumn(name, cells)
      t.match(column, { kind: 'temporal', granularity: 'month', malformedCount: 0 }, name)
      t.equal(column.values[9], Date.UTC(2021, 9, 1), 'October is 2021.1')
      t.match(read(cells[9]!), { value: Date.UTC(2021, 9, 1) })
    }
  const others: Record<string, number[]> = {
    price: numbers,
    month: [2021.01, 2021.13, 2021.02],
    period: [2021.5, 2021.25, 2021.75],
    'month ': [2021.01, 2021.3, 2021.1],
  }
  for (const [name, cells] of Object.entries(others))
    t.equal(inferColumn(name, cells).column.kind, 'number', `${name}: ${cells.slice(0, 3)}`)
  t.equal(
    inferColumn('month', ['2021.01', '2021.1', '2021.10']).column.kind,
    'number',
    'it is not known which',
  )
})
