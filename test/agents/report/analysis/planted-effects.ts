import type { Insight } from '#schemas/analysis.ts'
import { seededRandom } from '../../../../services/agents/report/analysis/statistics/change-points.ts'
import {
  normalTwoSided,
  studentTwoSided,
} from '../../../../services/agents/report/analysis/statistics/probability.ts'
import { normalNumbers } from './normal-numbers.ts'
import { csv, daysFrom, monthsFrom } from './null-tables.ts'

/** Tables of noise with one effect of known size in columns `v` (and `w` or `group`). */
export interface PlantedKind {
  name: string
  /** As CSV. */
  table(seed: number): string
  /** Whether an insight is the effect. */
  isHit(insight: Insight): boolean
  /**
   * Whether the best test finds it that knows everything but the effect's size: the noise, its independence, the place. At the level
   * that a budget of 0.01 leaves for one of the tests of such a table, all questions sharing it evenly.
   */
  oracle(seed: number): boolean
}

type Cells = ArrayLike<number | string>

interface Plan {
  name: string
  kind: Insight['kind']
  columns(seed: number): Record<string, Cells>
  /** p of the one who knows. */
  pValue(columns: Record<string, Cells>): number
  noiseColumns: number
  date?: 'day' | 'month'
  /** Tests that share the budget: questions × tests a question. */
  tests: number
}

const BUDGET = 0.01
const SEEDS_A_TABLE = 1_000

function planned({ name, kind, columns, pValue, noiseColumns, date, tests }: Plan): PlantedKind {
  return {
    name,
    table(seed) {
      const planted = columns(SEEDS_A_TABLE * seed)
      const n = Object.values(planted)[0]!.length
      const dates = date === 'month' ? monthsFrom(n) : daysFrom(n)
      const noise = Array.from({ length: noiseColumns }, (_, j) => [
        `z${j}`,
        ...normalNumbers(n, SEEDS_A_TABLE * seed + 100 + j),
      ])
      return csv([
        ...(date ? [['date', ...dates]] : []),
        ...Object.entries(planted).map(([key, values]) => [key, ...Array.from(values)]),
        ...noise,
      ])
    },
    isHit: (insight) =>
      insight.kind === kind &&
      Object.keys(columns(1)).every((key) => insight.provenance.some(({ column }) => column === key)),
    oracle: (seed) => pValue(columns(SEEDS_A_TABLE * seed)) <= BUDGET / tests,
  }
}

/** Two-sided p of a known pattern in noise of standard deviation 1. */
function patternPValue(values: Cells, pattern: (i: number, n: number) => number): number {
  const n = values.length
  const shape = Float64Array.from({ length: n }, (_, i) => pattern(i, n))
  const centre = shape.reduce((sum, value) => sum + value, 0) / n
  let along = 0
  let length = 0
  shape.forEach((value, i) => {
    along += (value - centre) * (values[i] as number)
    length += (value - centre) ** 2
  })
  return normalTwoSided(along / Math.sqrt(length))
}

const series = (
  name: string,
  about: {
    kind: Insight['kind']
    n: number
    pattern(i: number, n: number): number
    date?: 'day' | 'month'
  },
): PlantedKind =>
  inSeries(name, {
    ...about,
    date: about.date ?? 'day',
    value: (noise, i) => noise + about.pattern(i, about.n),
  })

/** Trend, step, spread, season and tail of five columns; their pairs and humps. */
const SERIES_TESTS = 7 * 5

function inSeries(
  name: string,
  {
    kind,
    n,
    date,
    value,
    pattern,
  }: {
    kind: Insight['kind']
    n: number
    date: 'day' | 'month'
    value(noise: number, i: number): number
    pattern?(i: number, n: number): number
  },
): PlantedKind {
  const half = n / 2
  return planned({
    name,
    kind,
    date,
    noiseColumns: 4,
    tests: SERIES_TESTS,
    columns: (seed) => ({ v: normalNumbers(n, seed).map(value) }),
    pValue: ({ v }) => (pattern ? patternPValue(v!, pattern) : spreadPValue(v!, half)),
  })
}

/** Mean square of the second part against the first's known 1: Wilson & Hilferty's normal of chi-square. */
function spreadPValue(values: Cells, from: number): number {
  const part = Array.from(values as ArrayLike<number>).slice(from)
  const degrees = part.length
  const square = part.reduce((sum, value) => sum + value * value, 0) / degrees
  const spread = 2 / (9 * degrees)
  return normalTwoSided((Math.cbrt(square) - (1 - spread)) / Math.sqrt(spread))
}

function outlier(name: string, n: number, size: number): PlantedKind {
  const at = 3
  return planned({
    name,
    kind: 'anomaly',
    noiseColumns: 9,
    tests: 3 * 10 * n,
    columns: (seed) => ({ v: normalNumbers(n, seed).map((value, i) => (i === at ? size : value)) }),
    pValue: ({ v }) => normalTwoSided(v![at] as number),
  })
}

