import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { watchEventLoop } from './event-loop-delay.ts'
import {
  type CounterName,
  type GaugeName,
  type HistogramName,
  type LabelValues,
  METRICS,
  type MetricName,
  type MetricSpec,
} from './metric-names.ts'
import { CounterSeries, GaugeSeries, HistogramSeries, SeriesFamily } from './series.ts'
import { SeriesHistogram } from './series-histogram.ts'

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
  /** Called before each scrape, to set gauges from what is true then. A refresh that fails is counted, not fatal. */
  onScrape(refresh: () => void | Promise<void>): void
  /** Everything in the text format of Prometheus. */
  expose(): Promise<string>
  /** Media type of what `expose` gives. */
  readonly contentType: string
}

/** @param processMetrics also CPU, memory, handles and garbage collection of the process; one registry a process should */
export function createMetrics(options: { processMetrics?: boolean } = {}): Metrics {
  const registry = new Registry()
  const families = new Map<MetricName, SeriesFamily<unknown, readonly string[]>>()
  for (const name of Object.keys(METRICS) as MetricName[]) {
    families.set(name, registerFamily(registry, name, METRICS[name]))
  }
  if (options.processMetrics) collectDefaultMetrics({ register: registry })

  // The table says of which kind each name is, and the families were made from the table.
  const family = <Family>(name: MetricName) => families.get(name) as Family
  const refreshes: (() => void | Promise<void>)[] = []
  const metrics: Metrics = {
    counter: (name) => family(name),
    gauge: (name) => family(name),
    histogram: (name) => family(name),
    onScrape: (refresh) => void refreshes.push(refresh),
    async expose() {
      const results = await Promise.allSettled(refreshes.map(async (refresh) => refresh()))
      const failed = results.filter((result) => result.status === 'rejected').length
      metrics.counter('murmur_scrape_errors_total').labels().inc(failed)
      return registry.metrics()
    },
    contentType: registry.contentType,
  }
  if (options.processMetrics) exposeEventLoopDelay(metrics)
  return metrics
}

function registerFamily(
  registry: Registry,
  name: MetricName,
  spec: MetricSpec,
): SeriesFamily<unknown, readonly string[]> {
  const config = { name, help: spec.help, labelNames: [...spec.labels], registers: [registry] }
  switch (spec.type) {
    case 'counter': {
      const family = new SeriesFamily(spec.labels, () => new CounterSeries())
      new Counter({
        ...config,
        collect() {
          this.reset()
          for (const { labels, series } of family.entries()) this.inc(labels, series.value)
        },
      })
      return family
    }
    case 'gauge': {
      const family = new SeriesFamily(spec.labels, () => new GaugeSeries())
      new Gauge({
        ...config,
        collect() {
          this.reset()
          for (const { labels, series } of family.entries()) this.set(labels, series.value)
        },
      })
      return family
    }
    case 'histogram': {
      const bounds = spec.buckets ?? []
      const family = new SeriesFamily(spec.labels, () => new HistogramSeries(bounds))
      registry.registerMetric(new SeriesHistogram({ ...config, registers: [], buckets: [...bounds] }, family))
      return family
    }
  }
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
