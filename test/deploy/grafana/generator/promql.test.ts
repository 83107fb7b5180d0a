import t from 'tap'
import {
  buckets,
  increase,
  is,
  isNot,
  like,
  max,
  mean,
  observations,
  observed,
  orZero,
  quantile,
  rate,
  ratio,
  selector,
  sum,
  unlike,
} from '../../../../deploy/grafana/generator/promql.ts'
import { parsePromql } from '../../../support/promql.ts'

const AT = 'namespace=~"$namespace"'

t.test(
  'series are those of the namespaces that are chosen, under the conditions that are named',
  async (t) => {
    t.equal(selector('murmur_tasks_active'), `murmur_tasks_active{${AT}}`)
    t.equal(
      selector('tasks_failed_total', { type: like('$type'), code: isNot('INTERNAL') }),
      `tasks_failed_total{${AT}, type=~"$type", code!="INTERNAL"}`,
    )
    t.equal(
      selector('murmur_ready', { check: unlike('a[.]b\\d'), job: is('edge') }),
      `murmur_ready{${AT}, check!~"a[.]b\\\\d", job="edge"}`,
      'a backslash of a regular expression stays one',
    )
  },
)

t.test('gauges are added up or compared, counters by their growth', async (t) => {
  t.equal(sum('murmur_tasks_active'), `sum(murmur_tasks_active{${AT}})`)
  t.equal(max('murmur_breaker_state', { by: ['agent'] }), `max by (agent) (murmur_breaker_state{${AT}})`)
  t.equal(
    rate('murmur_rejected_total', { by: ['code'] }),
    `sum by (code) (rate(murmur_rejected_total{${AT}}[$__rate_interval]))`,
  )
  t.equal(
    increase('murmur_alerts_raised_total'),
    `sum(increase(murmur_alerts_raised_total{${AT}}[$__range]))`,
  )
})

t.test('histograms: quantiles, means and buckets of all instances together', async (t) => {
  const name = 'murmur_step_queue_seconds'
  const of = (suffix: string) => `rate(${name}_${suffix}{${AT}}[$__rate_interval])`
  t.equal(
    quantile(0.95, name, { by: ['agent'] }),
    `histogram_quantile(0.95, sum by (agent, le) (${of('bucket')}))`,
  )
  t.equal(buckets(name), `sum by (le) (${of('bucket')})`)
  t.equal(observed(name), `sum(${of('sum')})`)
  t.equal(observations(name), `sum(${of('count')})`)
  t.equal(mean(name), `(sum(${of('sum')})) / ((sum(${of('count')})) > 0)`)
})

t.test('no share of nothing, and 0 where nothing is found', async (t) => {
  t.equal(ratio('a', 'b'), '(a) / ((b) > 0)')
  t.equal(orZero('a'), '(a) or on() vector(0)')
  const named = orZero('a', { name: 'code', value: 'none' })
  t.equal(named, '(a) or on() label_replace(vector(0), "code", "none", "", "")')
  t.strictSame(parsePromql(named).made, ['code'], 'the legend has a name for it')
})

t.test('names and labels that there are not do not compile', async (t) => {
  // @ts-expect-error no such metric
  t.ok(rate('murmur_nothing_total'))
  // @ts-expect-error no such label
  t.ok(rate('tasks_failed_total', { by: ['agent'] }))
  // @ts-expect-error a gauge has no rate
  t.ok(rate('murmur_tasks_active'))
  // @ts-expect-error a counter is no gauge
  t.ok(sum('tasks_failed_total'))
})
