import {
  BoolYesNo,
  BytesIEC,
  NoUnit,
  OpsPerSecond,
  Seconds,
  Short,
} from '@grafana/grafana-foundation-sdk/units'
import type { BoardSpec } from '../board.ts'
import { figure, graph, tableOf } from '../panels.ts'
import { is, max, min, orZero, quantile, rate, sum } from '../promql.ts'
import { recorded } from '../recorded.ts'
import { NATS, PARTITIONS, REDIS } from './infrastructure-servers.ts'
import { SERVERS } from './infrastructure-upkeep.ts'

const QUANTILES = [0.5, 0.95, 0.99] as const
/** Events for each orchestrator, at which deploy/k8s/components/hpa adds one. */
const LAG_TARGET = 2000

const atAGlance = [
  figure({
    title: 'Orchestrators',
    description: 'That answered the last scrape and own partitions.',
    unit: NoUnit,
    width: 4,
    limits: { warning: 2, critical: 1, below: true },
    queries: [
      {
        expr: 'count(murmur_partitions_owned{namespace=~"$namespace"} > 0) or vector(0)',
        legend: 'orchestrators',
      },
    ],
  }),
  figure({
    title: 'Partitions without owner',
    description:
      'Nothing happens to their tasks. Some seconds after an orchestrator has gone are usual; longer: docs/runbooks.',
    unit: NoUnit,
    width: 4,
    limits: { critical: 1 },
    queries: [{ expr: orZero(recorded('murmur:murmur_partitions_unowned:sum')), legend: 'without owner' }],
  }),
  figure({
    title: 'Events behind',
    description: 'That are in the log and not folded yet, of all partitions.',
    unit: Short,
    width: 4,
    limits: { warning: 2000, critical: 20_000 },
    queries: [{ expr: orZero(sum('murmur_partition_lag_events')), legend: 'events' }],
  }),
  figure({
    title: 'Longest standstill',
    description: 'Of the partitions that have something to do and do not move; 0 when all is well.',
    unit: Seconds,
    width: 4,
    limits: { warning: 5, critical: 30 },
    queries: [{ expr: orZero(max('murmur_partition_stuck_seconds')), legend: 'stuck' }],
  }),
  figure({
    title: 'Checks that fail',
    description: 'Of /readyz, of all processes: NATS, Redis, streams, partitions, stuck handlers.',
    unit: NoUnit,
    width: 4,
    limits: { warning: 1, critical: 3 },
    queries: [{ expr: 'count(murmur_ready{namespace=~"$namespace"} == 0) or vector(0)', legend: 'failing' }],
  }),
  figure({
    title: 'Versions',
    description:
      'Of the software that run side by side. More than one for longer than an upgrade takes: look why.',
    unit: NoUnit,
    width: 4,
    limits: { warning: 2 },
    queries: [
      { expr: 'count(count by (version) (murmur_build_info{namespace=~"$namespace"}))', legend: 'versions' },
    ],
  }),
  tableOf({
    title: 'Processes',
    description:
      'All that are scraped, with what they are ready for and what they take. Event loop: how late it turned at worst, seen over 99 % of the last seconds.',
    width: 24,
    rows: [
      { label: 'job', title: 'Job' },
      { label: 'instance', title: 'Instance' },
    ],
    columns: [
      {
        title: 'Ready',
        unit: BoolYesNo,
        expr: min('murmur_ready', { by: ['job', 'instance'] }),
        limits: { critical: 1, below: true },
      },
      {
        title: 'Processor',
        unit: 'suffix: cores',
        expr: rate('process_cpu_seconds_total', { by: ['job', 'instance'] }),
        limits: { warning: 0.7, critical: 0.9 },
      },
      {
        title: 'Memory',
        unit: BytesIEC,
        expr: sum('process_resident_memory_bytes', { by: ['job', 'instance'] }),
      },
      {
        title: 'Event loop late',
        unit: Seconds,
        expr: max('murmur_event_loop_delay_seconds', { where: { stat: is('p99') }, by: ['job', 'instance'] }),
        limits: { warning: 0.1, critical: 0.5 },
      },
      {
        title: 'Clock ahead',
        unit: Seconds,
        expr: max('murmur_clock_skew_seconds', { by: ['job', 'instance'] }),
      },
    ],
    sortBy: 'Processor',
  }),
]

