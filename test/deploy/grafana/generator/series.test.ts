import t from 'tap'
import { METRICS } from '#platform/telemetry/metric-names.ts'
import { SERIES } from '../../../../deploy/grafana/generator/series.ts'

t.test('our own metrics are as their tables have them: no other table says something else', async (t) => {
  for (const [name, spec] of Object.entries(METRICS))
    t.equal(SERIES[name as keyof typeof METRICS], spec, name)
})

t.test('histograms stand under their own name, without the endings of their samples', async (t) => {
  const histograms = Object.entries(SERIES).filter(([, { type }]) => type === 'histogram')
  t.ok(histograms.length > 10)
  for (const [name] of histograms) t.notMatch(name, /_(bucket|sum|count)$/)
})
