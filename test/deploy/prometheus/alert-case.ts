/** A series by its text, as in `up{job="edge"}`: its value before, while and after something is wrong. Of a counter: what it grows by in a minute. */
type Phases = readonly [below: Value, above: Value, after?: Value]
/** `_`: there is no sample. A function gets the minute within its phase. */
type Value = number | '_' | ((minute: number) => number)

export interface AlertCase {
  alert: string
  /** Those that the alert has beside its severity. */
  labels?: Readonly<Record<string, string>>
  gauges?: Readonly<Record<string, Phases>>
  counters?: Readonly<Record<string, Phases>>
  /** Alerts that ring as well, because they mean the same: `name{label="value"}`. */
  also?: readonly string[]
  /** How long the first two phases are: longer than the windows of the alert and its `for`. 20 unless given. */
  minutes?: number
  /** And the last, unless as long. */
  clears?: number
}

const MINUTES = 20

/** What a healthy system without any work tells: nothing but the watchdog rings. */
export const IDLE: Readonly<Record<string, number>> = {
  'up{job="orchestrator",instance="orchestrator-1:9090"}': 1,
  'up{job="orchestrator",instance="orchestrator-2:9090"}': 1,
  'up{job="edge",instance="edge:9090"}': 1,
  'up{job="agents",instance="ingest:9090"}': 1,
  'up{job="agents",instance="report-agents:9090"}': 1,
  'murmur_build_info{job="orchestrator",instance="orchestrator-1:9090",version="0.1.0"}': 1,
  'murmur_ready{job="orchestrator",instance="orchestrator-1:9090",check="nats"}': 1,
  'murmur_ready{job="orchestrator",instance="orchestrator-1:9090",check="redis"}': 1,
  'murmur_partitions{job="orchestrator",instance="orchestrator-1:9090"}': 16,
  'murmur_partitions{job="orchestrator",instance="orchestrator-2:9090"}': 16,
  'murmur_partitions_owned{job="orchestrator",instance="orchestrator-1:9090"}': 8,
  'murmur_partitions_owned{job="orchestrator",instance="orchestrator-2:9090"}': 8,
  'murmur_partition_lag_events{partition="0"}': 0,
  'murmur_intake_depth{job="orchestrator"}': 0,
  'murmur_agent_instances{agent="ingest"}': 2,
  'murmur_agent_capacity{agent="ingest"}': 8,
  'murmur_agent_in_flight{agent="ingest"}': 0,
  'murmur_queue_depth{agent="ingest",priority="1"}': 0,
  'murmur_queue_oldest_age_seconds{agent="ingest",priority="1"}': 0,
  'murmur_breaker_state{agent="ingest"}': 0,
  'murmur_stream_fill_ratio{stream="log"}': 0.01,
  'murmur_stream_mark_ratio{stream="log"}': 0.85,
  'murmur_task_outcomes_total{outcome="completed"}': 0,
  'murmur_task_outcomes_total{outcome="fault"}': 0,
  'murmur_edge_outcomes_total{outcome="ok"}': 0,
  'murmur_edge_outcomes_total{outcome="fault"}': 0,
  'murmur_event_fold_seconds_count{}': 0,
  'murmur_event_fold_seconds_bucket{le="0.5"}': 0,
  'murmur_event_fold_seconds_bucket{le="+Inf"}': 0,
  'murmur_scrape_errors_total{job="orchestrator",instance="orchestrator-1:9090"}': 0,
  'murmur_spans_total{job="orchestrator",outcome="sent"}': 0,
  'murmur_spans_total{job="orchestrator",outcome="failed"}': 0,
  'murmur_tasks_lost_total{}': 0,
  'murmur_tasks_quarantined_total{}': 0,
  'murmur_commit_conflicts_total{}': 0,
}

/** Cases that can share a timeline: as long as one another, and with no series in common. Each evaluation costs the same for one or for all. Pure. */
export function batchesOf(cases: readonly AlertCase[]): AlertCase[][] {
  const batches: { key: string; series: Set<string>; cases: AlertCase[] }[] = []
  for (const one of cases) {
    const key = `${minutesOf(one)} ${clearsOf(one)}`
    const own = Object.keys({ ...one.gauges, ...one.counters })
    const free = batches.find(
      (batch) => batch.key === key && own.every((series) => !batch.series.has(series)),
    )
    if (!free) batches.push({ key, series: new Set(own), cases: [one] })
    else {
      free.cases.push(one)
      for (const series of own) free.series.add(series)
    }
  }
  return batches.map((batch) => batch.cases)
}

/** A unit test of promtool: the series of a system that is well but for what the cases say, and all that rings in it. Pure. */
export function ruleTest(cases: readonly AlertCase[]): object {
  const [minutes, clears] = [minutesOf(cases[0]!), clearsOf(cases[0]!)]
  const own = Object.assign({}, ...cases.flatMap(({ gauges, counters }) => [gauges, counters]))
  const rest = Object.entries(IDLE).filter(([series]) => !(series in own))
  const ring = new Set(cases.flatMap((one) => [`${one.alert}${labelText(one.labels)}`, ...(one.also ?? [])]))
  const total = 2 * minutes + clears
  const rows = (series: AlertCase['gauges'], values: (phases: Phases) => (number | '_')[]) =>
    Object.entries(series ?? {}).map(([name, phases]) => ({
      series: name,
      values: values(phases).join(' '),
    }))
  const timeline = (phases: Phases) => [...valuesOf(phases, [minutes, minutes, clears])]
  return {
    name: cases.map(({ alert }) => alert).join(' '),
    interval: '1m',
    external_labels: { runbooks: 'https://example.com/runbooks' },
    input_series: [
      ...rest.map(([series, value]) => ({ series, values: Array(total).fill(value).join(' ') })),
      ...cases.flatMap(({ gauges, counters }) => [
        ...rows(gauges, timeline),
        ...rows(counters, (phases) => summed(timeline(phases))),
      ]),
    ],
    promql_expr_test: [
      rings(minutes - 1, []),
      rings(2 * minutes - 1, [...ring].map(sample)),
      rings(total - 1, []),
    ],
  }
}

/** All that rings at a minute, beside the watchdog. */
function rings(minute: number, expected: { labels: string; value: number }[]): object {
  return {
    expr: 'sum without (severity, alertstate) (ALERTS{alertstate="firing",alertname!="Watchdog"})',
    eval_time: `${minute}m`,
    exp_samples: expected,
  }
}

function sample(alert: string): { labels: string; value: number } {
  const [, name, labels] = /^(\w+)(?:\{(.*)\})?$/.exec(alert)!
  return { labels: `{alertname="${name}"${labels ? `,${labels}` : ''}}`, value: 1 }
}

function labelText(labels: AlertCase['labels'] = {}): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`)
  return pairs.length === 0 ? '' : `{${pairs.join(',')}}`
}

function* valuesOf(
  [below, above, after = below]: Phases,
  lengths: readonly [number, number, number],
): Generator<number | '_'> {
  for (const [i, value] of [below, above, after].entries())
    for (let minute = 0; minute < lengths[i]!; minute++)
      yield typeof value === 'function' ? value(minute) : value
}

function summed(steps: readonly (number | '_')[]): (number | '_')[] {
  let sum = 0
  return steps.map((step) => {
    if (step === '_') return '_'
    sum += step
    return sum
  })
}

function minutesOf({ minutes = MINUTES }: AlertCase): number {
  return minutes
}

function clearsOf(one: AlertCase): number {
  return one.clears ?? minutesOf(one)
}
