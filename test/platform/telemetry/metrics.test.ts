import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { METRICS, type MetricSpec } from '#platform/telemetry/metric-names.ts'
import { createMetrics } from '#platform/telemetry/metrics.ts'
import { projectRoot } from '../../../deploy/local/project-paths.ts'
import { metricsPage } from '../../gate/metrics-page.ts'

const specs: [string, MetricSpec][] = Object.entries(METRICS)

t.test('the table keeps the rules for names', async (t) => {
  const promised = [
    'tasks_submitted_total',
    'tasks_completed_total',
    'tasks_failed_total',
    'task_execution_time_ms',
    'queue_depth',
  ]
  for (const name of promised) t.ok(name in METRICS, name)
  for (const [name, spec] of specs) {
    if (!promised.includes(name)) t.match(name, /^murmur_[a-z_]+$/, name)
    t.equal(spec.type === 'counter', name.endsWith('_total'), `${name} ends as its type asks`)
    t.equal(spec.type === 'histogram', spec.buckets !== undefined, `${name} has buckets only as a histogram`)
    t.strictSame(
      spec.buckets?.toSorted((a, b) => a - b),
      spec.buckets,
      `${name} has ascending buckets`,
    )
    t.equal(spec.type === 'histogram', spec.bounds !== undefined, `${name} says why it has its buckets`)
    if (spec.unit === 'seconds' && spec.buckets)
      t.ok(spec.buckets.includes(0.5), `${name} has a bound at the half second that levels are about`)
    t.notOk(
      spec.labels.some((label) => /id$/.test(label)),
      `${name} has no ids as labels`,
    )
  }
})

t.test('docs/metrics.md says what the tables say', async (t) => {
  const page = readFileSync(join(projectRoot, 'docs/metrics.md'), 'utf8')
  t.equal(page, metricsPage(), 'npm run docs brings it to what is true')
})

t.test('a process shows its own families from the start, with 0 where the labels are known', async (t) => {
  const edge = createMetrics({ parts: ['edge'] })
  const text = await edge.expose()
  t.match(text, 'murmur_edge_refused_total{code="RATE_LIMITED"} 0')
  t.notMatch(text, 'murmur_partitions_owned', 'others belong elsewhere')
  edge.counter('murmur_chunks_total').labels('x').inc()
  t.match(await edge.expose(), 'murmur_chunks_total{agent="x"} 1', 'what is counted is never lost')
  t.match(await createMetrics().expose(), 'murmur_alerts_raised_total{severity="critical"} 0')
})