function correlated(name: string, n: number, rho: number): PlantedKind {
  return planned({
    name,
    kind: 'correlation',
    noiseColumns: 8,
    tests: 3 * 45,
    columns: (seed) => {
      const v = normalNumbers(n, seed)
      const other = normalNumbers(n, seed + 1)
      return { v, w: v.map((value, i) => rho * value + Math.sqrt(1 - rho * rho) * other[i]!) }
    },
    pValue: ({ v, w }) => {
      const [a, b] = [v as Float64Array, w as Float64Array]
      const sum = (f: (i: number) => number) => a.reduce((total, _, i) => total + f(i), 0)
      const r = sum((i) => a[i]! * b[i]!) / Math.sqrt(sum((i) => a[i]! ** 2) * sum((i) => b[i]! ** 2))
      return studentTwoSided(r * Math.sqrt((n - 1) / (1 - r * r)), n - 1)
    },
  })
}

function different(name: string, n: number, d: number): PlantedKind {
  const isLeft = (i: number) => i % 2 === 0
  return planned({
    name,
    kind: 'difference',
    noiseColumns: 4,
    tests: 4 * 5,
    columns: (seed) => ({
      v: normalNumbers(n, seed).map((value, i) => value + (isLeft(i) ? d : 0)),
      group: Array.from({ length: n }, (_, i) => (isLeft(i) ? 'left' : 'right')),
    }),
    pValue: ({ v }) => patternPValue(v!, (i) => (isLeft(i) ? 1 : 0)),
  })
}

function shares(name: string, n: number, [left, right]: readonly [number, number]): PlantedKind {
  const isLeft = (i: number) => i % 2 === 0
  return planned({
    name,
    kind: 'association',
    noiseColumns: 4,
    tests: 5,
    columns: (seed) => {
      const random = seededRandom(seed)
      return {
        v: Array.from({ length: n }, (_, i) => (random() < (isLeft(i) ? left : right) ? 'yes' : 'no')),
        group: Array.from({ length: n }, (_, i) => (isLeft(i) ? 'left' : 'right')),
      }
    },
    // Difference of two shares with the variance that it has without one.
    pValue: ({ v }) => {
      const count = (wanted: boolean) =>
        Array.from(v!).filter((cell, i) => cell === 'yes' && isLeft(i) === wanted).length
      const share = (left + right) / 2
      return normalTwoSided((count(true) - count(false)) / Math.sqrt(n * share * (1 - share)))
    },
  })
}

const FULL_TURN = 2 * Math.PI

/** Every effect whose power is told. */
export function powerKinds(): PlantedKind[] {
  const trend = (n: number, size: number) => ({
    kind: 'trend' as const,
    n,
    pattern: (i: number) => (size * i) / n,
  })
  const step = (n: number, size: number) => ({
    kind: 'change-point' as const,
    n,
    pattern: (i: number) => (i < n / 2 ? 0 : size),
  })
  const wider = (name: string, n: number, factor = 4) =>
    inSeries(name, {
      kind: 'change-point',
      n,
      date: 'day',
      value: (noise, i) => noise * (i < n / 2 ? 1 : factor),
    })
  return [
    outlier('one value 10 sd out among 60, ten columns', 60, 10),
    outlier('one value 14 sd out among 60, ten columns', 60, 14),
    outlier('one value 8 sd out among 200, ten columns', 200, 8),
    outlier('one value 10 sd out among 200, ten columns', 200, 10),
    series('a trend of 3 sd over 60 days', trend(60, 3)),
    series('a trend of 4 sd over 60 days', trend(60, 4)),
    series('a trend of 3 sd over 120 days', trend(120, 3)),
    series('a step of 3 sd in 60 days', step(60, 3)),
    series('a step of 4 sd in 60 days', step(60, 4)),
    series('a step of 2 sd in 60 days', step(60, 2)),
    series('a step of 2 sd in 120 days', step(120, 2)),
    wider('a spread × 4 in 100 days', 100),
    wider('a spread × 4 in 200 days', 200),
    wider('a spread × 8 in 200 days', 200, 8),
    series('a year of months, highest less lowest 4 sd, in 60 months', {
      kind: 'seasonality',
      n: 60,
      date: 'month',
      pattern: (i) => 2 * Math.sin((FULL_TURN * i) / 12),
    }),
    series('a week, highest less lowest 2 sd, in 120 days', {
      kind: 'seasonality',
      n: 120,
      pattern: (i) => Math.sin((FULL_TURN * i) / 7),
    }),
    correlated('a correlation of 0.6 in 60 rows, ten columns', 60, 0.6),
    correlated('a correlation of 0.7 in 60 rows, ten columns', 60, 0.7),
    different('two groups of 40 that lie 1 sd apart, five measures', 80, 1),
    different('two groups of 40 that lie 1.3 sd apart, five measures', 80, 1.3),
    shares('shares of 20 % and 60 % in two groups of 60', 120, [0.2, 0.6]),
  ]
}
