import t from 'tap'
import { wholeFigures } from '../../../../../services/agents/report/ingest/large/whole-figures.ts'
import { openTypedInput } from './typed-input.ts'

const { engine, typed } = await openTypedInput()
t.teardown(() => engine.close())
const hundred = (cell: (i: number) => string | null) => Array.from({ length: 100 }, (_, i) => cell(i))

t.test('moments, bins and extremes of numbers, words by their counts', async (t) => {
  const day = (i: number) => new Date(Date.UTC(2021, 0, 1 + i)).toISOString().slice(0, 10)
  const { file } = await typed({
    day: hundred(day),
    square: hundred((i) => (i === 50 ? null : `${i * i}`)),
    word: hundred((i) => (i % 4 === 3 ? null : 'ppq'[i % 3]!)),
  })
  const [, square, word] = await wholeFigures(engine, file)
  t.equal(square!.missing, 1)
  const { numeric } = square!
  t.match(numeric, { count: 99, min: 0, max: 9801 })
  const values = Array.from({ length: 100 }, (_, i) => i * i).filter((_, i) => i !== 50)
  // By their definitions, as pandas has them.
  const mean = values.reduce((sum, value) => sum + value, 0) / 99
  const moment = (power: number) => values.reduce((sum, value) => sum + (value - mean) ** power, 0) / 99
  const near = (a: number | null, b: number, what: string) =>
    t.ok(a !== null && Math.abs(a - b) <= 1e-9 * Math.abs(b), `${what}: ${a}, ${b}`)
  near(numeric!.mean, mean, 'mean')
  near(numeric!.stdDev, Math.sqrt((moment(2) * 99) / 98), 'standard deviation')
  near(numeric!.skewness, (Math.sqrt(99 * 98) / 97) * (moment(3) / moment(2) ** 1.5), 'skewness')
  near(numeric!.kurtosis, (98 / (97 * 96)) * (100 * (moment(4) / moment(2) ** 2 - 3) + 6), 'kurtosis')
  t.equal(
    numeric!.histogram.reduce((sum, { count }) => sum + count, 0),
    99,
  )
  t.equal(numeric!.histogram.at(-1)!.high, 9801)
  t.same(numeric!.highest[0], { row: 100, value: 9801, atMs: Date.UTC(2021, 0, 100) })
  t.same(
    numeric!.lowest.map(({ row }) => row),
    Array.from({ length: 20 }, (_, i) => i + 1),
  )
  t.same(word, {
    missing: 25,
    distinct: 2,
    top: [
      { value: 'p', count: 50 },
      { value: 'q', count: 25 },
    ],
  })
})

t.test('one value in all rows, and values whose squares overflow', async (t) => {
  const { file } = await typed({ same: hundred(() => '7'), huge: hundred((i) => `${i % 2 ? '' : '-'}1e300`) })
  const [same, huge] = await wholeFigures(engine, file)
  t.match(same!.numeric, { stdDev: 0, skewness: null, histogram: [{ low: 7, high: 7, count: 100 }] })
  const spread = huge!.numeric!.stdDev / (1e300 * Math.sqrt(100 / 99))
  t.ok(Math.abs(spread - 1) < 1e-12, `${spread}`)
})

t.test('a frequent text is not told at all its length', async (t) => {
  const { file } = await typed({ text: hundred((i) => (i % 2 ? 'x'.repeat(5_000) : `w${i % 3}`)) })
  const [{ top = [] } = {}] = await wholeFigures(engine, file)
  t.match(top[0], { count: 50 })
  t.equal(top[0]!.value.length, 1_000)
})

t.test('quartiles of very many rows, and of a column with few values among them', async (t) => {
  const rows = 1_000_000
  const [figures, rare] = await wholeFigures(engine, {
    from: () =>
      `(SELECT CAST(i AS DOUBLE) AS v0, CASE WHEN i % 100000 = 7 THEN CAST(i // 100000 AS DOUBLE) END AS v1, i + 1 AS row_number FROM range(${rows}) r(i))`,
    rows,
    others: 0,
    columns: [
      { kind: 'number', isNumeric: true },
      { kind: 'number', isNumeric: true },
    ],
    parts: [[0, 1]],
    timeColumn: undefined,
    without: () => {
      throw new Error('no row is left out here')
    },
  })
  for (const [share, quartile] of [
    [0.25, figures!.numeric!.q1],
    [0.5, figures!.numeric!.median],
    [0.75, figures!.numeric!.q3],
  ] as const)
    t.ok(Math.abs(quartile / rows - share) < 0.005, `${share}: ${quartile}`)
  t.equal(rare!.numeric!.count, 10)
  t.ok(Math.abs(rare!.numeric!.median - 4.5) <= 0.5, `${rare!.numeric!.median}`)
})
