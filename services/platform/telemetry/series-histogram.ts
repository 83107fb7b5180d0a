import {
  Histogram,
  type HistogramConfiguration,
  type MetricObjectWithValues,
  type MetricType,
  type MetricValueWithName,
} from 'prom-client'
import type { HistogramSeries, SeriesFamily } from './series.ts'

type Exposed = MetricObjectWithValues<MetricValueWithName<string>>

/** prom-client's types promise an enum of numbers here; what it writes, and expects, is the word. */
const HISTOGRAM_TYPE = 'histogram' as unknown as MetricType

/** A histogram that prom-client writes out and our series count: its own `observe` takes microseconds, theirs 10 ns. */
export class SeriesHistogram extends Histogram<string> {
  readonly #config: HistogramConfiguration<string>
  readonly #family: SeriesFamily<HistogramSeries, readonly string[]>

  constructor(
    config: HistogramConfiguration<string>,
    family: SeriesFamily<HistogramSeries, readonly string[]>,
  ) {
    super(config)
    this.#config = config
    this.#family = family
  }

  override async get(): Promise<Exposed> {
    const { name, help } = this.#config
    return {
      name,
      help,
      type: HISTOGRAM_TYPE,
      aggregator: 'sum',
      collect: () => undefined,
      values: [...this.#values()],
    }
  }

  /** The registry asks this one when it writes text, though prom-client's types do not know it. */
  getForPromString(): Promise<Exposed> {
    return this.get()
  }

  *#values(): Generator<MetricValueWithName<string>> {
    const { name, buckets = [] } = this.#config
    for (const { labels, series } of this.#family.entries()) {
      let cumulative = 0
      for (const [index, bound] of buckets.entries()) {
        cumulative += series.counts[index]!
        yield { metricName: `${name}_bucket`, labels: { ...labels, le: bound }, value: cumulative }
      }
      yield { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: series.count }
      yield { metricName: `${name}_sum`, labels, value: series.sum }
      yield { metricName: `${name}_count`, labels, value: series.count }
    }
  }
}
