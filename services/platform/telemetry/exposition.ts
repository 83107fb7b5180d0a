import type { MetricSpec } from './metric-table/metric-spec.ts'
import { type Exemplar, HistogramSeries, type SeriesFamily } from './series.ts'

export const TEXT_TYPE = 'text/plain; version=0.0.4; charset=utf-8'
export const OPENMETRICS_TYPE = 'application/openmetrics-text; version=1.0.0; charset=utf-8'

/** `openmetrics` has exemplars and units; `text` is what every Prometheus reads. */
export type MetricsFormat = 'text' | 'openmetrics'

/** Which format a scraper wants, by its Accept header: OpenMetrics where it says so. */
export function formatFor(accept: string | undefined): MetricsFormat {
  return accept?.includes('application/openmetrics-text') ? 'openmetrics' : 'text'
}

interface Sample {
  suffix: string
  labels: Readonly<Record<string, string | number>>
  value: number
  exemplar?: Exemplar | undefined
}

export interface ExposedFamily {
  name: string
  type: string
  help: string
  samples: Iterable<Sample>
}

/** A family of ours, as it is written. */
export function exposedFamily(
  name: string,
  { type, help, buckets = [] }: MetricSpec,
  family: SeriesFamily<unknown, readonly string[]>,
): ExposedFamily {
  return { name, type, help, samples: samplesOf(family, buckets) }
}

function* samplesOf(
  family: SeriesFamily<unknown, readonly string[]>,
  buckets: readonly number[],
): Generator<Sample> {
  for (const { labels, series } of family.entries()) {
    if (!(series instanceof HistogramSeries)) {
      yield { suffix: '', labels, value: (series as { value: number }).value }
      continue
    }
    let cumulative = 0
    for (const [i, bound] of [...buckets, '+Inf'].entries()) {
      cumulative += series.counts[i]!
      const le = { ...labels, le: bound }
      yield { suffix: '_bucket', labels: le, value: cumulative, exemplar: series.exemplars?.[i] }
    }
    yield { suffix: '_sum', labels, value: series.sum }
    yield { suffix: '_count', labels, value: series.count }
  }
}

/** All families as text, in the format that was asked for. */
export function writeExposition(families: readonly ExposedFamily[], format: MetricsFormat): string {
  const isOpen = format === 'openmetrics'
  const lines: string[] = []
  for (const { name, type, help, samples } of families) {
    // OpenMetrics names a counter's family without the ending that its samples have.
    const family = isOpen && type === 'counter' ? name.replace(/_total$/, '') : name
    lines.push(`# HELP ${family} ${escapeHelp(help, isOpen)}`, `# TYPE ${family} ${type}`)
    for (const { suffix, labels, value, exemplar } of samples) {
      const line = `${name}${suffix}${labelText(labels)} ${numberText(value)}`
      lines.push(isOpen && exemplar ? line + exemplarText(exemplar) : line)
    }
  }
  if (isOpen) lines.push('# EOF')
  return `${lines.join('\n')}\n`
}

function labelText(labels: Sample['labels']): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escapeValue(String(value))}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function exemplarText({ traceId, spanId, value, atMs }: Exemplar): string {
  const labels = labelText({ trace_id: traceId, span_id: spanId })
  return ` # ${labels} ${numberText(value)} ${(atMs / 1000).toFixed(3)}`
}

function numberText(value: number): string {
  if (value === Number.POSITIVE_INFINITY) return '+Inf'
  return value === Number.NEGATIVE_INFINITY ? '-Inf' : String(value)
}

function escapeHelp(text: string, withQuotes: boolean): string {
  const escaped = text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n')
  return withQuotes ? escaped.replace(/"/g, '\\"') : escaped
}

function escapeValue(text: string): string {
  return text.replace(/\\/g, '\\\\').replace(/\n/g, '\\n').replace(/"/g, '\\"')
}
