import { Milliseconds, OpsPerSecond, PercentUnit, Short } from '@grafana/grafana-foundation-sdk/units'
import type { BoardSpec } from '../board.ts'
import { figure, graph, heatmapOf, tableOf } from '../panels.ts'
import { buckets, is, like, observed, orZero, quantile, rate, ratio } from '../promql.ts'
import { logLines, serviceMap, traceList } from '../trace-panels.ts'
import { datasourceVariable, labelVariable } from '../variables.ts'

const CALLS = 'traces_span_metrics_calls_total'
const DURATION = 'traces_span_metrics_duration_milliseconds'
const FAILED = { status_code: is('STATUS_CODE_ERROR') }
/** Of spans that say what the service is to others. */
const CHOSEN = { service_name: like('$service') }
const SPAN = ['span_name', 'span_kind'] as const
const none = { name: 'error_type', value: 'none' }

const services = [
  figure({
    title: 'Spans',
    description: 'Spans a second, of all services: all of them, not only those of traces that were kept.',
    unit: OpsPerSecond,
    width: 6,
    queries: [{ expr: rate(CALLS), legend: 'spans' }],
  }),
  figure({
    title: 'Spans that failed',
    description: 'Share of all spans. A failed attempt that was tried again is one, too.',
    unit: PercentUnit,
    width: 6,
    limits: { warning: 0.005, critical: 0.01 },
    queries: [{ expr: orZero(ratio(orZero(rate(CALLS, { where: FAILED })), rate(CALLS))), legend: 'failed' }],
  }),
  figure({
    title: 'Tasks, P95',
    description: 'From acceptance to end, by the spans of tasks.',
    unit: Milliseconds,
    width: 6,
    queries: [
      { expr: quantile(0.95, DURATION, { where: { span_name: like('invoke_workflow .*') } }), legend: 'P95' },
    ],
  }),
  figure({
    title: 'Attempts, P95',
    description: 'How long agents work on one, by the spans of attempts.',
    unit: Milliseconds,
    width: 6,
    queries: [
      { expr: quantile(0.95, DURATION, { where: { span_name: like('process steps[.].*') } }), legend: 'P95' },
    ],
  }),
  graph({
    title: 'Rate by service',
    description: 'Spans a second of each service.',
    unit: OpsPerSecond,
    width: 8,
    queries: [{ expr: rate(CALLS, { by: ['service_name'] }), legend: '{{service_name}}' }],
  }),
  graph({
    title: 'Errors by service and type',
    description: 'Failed spans a second, by the code of the error: docs/errors.md, or the code of an agent.',
    unit: OpsPerSecond,
    width: 8,
    stacked: true,
    queries: [
      {
        expr: orZero(rate(CALLS, { where: FAILED, by: ['service_name', 'error_type'] }), none),
        legend: '{{service_name}} {{error_type}}',
      },
    ],
  }),
  graph({
    title: 'Duration by service, P95',
    description: 'Of all spans of a service. Orchestrators have long ones: a whole task is a span of theirs.',
    unit: Milliseconds,
    width: 8,
    exemplars: true,
    logarithmic: true,
    queries: [{ expr: quantile(0.95, DURATION, { by: ['service_name'] }), legend: '{{service_name}}' }],
  }),
]

const spans = [
  tableOf({
    title: 'Spans of the service',
    description:
      'Of the service that is chosen on top: how often, how many of them failed, and how long they took. Docs/telemetry.md says what each span is.',
    width: 14,
    height: 10,
    rows: [
      { label: 'span_name', title: 'Span' },
      { label: 'span_kind', title: 'Kind' },
    ],
    columns: [
      { title: 'Rate', unit: OpsPerSecond, expr: rate(CALLS, { where: CHOSEN, by: SPAN }) },
      {
        title: 'Failed',
        unit: PercentUnit,
        expr: ratio(
          `(${rate(CALLS, { where: { ...CHOSEN, ...FAILED }, by: SPAN })}) or 0 * (${rate(CALLS, { where: CHOSEN, by: SPAN })})`,
          rate(CALLS, { where: CHOSEN, by: SPAN }),
        ),
        limits: { warning: 0.005, critical: 0.01 },
      },
      { title: 'P50', unit: Milliseconds, expr: quantile(0.5, DURATION, { where: CHOSEN, by: SPAN }) },
      { title: 'P95', unit: Milliseconds, expr: quantile(0.95, DURATION, { where: CHOSEN, by: SPAN }) },
      { title: 'P99', unit: Milliseconds, expr: quantile(0.99, DURATION, { where: CHOSEN, by: SPAN }) },
    ],
    sortBy: 'Rate',
  }),
  heatmapOf({
    title: 'How long spans take',
    description:
      'Of the service that is chosen. Each column is a moment, each cell a range of durations; a point is a span: click it for its trace.',
    unit: Milliseconds,
    width: 10,
    height: 10,
    queries: [{ expr: buckets(DURATION, { where: CHOSEN }), legend: '{{le}}' }],
  }),
]

