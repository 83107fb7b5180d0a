import { seededRandom } from '../../../../services/agents/report/analysis/statistics/change-points.ts'
import { normalNumbers } from './normal-numbers.ts'

/** Tables in which nothing is to be found: each kind is drawn anew for each seed. */

const DAY_MS = 86_400_000
const BURN_IN = 300
const COLUMNS = 30
const SERIES_COLUMNS = 8
/** Seeds of one table lie together: so many columns at most. */
const SEEDS_A_TABLE = 1_000

export interface NullKind {
  name: string
  /** Kinds of insight that are true of such tables, such as the season of seasonal pairs. */
  allowed: readonly string[]
  /** As CSV. */
  table(seed: number): string
}

type Draw = (n: number, seed: number) => ArrayLike<number | string>

/** x(t) = φ x(t − 1) + e(t) + θ e(t − 1). */
export const autoregressive =
  (phi: number, theta = 0) =>
  (n: number, seed: number): Float64Array => {
    const shocks = normalNumbers(n + BURN_IN, seed)
    const values = new Float64Array(n + BURN_IN)
    for (let i = 1; i < values.length; i++)
      values[i] = phi * values[i - 1]! + shocks[i]! + theta * shocks[i - 1]!
    return values.subarray(BURN_IN)
  }

function garch(n: number, seed: number): Float64Array {
  const shocks = normalNumbers(n + BURN_IN, seed)
  const values = new Float64Array(n + BURN_IN)
  let variance = 1
  let value = 0
  for (let i = 0; i < values.length; i++) {
    variance = 0.05 + 0.1 * value * value + 0.85 * variance
    value = Math.sqrt(variance) * shocks[i]!
    values[i] = value
  }
  return values.subarray(BURN_IN)
}

/** Student's t with three degrees of freedom. */
export function heavyTailed(n: number, seed: number): Float64Array {
  const shocks = normalNumbers(4 * n, seed)
  return Float64Array.from({ length: n }, (_, i) => {
    const [z, a, b, c] = shocks.subarray(4 * i, 4 * i + 4) as unknown as [number, number, number, number]
    return z / Math.sqrt((a * a + b * b + c * c) / 3)
  })
}

function poisson(n: number, seed: number, mean = 3): number[] {
  const random = seededRandom(seed)
  return Array.from({ length: n }, () => {
    let count = 0
    for (let left = random(); left > Math.exp(-mean); left *= random()) count++
    return count
  })
}

function uniformOf<T>(choices: readonly T[]): (n: number, seed: number) => T[] {
  return (n, seed) => {
    const random = seededRandom(seed)
    return Array.from({ length: n }, () => choices[Math.floor(random() * choices.length)]!)
  }
}

const exponential: Draw = (n, seed) => {
  const random = seededRandom(seed)
  return Float64Array.from({ length: n }, () => -Math.log(1 - random()))
}
const logNormal: Draw = (n, seed) => normalNumbers(n, seed).map(Math.exp)

const coins = uniformOf([0, 1])
const MIXED: readonly Draw[] = [
  normalNumbers,
  heavyTailed,
  poisson,
  coins,
  uniformOf(['north', 'south', 'east', 'west']),
  uniformOf(['yes', 'no', 'no', 'no']),
]
const DRAWS: Readonly<Record<string, Draw | readonly Draw[]>> = {
  normal: normalNumbers,
  't₃': heavyTailed,
  '0–1': coins,
  Poisson: poisson,
  exponential,
  'log-normal': logNormal,
  mixed: MIXED,
}
const WANDERING: Readonly<Record<string, Draw>> = {
  'AR(1) φ .5': autoregressive(0.5),
  'AR(1) φ .8': autoregressive(0.8),
  'AR(1) φ .9': autoregressive(0.9),
  'AR(1) φ .95': autoregressive(0.95),
  'AR(1) φ .98': autoregressive(0.98),
  'ARMA(1,1)': autoregressive(0.7, 0.5),
  'random walk': autoregressive(1),
  'GARCH(1,1)': garch,
}

