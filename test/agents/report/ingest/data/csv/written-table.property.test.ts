import fc from 'fast-check'
import t from 'tap'
import { parseCsv } from '../../../../../../services/agents/report/ingest/data/csv/parse-csv.ts'

const two = (n: number) => String(n).padStart(2, '0')
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
type Day = { year: number; month: number; date: number }

/** Ways to write a day; those of numbers alone are read when some day is beyond the twelfth. */
const DATES: Record<string, (day: Day) => string> = {
  iso: ({ year, month, date }) => `${year}-${two(month)}-${two(date)}`,
  german: ({ year, month, date }) => `${date}.${month}.${year}`,
  american: ({ year, month, date }) => `${month}/${date}/${year}`,
  british: ({ year, month, date }) => `${two(date)}/${two(month)}/${year}`,
  dashed: ({ year, month, date }) => `${two(date)}-${two(month)}-${year}`,
  short: ({ year, month, date }) => `${month}/${date}/${two(year % 100)}`,
  oracle: ({ year, month, date }) => `${two(date)}-${MONTHS[month - 1]}-${year}`,
  words: ({ year, month, date }) => `${MONTHS[month - 1]} ${date} ${year}`,
  compact: ({ year, month, date }) => `${year}${two(month)}${two(date)}`,
}

const dialect = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  decimal: fc.constantFrom('.', ','),
  quoting: fc.constantFrom('all', 'needed'),
  date: fc.constantFrom(...Object.keys(DATES)),
  missing: fc.constantFrom('', 'NA', 'n/a', '.', 'null', '#N/A', '-'),
  hasHeader: fc.boolean(),
})
const row = fc.record({
  day: fc.record({
    year: fc.integer({ min: 1990, max: 2030 }),
    month: fc.integer({ min: 1, max: 12 }),
    date: fc.integer({ min: 1, max: 28 }),
  }),
  word: fc.constantFrom('north', 'south, west', 'he said "no"', 'Österreich', 'x;y|z'),
  amount: fc.option(
    fc.integer({ min: -999_999, max: 999_999 }).map((cents) => cents / 100),
    { freq: 5 },
  ),
  count: fc.integer({ min: 0, max: 5_000 }),
})

t.test('a table is read back as it was, whatever its dialect', async () => {
  const rows = fc.array(row, { minLength: 12, maxLength: 40 })
  fc.assert(
    fc.property(dialect, rows, ({ delimiter, decimal, quoting, date, missing, hasHeader }, written) => {
      // One day beyond the twelfth tells days from months; one number with decimals tells their sign.
      const all = [
        ...written,
        { day: { year: 2021, month: 3, date: 25 }, word: 'north', amount: 1234.56, count: 7 },
      ]
      const quote = (cell: string) =>
        quoting === 'all' || /["\n,;\t|]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell
      const lines = all.map(({ day, word, amount, count }) => [
        DATES[date]!(day),
        word,
        amount === null ? missing : amount.toFixed(2).replace('.', decimal),
        String(count),
      ])
      const head = hasHeader ? [['date', 'region', 'amount', 'count']] : []
      const text = [...head, ...lines].map((cells) => cells.map(quote).join(delimiter)).join('\n')
      const { columns, rows: count } = parseCsv(text, { name: 'a.csv' })
      const values = columns.map((column) => column.values)
      return (
        count === all.length &&
        columns.length === 4 &&
        (!hasHeader || columns[2]!.name === 'amount') &&
        all.every(
          ({ day, word, amount, count: n }, i) =>
            values[0]![i] === Date.UTC(day.year, day.month - 1, day.date) &&
            values[1]![i] === word &&
            values[2]![i] === amount &&
            values[3]![i] === n,
        )
      )
    }),
    { numRuns: 500 },
  )
})