t.test('OpenMetrics has exemplars of traces that are recorded', async (t) => {
  const metrics = createMetrics({ parts: ['orchestrator'] })
  const took = metrics.histogram('task_execution_time_ms').labels('report')
  const [trace, span] = ['0af7651916cd43dd8448eb211c80319c', 'b7ad6b7169203331']
  took.observe(3, `00-${trace}-${span}-01`, 1_790_000_000_500)
  took.observe(30, `00-${trace}-${span}-00`, 1_790_000_000_500)
  took.observe(300)
  metrics.counter('tasks_submitted_total').labels('report').inc()
  const lines = (await metrics.expose('openmetrics')).split('\n')
  const exemplars = lines.filter((line) => line.includes(' # {'))
  t.strictSame(exemplars, [
    `task_execution_time_ms_bucket{type="report",le="5"} 1 # {trace_id="${trace}",span_id="${span}"} 3 1790000000.500`,
  ])
  t.ok(lines.includes('# TYPE tasks_submitted counter'))
  t.ok(lines.includes('tasks_submitted_total{type="report"} 1'))
  t.equal(lines.at(-2), '# EOF')
  t.notMatch(await metrics.expose(), / # \{/, 'the older format has none')
})

const promtool = spawnSync('promtool', ['--version']).status === 0
t.test('promtool finds nothing', { skip: promtool ? false : 'no promtool here' }, async (t) => {
  const metrics = createMetrics({ processMetrics: true })
  const { stdout, stderr } = spawnSync('promtool', ['check', 'metrics'], {
    input: await metrics.expose(),
    encoding: 'utf8',
  })
  const found = `${stdout}${stderr}`.split('\n').filter((line) => line !== '')
  // That has the name that users were promised.
  t.strictSame(
    found.filter((line) => !line.startsWith('task_execution_time_ms')),
    [],
  )
})

t.test('counters, gauges and histograms in the format of Prometheus', async (t) => {
  const metrics = createMetrics()
  const submitted = metrics.counter('tasks_submitted_total')
  submitted.labels('report').inc()
  submitted.labels('report').inc(2)
  submitted.labels('a "quoted"\n\\type').inc()
  metrics.counter('tasks_failed_total').labels('plan', 'STEP_FAILED').inc()
  metrics.counter('murmur_commit_conflicts_total').labels().inc()
  metrics.gauge('queue_depth').labels('report').set(5)
  const duration = metrics.histogram('task_execution_time_ms').labels('report')
  for (const ms of [0.5, 1, 3, 700_000, Number.NaN, -4]) duration.observe(ms)

  const lines = (await metrics.expose()).split('\n')
  for (const line of [
    '# TYPE tasks_submitted_total counter',
    'tasks_submitted_total{type="report"} 3',
    'tasks_submitted_total{type="a \\"quoted\\"\\n\\\\type"} 1',
    'tasks_failed_total{type="plan",code="STEP_FAILED"} 1',
    'murmur_commit_conflicts_total 1',
    'murmur_tasks_active 0',
    'queue_depth{task_type="report"} 5',
    '# TYPE task_execution_time_ms histogram',
    'task_execution_time_ms_bucket{type="report",le="1"} 3',
    'task_execution_time_ms_bucket{type="report",le="2"} 3',
    'task_execution_time_ms_bucket{type="report",le="5"} 4',
    'task_execution_time_ms_bucket{type="report",le="600000"} 4',
    'task_execution_time_ms_bucket{type="report",le="+Inf"} 5',
    'task_execution_time_ms_sum{type="report"} 700004.5',
    'task_execution_time_ms_count{type="report"} 5',
  ]) {
    t.ok(lines.includes(line), line)
  }
  t.equal(
    (await metrics.expose()).split('\n').length,
    lines.length,
    'a second scrape does not double anything',
  )
  t.ok((await metrics.expose()).includes('tasks_submitted_total{type="report"} 3'))
})

t.test('gauges are refreshed for a scrape; one that cannot be is counted, not fatal', async (t) => {
  const metrics = createMetrics()
  metrics.onScrape(async () => metrics.gauge('murmur_partitions_owned').labels().set(4))
  metrics.onScrape(() => {
    throw new Error('Redis is gone')
  })
  const depth = metrics.gauge('queue_depth')
  depth.labels('gone').set(1)
  metrics.onScrape(() => {
    depth.clear()
    depth.labels('here').set(2)
  })
  const text = await metrics.expose()
  t.match(text, '\nmurmur_partitions_owned 4\n')
  t.match(text, '\nmurmur_scrape_errors_total 1\n')
  t.match(text, 'queue_depth{task_type="here"} 2')
  t.notMatch(text, 'task_type="gone"')
})

t.test('one that never comes back takes nothing else with it', async (t) => {
  const metrics = createMetrics({ refreshMs: 20 })
  metrics.onScrape(() => new Promise(() => undefined))
  metrics.onScrape(() => metrics.gauge('murmur_partitions_owned').labels().set(4))
  const text = await metrics.expose()
  t.match(text, '\nmurmur_partitions_owned 4\n')
  t.match(text, '\nmurmur_scrape_errors_total 1\n')
})

t.test('label values from outside cannot fill the memory', async (t) => {
  const metrics = createMetrics()
  for (let i = 0; i < 10_000; i++) metrics.counter('tasks_failed_total').labels('plan', `CODE_${i}`).inc()
  const lines = (await metrics.expose()).split('\n').filter((line) => line.startsWith('tasks_failed_total{'))
  t.equal(lines.length, 501)
  t.ok(lines.includes('tasks_failed_total{type="_other",code="_other"} 9500'))
})

t.test('two registries do not share, the process is described where asked', async (t) => {
  const [one, two] = [createMetrics({ processMetrics: true }), createMetrics()]
  one.counter('tasks_submitted_total').labels('report').inc()
  t.notMatch(await two.expose(), 'type="report"')
  const text = await one.expose()
  t.match(text, 'process_resident_memory_bytes')
  t.match(text, /murmur_event_loop_delay_seconds\{stat="p99"\} [0-9.e-]+\n/)
  t.match(one.contentType(), /^text\/plain; version=0\.0\.4/)
})

t.test('counting is cheap: far above what the hot path needs', async (t) => {
  const metrics = createMetrics()
  const counted = perSecond(2_000_000, () => metrics.counter('tasks_submitted_total').labels('report').inc())
  const observed = perSecond(2_000_000, (i) =>
    metrics
      .histogram('task_execution_time_ms')
      .labels('report')
      .observe(i % 5000),
  )
  t.comment(`${(counted / 1e6).toFixed(0)} M increments/s, ${(observed / 1e6).toFixed(0)} M observations/s`)
  // A tenth of what an idle machine does, since test machines are not idle.
  t.ok(counted > 5_000_000)
  t.ok(observed > 2_000_000)
})

function perSecond(times: number, work: (i: number) => void): number {
  for (let i = 0; i < 100_000; i++) work(i)
  const startedMs = performance.now()
  for (let i = 0; i < times; i++) work(i)
  return (times / (performance.now() - startedMs)) * 1000
}
