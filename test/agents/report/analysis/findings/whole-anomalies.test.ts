import t from 'tap'
import { columnFinding } from '../../../../../services/agents/report/analysis/findings/column-findings.ts'
import { wholeAnomalies } from '../../../../../services/agents/report/analysis/findings/whole-anomalies.ts'
import { prepareTable } from '../../../../../services/agents/report/structure/prepared-table.ts'
import { column } from '../sample-documents.ts'

const DAY_MS = 86_400_000
const SAMPLED = 3_000
const EXTREMES = 20

/** Normal numbers from a generator with a seed (mulberry32), by Box & Muller. */
function normals(seed: number): () => number {
  let state = seed
  const random = () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
  return () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random())
}

/** What is told of a column of which every so many rows are the sample; rows are days. */
function apartIn(values: Float64Array) {
  const every = Math.floor(values.length / SAMPLED)
  const sampled = Array.from({ length: SAMPLED }, (_, i) => i * every)
  const order = Float64Array.from(values).sort()
  const [low, high] = [order[EXTREMES - 1]!, order[order.length - EXTREMES]!]
  const ends = (isEnd: (value: number) => boolean) =>
    [...values.entries()].flatMap(([i, value]) =>
      isEnd(value) ? [{ row: i + 1, value, atMs: i * DAY_MS }] : [],
    )
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length
  const quantile = (share: number) => order[Math.floor(share * (order.length - 1))]!
  const numeric = {
    count: values.length,
    mean,
    stdDev: Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1)),
    min: order[0]!,
    q1: quantile(0.25),
    median: quantile(0.5),
    q3: quantile(0.75),
    max: order.at(-1)!,
    skewness: null,
    kurtosis: null,
    histogram: [],
    lowest: ends((value) => value <= low),
    highest: ends((value) => value >= high),
  }
  const whole = {
    rows: values.length,
    sampled: sampled.map((i) => i + 1),
    columns: [{ missing: 0 }, { missing: 0, numeric }],
    copies: 0,
    rules: [],
  }
  const times = {
    ...column(
      'day',
      'temporal',
      sampled.map((i) => i * DAY_MS),
    ),
    granularity: 'day' as const,
  }
  const measure = column(
    'x',
    'number',
    sampled.map((i) => values[i]!),
  )
  const table = prepareTable('a', { name: 'a', rows: SAMPLED, columns: [times, measure], notes: [], whole })
  const about = table.numeric.find(({ name }) => name === 'x')!
  const { numeric: summary } = columnFinding(table, 1)
  const [found] = wholeAnomalies(table, [{ column: about, summary: summary!, trend: null }])
  return { ...found!, shape: summary!.distribution }
}

t.test('one value far out of all rows is told with its row and its day', async (t) => {
  const normal = normals(7)
  const values = Float64Array.from({ length: 100_000 }, () => 50 + normal())
  t.same(apartIn(values).anomalies, [], 'nothing is far out')
  // Beyond the sample, which has every 33rd row.
  values[10_000] = 70
  const { anomalies, pValue } = apartIn(values)
  t.match(anomalies, [{ document: 'a', column: 'x', row: 10_001, value: 70, label: '1997-05-19' }])
  t.equal(anomalies.length, 1)
  t.ok(pValue < 1e-6, `${pValue}`)
  const { low, high } = anomalies[0]!.expected
  t.ok(low > 43 && low < 46 && high > 54 && high < 57, `${low} to ${high}`)
})

t.test('the ends of a heavy tail belong to it, however many rows there are', async (t) => {
  const normal = normals(11)
  // Of Student's t with three degrees of freedom.
  const values = Float64Array.from({ length: 1_000_000 }, () => {
    const chi = normal() ** 2 + normal() ** 2 + normal() ** 2
    return normal() / Math.sqrt(chi / 3)
  })
  t.same(apartIn(values).anomalies, [])
})

t.test('a right-skewed column is judged by its logarithms', async (t) => {
  const normal = normals(3)
  const values = Float64Array.from({ length: 100_000 }, () => Math.exp(normal()))
  const before = apartIn(values)
  t.equal(before.shape, 'right-skewed')
  t.same(before.anomalies, [])
  values[500] = Math.exp(14)
  values[700] = Math.exp(-14)
  const { anomalies } = apartIn(values)
  t.same(
    anomalies.map(({ row }) => row).sort((a, b) => a - b),
    [501, 701],
  )
  t.ok(anomalies.every(({ expected }) => expected.low > 0))
})