/** Milliseconds a second are thousandths of how many there are at the same time. */
const atATime = (query: string) => `(${query}) / 1000`
const steps = observed(DURATION, { where: { span_name: like('step .*') } })
const attempts = observed(DURATION, { where: { span_name: like('process steps[.].*') } })
const ofAgent = (query: string, prefix: string) =>
  `label_replace(${query}, "agent", "$1", "span_name", "${prefix}(.*)")`

const waiting = [
  graph({
    title: 'Waiting and working',
    description:
      'Steps under way, on average: those that an agent works on, and those that wait, for a queue, a retry or an orchestrator. By spans that have ended.',
    unit: Short,
    width: 8,
    stacked: true,
    queries: [
      { expr: orZero(atATime(attempts)), legend: 'working' },
      { expr: orZero(`clamp_min(${atATime(`(${steps}) - (${attempts})`)}, 0)`), legend: 'waiting' },
    ],
  }),
  graph({
    title: 'Share of a step in which it is worked on',
    description:
      'By agent. 1: an attempt begins as soon as the step does; low: too few instances, or many retries.',
    unit: PercentUnit,
    width: 8,
    queries: [
      {
        expr: `clamp_max(${ratio(
          `sum by (agent) (${ofAgent(observed(DURATION, { where: { span_name: like('process steps[.].*') }, by: ['span_name'] }), 'process steps[.]')})`,
          `sum by (agent) (${ofAgent(observed(DURATION, { where: { span_name: like('step .*') }, by: ['span_name'] }), 'step ')})`,
        )}, 1)`,
        legend: '{{agent}}',
      },
    ],
  }),
  graph({
    title: 'Tasks and what they are made of',
    description: 'P95 of the spans of tasks, of steps over all their attempts, and of attempts.',
    unit: Milliseconds,
    width: 8,
    exemplars: true,
    queries: [
      {
        expr: quantile(0.95, DURATION, { where: { span_name: like('invoke_workflow .*') } }),
        legend: 'tasks',
      },
      { expr: quantile(0.95, DURATION, { where: { span_name: like('step .*') } }), legend: 'steps' },
      {
        expr: quantile(0.95, DURATION, { where: { span_name: like('process steps[.].*') } }),
        legend: 'attempts',
      },
    ],
  }),
]

const GRAPH_CALLS = 'traces_service_graph_request_total'
const EDGE = ['client', 'server'] as const
const graphOfServices = [
  tableOf({
    title: 'Who calls whom',
    description:
      'From a span of one service to its child in another: requests and messages a second, how many failed, and how long the other one took.',
    width: 12,
    height: 9,
    rows: [
      { label: 'client', title: 'From' },
      { label: 'server', title: 'To' },
    ],
    columns: [
      { title: 'Rate', unit: OpsPerSecond, expr: rate(GRAPH_CALLS, { by: EDGE }) },
      {
        title: 'Failed',
        unit: PercentUnit,
        expr: ratio(
          `(${rate('traces_service_graph_request_failed_total', { by: EDGE })}) or 0 * (${rate(GRAPH_CALLS, { by: EDGE })})`,
          rate(GRAPH_CALLS, { by: EDGE }),
        ),
        limits: { warning: 0.005, critical: 0.01 },
      },
      {
        title: 'P95',
        unit: 's',
        expr: quantile(0.95, 'traces_service_graph_request_server_seconds', { by: EDGE }),
      },
    ],
    sortBy: 'Rate',
  }),
  serviceMap({
    title: 'Service graph',
    description:
      'By the traces that Jaeger has kept: failed and slow ones, and a share of the others. Rates stand beside it.',
    width: 12,
  }),
]

const traces = [
  traceList({
    title: 'Newest traces with an error',
    description:
      'In which the chosen service has a failed span. All of them are kept. A trace has the ids of its task, steps and attempts as attributes.',
    width: 12,
    tags: 'error=true',
    sortBy: 'Start time',
  }),
  traceList({
    title: 'Slowest traces',
    description:
      'In which the chosen service has a span of a second and more. All of 10 s and more are kept, of others a share.',
    width: 12,
    minDuration: '1s',
    sortBy: 'Duration',
  }),
  logLines({
    title: 'Warnings, errors and failed tasks in logs',
    description: 'Of all services, newest first. Open a line: its trace_id leads to the trace.',
    width: 24,
    expr: '{service_name=~".+"} | detected_level=~"warn|error|fatal" or code!=""',
  }),
]

export const TRACES: BoardSpec = {
  name: 'traces',
  description:
    'What do spans say: how often, how many fail, how long, who calls whom; and which traces are worth a look?',
  variables: [
    datasourceVariable('jaeger', {
      type: 'jaeger',
      title: 'Jaeger',
      description: 'Where traces are read from.',
    }),
    datasourceVariable('loki', { type: 'loki', title: 'Loki', description: 'Where logs are read from.' }),
    labelVariable({
      name: 'service',
      title: 'Service',
      description: 'Whose spans and traces are listed.',
      label: 'service_name',
      series: CALLS,
      single: 'orchestrator',
    }),
  ],
  rows: [
    { title: 'Rate, errors and duration', panels: services },
    { title: 'Spans of a service', panels: spans },
    { title: 'Waiting and working', panels: waiting },
    { title: 'Services', panels: graphOfServices },
    { title: 'Traces and logs', panels: traces },
  ],
}
