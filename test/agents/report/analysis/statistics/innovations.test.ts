import t from 'tap'
import {
  spearman,
  spearmanPValue,
} from '../../../../../services/agents/report/analysis/statistics/correlation.ts'
import { innovationsOf } from '../../../../../services/agents/report/analysis/statistics/innovations.ts'
import { seriesResiduals } from '../../../../../services/agents/report/analysis/statistics/series-residuals.ts'
import { normalNumbers } from '../normal-numbers.ts'

const autoregressive = (phi: number, seed: number, count = 120) => {
  let at = 0
  return normalNumbers(count + 100, seed)
    .map((step) => (at = phi * at + step))
    .slice(100)
}
/** Of the rank correlation of what both know at the same moments. */
const pValueOf = (a: Float64Array, b: Float64Array, period?: number) => {
  const [left, right] = [innovationsOf(a, period)!, innovationsOf(b, period)!]
  const common = [...left.values.keys()].filter((i) => !Number.isNaN(left.values[i]! + right.values[i]!))
  const rho = spearman(
    common.map((i) => left.values[i]!),
    common.map((i) => right.values[i]!),
  )!
  return spearmanPValue(rho, common.length - Math.max(left.fitted, right.fitted))
}

t.test('independent series with memory couple as rarely as chance says', async (t) => {
  for (const [i, phi] of [0, 0.5, 0.9, 1].entries()) {
    let rejected = 0
    for (let round = 0; round < 100; round++) {
      if (pValueOf(autoregressive(phi, 400 * i + round), autoregressive(phi, 400 * i + 200 + round)) <= 0.05)
        rejected += 1
    }
    t.ok(rejected <= 11, `phi ${phi}: ${rejected} of 100 at 0.05`)
  }
})

t.test('series that share what is new in them do couple, whatever trend and season they have', async (t) => {
  const shared = normalNumbers(120, 3)
  const own = normalNumbers(120, 4)
  const a = shared.map((value, i) => value + 0.2 * i + 5 * Math.sin((2 * Math.PI * i) / 12))
  const b = shared.map((value, i) => value + 0.5 * own[i]! - 0.3 * i + 3 * Math.cos((2 * Math.PI * i) / 12))
  t.ok(pValueOf(a, b, 12) < 1e-6)
})

t.test('too short, or nothing left', async (t) => {
  t.equal(innovationsOf(normalNumbers(12, 1)), null)
  t.equal(innovationsOf(Float64Array.from({ length: 60 }, (_, i) => 3 * i + 1)), null, 'an exact line')
})

t.test('residuals: line and season go, an outlier is pulled in', async (t) => {
  const noise = normalNumbers(120, 8)
  const y = noise.map((value, i) => 100 + 2 * i + 10 * (i % 12) + value + (i === 50 ? 500 : 0))
  const residuals = seriesResiduals(y, 12)!
  t.ok(Math.max(...residuals.map(Math.abs)) < 10, `${Math.max(...residuals.map(Math.abs))}`)
})

t.test(
  'levels of phases that are taken out count as fitted, so that a week in a month makes nothing surer',
  async (t) => {
    t.equal(
      innovationsOf(autoregressive(0, 9, 30), 7)!.fitted - innovationsOf(autoregressive(0, 9, 30))!.fitted,
      4,
    )
    const small = { pairs: 0, of: 0 }
    for (let table = 0; table < 6; table++) {
      const series = Array.from({ length: 30 }, (_, i) => autoregressive(0, 900 + 40 * table + i, 30))
      for (let i = 0; i < series.length; i++)
        for (let j = 0; j < i; j++) {
          small.of += 1
          if (pValueOf(series[i]!, series[j]!, 7) <= 0.01) small.pairs += 1
        }
    }
    t.ok(small.pairs / small.of < 0.013, `${small.pairs} of ${small.of}`)
  },
)
