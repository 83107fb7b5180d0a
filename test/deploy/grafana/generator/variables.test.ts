import t from 'tap'
import { datasourceVariable, labelVariable } from '../../../../deploy/grafana/generator/variables.ts'

const ABOUT = { name: 'agent', title: 'Agent', description: 'Which.' }

t.test('several values or all: what has no such label counts, too', async (t) => {
  const made = labelVariable({ ...ABOUT, label: 'agent', series: 'murmur_breaker_state' }).build()
  t.match(made, {
    type: 'query',
    multi: true,
    includeAll: true,
    allValue: '.*',
    definition: 'label_values(murmur_breaker_state, agent)',
    current: { value: '$__all' },
  })
})

t.test('one value, and which at first', async (t) => {
  const series = 'traces_span_metrics_calls_total'
  const made = labelVariable({ ...ABOUT, label: 'service_name', series, single: 'edge' }).build()
  t.match(made, { multi: false, current: { value: 'edge' } })
  t.notOk(made.includeAll)
})

t.test('a label that the series does not have does not compile', async (t) => {
  // @ts-expect-error no such label
  t.ok(labelVariable({ ...ABOUT, label: 'camera', series: 'murmur_breaker_state' }))
})

t.test('data sources are those that are provisioned, by their uids', async (t) => {
  const about = { type: 'loki', title: 'Loki', description: 'Logs.' }
  t.match(datasourceVariable('loki', about).build(), {
    type: 'datasource',
    query: 'loki',
    current: { value: 'loki' },
  })
  const metrics = { type: 'prometheus', title: 'Prometheus', description: 'Metrics.' }
  t.match(datasourceVariable('datasource', metrics).build().current, { value: 'prometheus' })
})
