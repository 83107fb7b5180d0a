import t from 'tap'
import { analyseDocuments } from '../../../../services/agents/report/analysis/analyse-documents.ts'
import { normalNumbers } from './normal-numbers.ts'
import { column, dataDocument } from './sample-documents.ts'

const DAY_MS = 86_400_000
const BURN_IN = 300
const MODERATE = 0.5
const STRONG = 0.8

/** x(t) = φ x(t − 1) + e(t) + θ e(t − 1). */
function autoregressive(n: number, { phi, theta = 0 }: { phi: number; theta?: number }, seed: number) {
  const shocks = normalNumbers(n + BURN_IN, seed)
  const values: number[] = []
  for (let i = 1, value = 0; i < n + BURN_IN; i++) {
    value = phi * value + shocks[i]! + theta * shocks[i - 1]!
    if (i >= BURN_IN) values.push(value)
  }
  return values
}

function garch(n: number, seed: number): number[] {
  const shocks = normalNumbers(n + BURN_IN, seed)
  const values: number[] = []
  for (let i = 0, variance = 1, value = 0; i < n + BURN_IN; i++) {
    variance = 0.05 + 0.1 * value * value + 0.85 * variance
    value = Math.sqrt(variance) * shocks[i]!
    if (i >= BURN_IN) values.push(value)
  }
  return values
}

function strengths(columns: readonly (readonly number[])[], dated: boolean): number[] {
  const dates = columns[0]!.map((_, i) => Date.UTC(2015, 0, 1) + i * DAY_MS)
  const document = dataDocument('d.csv', [
    ...(dated ? [column('date', 'temporal', dates)] : []),
    ...columns.map((values, i) => column(`c${i}x`, 'number', [...values])),
  ])
  const work = analyseDocuments([document])
  let step = work.next()
  while (!step.done) step = work.next()
  return step.value.insights
    .filter(({ kind }) => !['quality', 'structure', 'category'].includes(kind))
    .map(({ strength }) => strength)
}

const SERIES: Readonly<Record<string, (n: number, seed: number) => number[]>> = {
  'AR(1) φ .5': (n, seed) => autoregressive(n, { phi: 0.5 }, seed),
  'AR(1) φ .95': (n, seed) => autoregressive(n, { phi: 0.95 }, seed),
  'AR(1) φ .98': (n, seed) => autoregressive(n, { phi: 0.98 }, seed),
  'random walk': (n, seed) => autoregressive(n, { phi: 1 }, seed),
  'ARMA(1,1)': (n, seed) => autoregressive(n, { phi: 0.7, theta: 0.5 }, seed),
  'GARCH(1,1)': garch,
}
const REPORTS = 20

t.test(
  'of single series that only wander, at most 5 % of reports claim something, none strongly',
  async (t) => {
    const claims = Object.entries(SERIES).flatMap(([name, make]) =>
      [30, 200].flatMap((n) =>
        Array.from({ length: REPORTS }, (_, seed) => ({
          name: `${name}, n = ${n}, seed ${seed}`,
          found: strengths([make(n, 1000 * (seed + 1) + n)], true),
        })),
      ),
    )
    const above = (limit: number) =>
      claims.filter(({ found }) => found.some((strength) => strength >= limit)).map(({ name }) => name)
    t.ok(above(MODERATE).length <= 0.05 * claims.length, above(MODERATE).join('; '))
    t.strictSame(above(STRONG), [])
  },
)

t.test('30 columns of normal noise, with a date and without, n = 12 and 30', async (t) => {
  const claims = [12, 30].flatMap((n) =>
    [false, true].flatMap((dated) =>
      Array.from({ length: REPORTS }, (_, seed) => {
        const columns = Array.from({ length: 30 }, (_, j) => [...normalNumbers(n, 5000 * (seed + 1) + j)])
        return strengths(columns, dated)
      }),
    ),
  )
  const above = (limit: number) =>
    claims.filter((found) => found.some((strength) => strength >= limit)).length
  t.ok(above(MODERATE) <= 0.05 * claims.length, `${above(MODERATE)} of ${claims.length}`)
  t.equal(above(STRONG), 0)
})
