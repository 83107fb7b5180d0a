import { collectDefaultMetrics, Registry } from 'prom-client'
import { TIMED_OUT, withTimeout } from '../clock/promises.ts'
import { watchEventLoop } from './event-loop-delay.ts'
import {
  type ExposedFamily,
  exposedFamily,
  type MetricsFormat,
  OPENMETRICS_TYPE,
  TEXT_TYPE,
  writeExposition,
} from './exposition.ts'
import {
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelValues,
  METRICS,
  type MetricName,
  type MetricPart,
  type MetricSpec,
} from './metric-names.ts'
import { CounterSeries, GaugeSeries, HistogramSeries, SeriesFamily } from './series.ts'

export type CounterFamily<Name extends CounterName = CounterName> = SeriesFamily<
  CounterSeries,
  LabelValues<Name>
>
export type GaugeFamily<Name extends GaugeName = GaugeName> = SeriesFamily<GaugeSeries, LabelValues<Name>>
export type HistogramFamily<Name extends HistogramName = HistogramName> = SeriesFamily<
  HistogramSeries,
  LabelValues<Name>
>

/** The metrics of one service instance. Counting is a plain addition; Prometheus sees the sums when it scrapes. */
export interface Metrics {
  counter<Name extends CounterName>(name: Name): CounterFamily<Name>
  gauge<Name extends GaugeName>(name: Name): GaugeFamily<Name>
  histogram<Name extends HistogramName>(name: Name): HistogramFamily<Name>
  /** Called before each scrape, to set gauges from what is true then. A refresh that fails, or takes longer than 2 s, is counted, not fatal. */
  onScrape(refresh: () => void | Promise<void>): void
  /** Everything, in the text format of Prometheus unless OpenMetrics is asked for, which has exemplars. */
  expose(format?: MetricsFormat): Promise<string>
  /** Media type of what `expose` gives. */
  contentType(format?: MetricsFormat): string
}

/**
 * What a refresh may take: a server that is away must not take the figures of everything else with it. A scraper waits for 10 s, and
 * a refresh goes on behind it.
 */
const REFRESH_MS = 2000

/** Gauges that Node's exporter names like counters; the same stands, split by type, under the name without the ending. */
const MISNAMED = /^nodejs_active_(handles|requests|resources)_total$/

/**
 * @param options.processMetrics also CPU, memory, handles and garbage collection of the process; one registry a process should
 * @param options.refreshMs how long a refresh is waited for, 2 s by default
 * @param options.parts whose metrics are shown from the start, with 0; all by default. Others are shown once they are used.
 */
export function createMetrics(
  options: { processMetrics?: boolean; parts?: readonly MetricPart[]; refreshMs?: number } = {},
): Metrics {
  const families = new Map<MetricName, SeriesFamily<unknown, readonly string[]>>()
  const parts = options.parts && new Set<MetricPart>(['process', ...options.parts])
  for (const name of Object.keys(METRICS) as MetricName[]) {
    const spec: MetricSpec = METRICS[name]
    if (!parts || spec.in.some((part) => parts.has(part))) families.set(name, createFamily(spec))
  }
  const registry = new Registry()
  if (options.processMetrics) collectDefaultMetrics({ register: registry })

  // The table says of which kind each name is, and the families are made from the table.
  function family<Family>(name: MetricName): Family {
    let known = families.get(name)
    if (!known) {
      known = createFamily(METRICS[name])
      families.set(name, known)
    }
    return known as Family
  }
  const refreshes: (() => void | Promise<void>)[] = []
  const metrics: Metrics = {
    counter: (name) => family(name),
    gauge: (name) => family(name),
    histogram: (name) => family(name),
    onScrape: (refresh) => void refreshes.push(refresh),
    async expose(format = 'text') {
      const results = await Promise.allSettled(
        refreshes.map((refresh) => withTimeout(async () => refresh(), options.refreshMs ?? REFRESH_MS)),
      )
      const failed = results.filter(
        (result) => result.status === 'rejected' || result.value === TIMED_OUT,
      ).length
      metrics.counter('murmur_scrape_errors_total').labels().inc(failed)
      const own = [...families].map(([name, one]) => exposedFamily(name, METRICS[name], one))
      return writeExposition([...own, ...(await processFamilies(registry))], format)
    },
    contentType: (format = 'text') => (format === 'text' ? TEXT_TYPE : OPENMETRICS_TYPE),
  }
  if (options.processMetrics) exposeEventLoopDelay(metrics)
  return metrics
}

function createFamily(spec: MetricSpec): SeriesFamily<unknown, readonly string[]> {
  const { type, labels, known, buckets = [] } = spec
  if (type === 'counter') return new SeriesFamily(labels, () => new CounterSeries(), known)
  if (type === 'gauge') return new SeriesFamily(labels, () => new GaugeSeries(), known)
  return new SeriesFamily(labels, () => new HistogramSeries(buckets), known)
}

async function processFamilies(registry: Registry): Promise<ExposedFamily[]> {
  const found = await registry.getMetricsAsJSON()
  return found
    .filter(({ name }) => !MISNAMED.test(name))
    .map(({ name, help, type, values }) => ({
      name,
      help,
      type: String(type),
      samples: values.map((sample) => ({
        suffix: 'metricName' in sample ? String(sample.metricName).slice(name.length) : '',
        labels: sample.labels as Record<string, string | number>,
        value: sample.value,
      })),
    }))
}

function exposeEventLoopDelay(metrics: Metrics): void {
  const eventLoop = watchEventLoop()
  metrics.onScrape(() => {
    const delay = eventLoop.takeWindow()
    const gauge = metrics.gauge('murmur_event_loop_delay_seconds')
    gauge.labels('mean').set(delay.meanMs / 1000)
    gauge.labels('p99').set(delay.p99Ms / 1000)
    gauge.labels('max').set(delay.maxMs / 1000)
  })
}