const scaling = [
  graph({
    title: 'Events behind for each orchestrator',
    description: `What orchestrators are scaled by, beside their processor: above ${LAG_TARGET} one more is started.`,
    unit: Short,
    width: 8,
    limits: { warning: LAG_TARGET },
    queries: [
      {
        expr: `(${sum('murmur_partition_lag_events')}) / (count(murmur_partitions_owned{namespace=~"$namespace"}) > 0)`,
        legend: 'events for each',
      },
    ],
  }),
  graph({
    title: 'Processor by process',
    description:
      'Cores that each process takes. JavaScript runs on one: near 1 an orchestrator or an edge is full.',
    unit: 'suffix: cores',
    width: 8,
    limits: { warning: 0.7, critical: 0.9 },
    queries: [
      {
        expr: rate('process_cpu_seconds_total', { by: ['job', 'instance'] }),
        legend: '{{job}} {{instance}}',
      },
    ],
  }),
  graph({
    title: 'Memory by process',
    description: 'Resident. What only grows, for hours and under the same load, is a leak.',
    unit: BytesIEC,
    width: 8,
    queries: [
      {
        expr: sum('process_resident_memory_bytes', { by: ['job', 'instance'] }),
        legend: '{{job}} {{instance}}',
      },
    ],
  }),
]

const processes = [
  graph({
    title: 'Event loop',
    description:
      'How late it turned, 99 % of the last seconds. Late: the process computes too much at a time, or has no processor.',
    unit: Seconds,
    width: 8,
    limits: { warning: 0.1, critical: 0.5 },
    queries: [
      {
        expr: max('murmur_event_loop_delay_seconds', { where: { stat: is('p99') }, by: ['job', 'instance'] }),
        legend: '{{job}} {{instance}}',
      },
    ],
  }),
  graph({
    title: 'Heap',
    description: 'Of JavaScript, in use. It saws: collections free what is done with.',
    unit: BytesIEC,
    width: 8,
    queries: [
      {
        expr: sum('nodejs_heap_size_used_bytes', { by: ['job', 'instance'] }),
        legend: '{{job}} {{instance}}',
      },
    ],
  }),
  graph({
    title: 'Telemetry itself',
    description: 'Spans that the collector took or did not, and gauges that could not be read for a scrape.',
    unit: OpsPerSecond,
    width: 8,
    queries: [
      { expr: rate('murmur_spans_total', { by: ['outcome'] }), legend: 'spans {{outcome}}' },
      { expr: rate('murmur_scrape_errors_total'), legend: 'gauges not read' },
    ],
  }),
]

const schedules = [
  graph({
    title: 'Schedules',
    description: 'Tasks that they started, and occurrences that became none, by why.',
    unit: OpsPerSecond,
    width: 8,
    queries: [
      { expr: rate('murmur_schedule_started_total'), legend: 'started' },
      { expr: rate('murmur_schedule_skipped_total', { by: ['why'] }), legend: 'skipped: {{why}}' },
    ],
  }),
  graph({
    title: 'How late schedules start',
    description: 'From the time of an occurrence, with its jitter, to the acceptance of its task.',
    unit: Seconds,
    width: 8,
    queries: QUANTILES.map((q) => ({
      expr: orZero(quantile(q, 'murmur_schedule_late_seconds')),
      legend: `P${q * 100}`,
    })),
  }),
  graph({
    title: 'Schedules and submission keys',
    description: 'How many there are: schedules, and keys of singleton and debounce in use.',
    unit: Short,
    width: 8,
    queries: [
      { expr: orZero(max('murmur_schedules')), legend: 'schedules' },
      { expr: orZero(max('murmur_submission_keys')), legend: 'keys' },
    ],
  }),
]

export const INFRASTRUCTURE: BoardSpec = {
  name: 'infrastructure',
  description:
    'Do orchestrators keep up, are all partitions owned and moving, and have NATS and Redis room and time?',
  variables: [],
  rows: [
    { title: 'At a glance', panels: atAGlance },
    { title: 'Partitions of the log', panels: PARTITIONS },
    { title: 'What scaling goes by', panels: scaling },
    { title: 'Redis', panels: REDIS },
    { title: 'NATS', panels: NATS },
    { title: 'Servers by their exporters, certificates, backups', panels: SERVERS },
    { title: 'Processes', panels: processes },
    { title: 'Schedules and submission keys', panels: schedules },
  ],
}