/** A season of a week beside noise with memory: both columns have one, and nothing else in common. */
const weekly: Draw = (n, seed) =>
  autoregressive(0.3)(n, seed).map((value, i) => value + 3 * Math.sin((2 * Math.PI * i) / 7 + seed))

/** Every kind of null table that the gate is about. */
export function nullKinds(sizes: { tables: readonly number[]; series: readonly number[] }): NullKind[] {
  const tables = Object.entries(DRAWS).flatMap(([name, draws]) =>
    sizes.tables.flatMap((n) =>
      [false, true].map((dated) =>
        kind(`${name}, n = ${n}${dated ? ', dated' : ''}`, { draws, n, dated, columns: COLUMNS }),
      ),
    ),
  )
  const series = Object.entries(WANDERING).flatMap(([name, draws]) =>
    sizes.series.map((n) => kind(`${name}, n = ${n}`, { draws, n, dated: true, columns: SERIES_COLUMNS })),
  )
  const pairs = sizes.series.map((n) => ({
    ...kind(`seasonal pair, n = ${n}`, { draws: weekly, n, dated: true, columns: 2 }),
    allowed: ['seasonality'],
  }))
  return [
    ...tables,
    ...series,
    ...pairs,
    panel('panel of 10 × 20', { entities: 10, moments: 20 }),
    panel('panel of 30 × 24', { entities: 30, moments: 24 }),
  ]
}

interface Shape {
  draws: Draw | readonly Draw[]
  n: number
  dated: boolean
  columns: number
}

function kind(name: string, { draws, n, dated, columns }: Shape): NullKind {
  return {
    name,
    allowed: [],
    table: (seed) =>
      csv([
        ...(dated ? [['date', ...daysFrom(n)]] : []),
        ...Array.from({ length: columns }, (_, j) => {
          const draw = typeof draws === 'function' ? draws : draws[j % draws.length]!
          return [`c${j}x`, ...Array.from(draw(n, SEEDS_A_TABLE * seed + j))]
        }),
      ]),
  }
}

/** Each entity has a level of its own and memory. */
function panel(name: string, { entities, moments }: { entities: number; moments: number }): NullKind {
  const names = Array.from(
    { length: entities },
    (_, e) => `unit ${String.fromCharCode(65 + (e % 26))}${e >= 26 ? 2 : ''}`,
  )
  const measure = (seed: number) => {
    const levels = normalNumbers(entities, seed)
    return names.flatMap((_, e) => [
      ...autoregressive(0.5)(moments, seed + e + 1).map((value) => value + 10 * levels[e]!),
    ])
  }
  return {
    name,
    allowed: [],
    table: (seed) =>
      csv([
        ['date', ...names.flatMap(() => daysFrom(moments))],
        ['unit', ...names.flatMap((unit) => Array.from({ length: moments }, () => unit))],
        ...Array.from({ length: 4 }, (_, j) => [`c${j}x`, ...measure(SEEDS_A_TABLE * seed + 100 * j)]),
      ]),
  }
}

/** Days from 2015 on. */
export function daysFrom(n: number): string[] {
  return Array.from({ length: n }, (_, i) =>
    new Date(Date.UTC(2015, 0, 1) + i * DAY_MS).toISOString().slice(0, 10),
  )
}

/** Firsts of months from 2015 on. */
export function monthsFrom(n: number): string[] {
  return Array.from({ length: n }, (_, i) => new Date(Date.UTC(2015, i, 1)).toISOString().slice(0, 10))
}

const DIGITS = 8

/** Columns, the name first, as CSV. */
export function csv(columns: readonly (readonly (number | string)[])[]): string {
  const text = (cell: number | string) =>
    typeof cell === 'number' && !Number.isInteger(cell) ? cell.toPrecision(DIGITS) : String(cell)
  return columns[0]!.map((_, row) => columns.map((column) => text(column[row]!)).join(',')).join('\n')
}
