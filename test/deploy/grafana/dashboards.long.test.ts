import t, { type Test } from 'tap'
import {
  type DashboardJson,
  fillVariables,
  type PanelQuery,
  panelsOf,
  queriesOf,
  readDashboards,
  type TargetJson,
} from '../../support/grafana.ts'
import { missing } from '../../support/prometheus.ts'
import { endOfTask } from '../../support/services.ts'
import { until } from '../../support/until.ts'
import { putLoad, startMonitor } from './load.ts'
import { type ObservedStack, startObservedStack } from './stack.ts'

t.setTimeout(600_000)

/** Long enough for a rate of what is scraped each second; what is shown is the whole run. */
const INTERVALS = { rateInterval: '10s', range: '60s' }
const STEP_S = 2

/** Series of panels that are empty here, each with the reason. What is not named has to have data. */
const NOT_HERE: readonly { series: RegExp; unless?(stack: ObservedStack): boolean; why: string }[] = [
  {
    series: /\bredis_/,
    unless: ({ hasRedisExporter }) => hasRedisExporter,
    why: 'the exporter of Redis is not installed (Debian: prometheus-redis-exporter)',
  },
  {
    series: /\btraces_/,
    unless: ({ collector }) => collector !== undefined,
    why: 'the collector is not built (npm run test:otel)',
  },
]

/** What a query shows where there is nothing: `or vector(0)`, and the like. */
const FALLBACK = / or (?:on\(\) )?(?:vector\(0\)|label_replace\(vector\(0\)[^)]*\))/g
/** Panels, with the letter of the query, of what does not happen while all is well: they show their 0. All others have real data. */
const QUIET: ReadonlySet<string> = new Set(['Alerts that fire / A', 'Checks that fail / A'])

t.test(
  'every query of every panel has data from a real stack under load',
  { skip: missing('prometheus') },
  async (t) => {
    const stack = await startObservedStack(t)
    const { bus, prometheus, restUrl } = stack
    await prometheus.untilScraped()
    const start = Date.now() / 1000
    const monitor = await startMonitor(bus)
    const load = await putLoad(bus, restUrl)
    t.comment(`${load.completed} tasks completed, ${load.failed} failed or were cancelled`)
    t.equal((await endOfTask(bus, monitor, 300_000)).status, 'completed')
    await stack.backup()
    // What they said last is scraped; the receiver of alerts has refused one, which is tried again later.
    await prometheus.untilSome('sum(tasks_completed_total{type="monitor"}) > 0')
    await prometheus.untilSome('sum(murmur_alert_sink_deliveries_total) > 0', 60_000)
    await prometheus.untilSome('sum(rate(murmur_schedule_started_total[10s])) > 0')
    await prometheus.untilSome('murmur_backup_timestamp_seconds')
    // What was scraped last is seen from the next step on.
    const end = Date.now() / 1000 + STEP_S

    const skipped = new Map<string, number>()
    const dashboards = Object.values(readDashboards())
    for (const dashboard of dashboards) {
      const queries = queriesOf(dashboard).filter(({ datasource }) => datasource === 'prometheus')
      const faults = await Promise.all(
        queries.map(async (query) => {
          const why = reasonOf(stack, query)
          if (why) skipped.set(why, (skipped.get(why) ?? 0) + 1)
          const expr = fillVariables(query.expr, dashboard, INTERVALS)
          const name = `${query.panel.title} / ${query.at.at(-1)}`
          const asked = QUIET.has(name) ? expr : expr.replace(FALLBACK, '')
          return prometheus.queryRange(asked, { start, end, step: STEP_S }).then(
            (series) => {
              const hasData = series.some(({ values }) => values.some(Number.isFinite))
              return hasData || why ? undefined : `${name}: no data: ${asked}`
            },
            (error: unknown) => `${name}: ${error}`,
          )
        }),
      )
      t.strictSame(
        faults.filter((fault) => fault !== undefined),
        [],
        `${dashboard.title}: ${queries.length} queries`,
      )
      await checkVariables(dashboard)
    }
    await checkExemplars()
    if (stack.jaeger) await checkTraces(t, stack.jaeger.url, { start, end: Date.now() / 1000 })
    else t.comment('what Jaeger is asked was not tried: it is not built')
    for (const [why, count] of skipped) t.comment(`${count} queries may be empty: ${why}`)

    /** Points lead to traces: of ours as they scrape, of spans where there is a collector, by the label that Grafana is told. */
    async function checkExemplars(): Promise<void> {
      if (!stack.collector) return
      const names = ['task_execution_time_ms_bucket', 'traces_span_metrics_duration_milliseconds_bucket']
      for (const name of names) {
        const about = new URLSearchParams({ query: name, start: String(start), end: String(end) })
        const answer = await fetch(`${prometheus.url}/api/v1/query_exemplars?${about}`)
        const { data } = (await answer.json()) as {
          data: { exemplars: { labels: { trace_id?: string } }[] }[]
        }
        const traces = data.flatMap(({ exemplars }) => exemplars.map(({ labels }) => labels.trace_id))
        t.ok(traces.length > 0, `${name}: ${traces.length} exemplars`)
        const spans = stack.collector.read('all')
        t.ok(
          traces.some((id) => id && spans.includes(id)),
          `${name}: the collector has their traces`,
        )
      }
    }

    async function checkVariables({ title, templating }: DashboardJson): Promise<void> {
      for (const { name, type, query } of templating.list) {
        // There is no Kubernetes here.
        if (type !== 'query' || name === 'namespace') continue
        const text = typeof query === 'string' ? query : query.query
        const [, series, label] = /^label_values\((\w+), (\w+)\)$/.exec(text)!
        if (reasonOf(stack, { expr: series! })) continue
        const values = await prometheus.query(`count by (${label}) (last_over_time(${series}[5m]))`)
        t.ok(
          values.some(({ metric }) => metric[label!]),
          `${title}: ${name} has values`,
        )
      }
    }
  },
)

/** As Grafana's data source for Jaeger asks it. */
async function checkTraces(
  t: Test,
  url: string,
  { start, end }: { start: number; end: number },
): Promise<void> {
  const dashboard = Object.values(readDashboards()).find(({ uid }) => uid === 'murmuration-traces')!
  for (const { title, targets, datasource } of panelsOf(dashboard)) {
    if (datasource.type !== 'jaeger') continue
    const [target] = targets
    const path =
      target?.queryType === 'search'
        ? `/api/traces?${searchOf(target, dashboard, { start, end })}`
        : `/api/dependencies?endTs=${Math.round(end * 1000)}&lookback=${Math.round((end - start) * 1000)}`
    await until(`${title}: ${path}`, async () => {
      const answer = await fetch(url + path)
      const { data } = (await answer.json()) as { data: unknown[] | null }
      return answer.ok && (data?.length ?? 0) > 0
    })
    t.pass(`${title}: Jaeger has some`)
  }
}

function searchOf(
  { service, tags, minDuration, limit }: TargetJson,
  dashboard: DashboardJson,
  { start, end }: { start: number; end: number },
): URLSearchParams {
  const pairs = (tags ?? '').split(' ').filter((pair) => pair !== '')
  return new URLSearchParams({
    service: fillVariables(service!, dashboard, INTERVALS),
    limit: String(limit),
    start: String(Math.round(start * 1e6)),
    end: String(Math.round(end * 1e6)),
    ...(pairs.length > 0 && {
      tags: JSON.stringify(Object.fromEntries(pairs.map((pair) => pair.split('=')))),
    }),
    ...(minDuration && { minDuration }),
  })
}

function reasonOf(stack: ObservedStack, { expr }: Pick<PanelQuery, 'expr'>): string | undefined {
  return NOT_HERE.find(({ series, unless }) => series.test(expr) && !unless?.(stack))?.why
}
