import {
  OpsPerSecond,
  PercentUnit,
  RequestsPerSecond,
  Seconds,
  Short,
} from '@grafana/grafana-foundation-sdk/units'
import { linkTo } from '../board.ts'
import { figure, graph, type Panel } from '../panels.ts'
import {
  isNot,
  like,
  mean,
  observations,
  observed,
  orZero,
  quantile,
  rate,
  ratio,
  sum,
  unlike,
} from '../promql.ts'

const TYPE = { type: like('$type') }
/** Objects take as long as they are large. */
const QUICK = { operation: unlike('putObject|getObject') }
const API_LATENCY_S = 0.5

export const WHERE_TIME_GOES: readonly Panel[] = [
  graph({
    title: 'Where the time of a step goes',
    description:
      'Of a step on average: it waits on its queue, runs at an agent, and its result is folded by an orchestrator. Queue: too few agents. Run: slow agents. Orchestration: see Orchestrator, NATS and Redis.',
    unit: Seconds,
    width: 12,
    stacked: true,
    queries: [
      { expr: orZero(mean('murmur_step_queue_seconds')), legend: 'queue' },
      { expr: orZero(mean('murmur_step_duration_seconds')), legend: 'run' },
      { expr: orZero(mean('murmur_event_fold_seconds')), legend: 'orchestration' },
    ],
    links: [{ title: 'Agents and queues', url: linkTo('agents') }],
  }),
  graph({
    title: 'Attempts that wait and that run',
    description: 'How many there were at the same time, on average, by the time that they took.',
    unit: Short,
    width: 12,
    stacked: true,
    queries: [
      { expr: orZero(observed('murmur_step_queue_seconds')), legend: 'wait' },
      { expr: orZero(observed('murmur_step_duration_seconds')), legend: 'run' },
    ],
  }),
  graph({
    title: 'P95 of the wait by agent',
    description:
      'From the dispatch of an attempt to its start. High for one agent: it has too few instances.',
    unit: Seconds,
    width: 8,
    queries: [{ expr: quantile(0.95, 'murmur_step_queue_seconds', { by: ['agent'] }), legend: '{{agent}}' }],
    links: [{ title: 'Agents and queues', url: linkTo('agents') }],
  }),
  graph({
    title: 'P95 of the run by agent',
    description: 'From the start to the end of an attempt, by the clock of the agent.',
    unit: Seconds,
    width: 8,
    exemplars: true,
    queries: [
      { expr: quantile(0.95, 'murmur_step_duration_seconds', { by: ['agent'] }), legend: '{{agent}}' },
    ],
    links: [{ title: 'Agents and queues', url: linkTo('agents') }],
  }),
  graph({
    title: 'Orchestration',
    description:
      'From the storing of an event to the commit of what became of it: what an orchestrator adds to each step. The service level is 500 ms.',
    unit: Seconds,
    width: 8,
    limits: { warning: 0.1, critical: 0.5 },
    queries: ([0.5, 0.95, 0.99] as const).map((q) => ({
      expr: quantile(q, 'murmur_event_fold_seconds'),
      legend: `P${q * 100}`,
    })),
    links: [{ title: 'Orchestrator, NATS and Redis', url: linkTo('infrastructure') }],
  }),
]

export const FAILURES: readonly Panel[] = [
  graph({
    title: 'Failed tasks by code',
    description:
      'Of all types that are chosen, by the code of their error: docs/errors.md says what each means.',
    unit: OpsPerSecond,
    width: 6,
    stacked: true,
    queries: [
      {
        expr: orZero(rate('tasks_failed_total', { where: TYPE, by: ['code'] }), {
          name: 'code',
          value: 'none',
        }),
        legend: '{{code}}',
      },
    ],
    links: [{ title: 'Traces', url: linkTo('traces') }],
  }),
  graph({
    title: 'Ends of tasks, by whose fault',
    description:
      'fault is ours and counts against the service level; caller: what was asked for can not be done; outside: something that a plan called did not do its part.',
    unit: OpsPerSecond,
    width: 6,
    stacked: true,
    queries: [
      {
        expr: rate('murmur_task_outcomes_total', { where: { outcome: isNot('completed') }, by: ['outcome'] }),
        legend: '{{outcome}}',
      },
    ],
  }),
  graph({
    title: 'Submissions refused, by code',
    description: 'INVALID_SUBMISSION and UNKNOWN_AGENT are of the caller; OVERLOADED is for want of room.',
    unit: OpsPerSecond,
    width: 6,
    stacked: true,
    queries: [{ expr: rate('murmur_rejected_total', { by: ['code'] }), legend: '{{code}}' }],
  }),
  graph({
    title: 'Not let in, by what is full',
    description:
      'What there was no room in. A submission in the durable queue counts each time it is looked at, and is let in later.',
    unit: OpsPerSecond,
    width: 6,
    stacked: true,
    queries: [{ expr: rate('murmur_admission_refused_total', { by: ['reason'] }), legend: '{{reason}}' }],
  }),
]

export const API: readonly Panel[] = [
  graph({
    title: 'Requests by outcome',
    description: 'Requests that the edge answered: OK or the code of the problem, over REST and gRPC.',
    unit: RequestsPerSecond,
    width: 8,
    stacked: true,
    queries: [
      {
        expr: orZero(rate('murmur_edge_requests_total', { by: ['transport', 'code'] }), {
          name: 'code',
          value: 'none',
        }),
        legend: '{{transport}} {{code}}',
      },
    ],
  }),
  graph({
    title: 'P95 of requests by operation',
    description:
      'From the head of a request to the end of its answer, without objects and what stays open. The service level is 500 ms.',
    unit: Seconds,
    width: 8,
    exemplars: true,
    limits: { warning: 0.25, critical: API_LATENCY_S },
    queries: [
      {
        expr: quantile(0.95, 'murmur_edge_request_duration_seconds', { where: QUICK, by: ['operation'] }),
        legend: '{{operation}}',
      },
    ],
  }),
  graph({
    title: 'Refused by the edge',
    description: 'Requests without valid credentials, without the right, or over their rate.',
    unit: RequestsPerSecond,
    width: 8,
    stacked: true,
    queries: [{ expr: rate('murmur_edge_refused_total', { by: ['code'] }), legend: '{{code}}' }],
  }),
  figure({
    title: 'Requests',
    description: 'Requests a second over REST and gRPC; those that stay open are counted at their end.',
    unit: RequestsPerSecond,
    width: 6,
    queries: [{ expr: orZero(rate('murmur_edge_requests_total')), legend: 'requests' }],
  }),
  figure({
    title: 'Requests that met a problem',
    description: 'Share of the requests that were answered with a problem, of the caller or of ours.',
    unit: PercentUnit,
    width: 6,
    queries: [
      {
        expr: orZero(
          ratio(
            orZero(rate('murmur_edge_requests_total', { where: { code: isNot('OK') } })),
            rate('murmur_edge_requests_total'),
          ),
        ),
        legend: 'problems',
      },
    ],
  }),
  figure({
    title: 'Requests within 500 ms',
    description: 'Share in the last minutes, without objects and what stays open.',
    unit: PercentUnit,
    width: 6,
    limits: { warning: 0.99, critical: 0.95, below: true },
    queries: [
      {
        expr: ratio(
          `sum(rate(murmur_edge_request_duration_seconds_bucket{namespace=~"$namespace", operation!~"putObject|getObject", le="0.5"}[$__rate_interval]))`,
          observations('murmur_edge_request_duration_seconds', { where: QUICK }),
        ),
        legend: 'within 500 ms',
      },
    ],
  }),
  figure({
    title: 'Requests that stay open',
    description: 'Watches and followed tasks, now.',
    unit: Short,
    width: 6,
    queries: [{ expr: orZero(sum('murmur_edge_streams', { by: ['transport'] })), legend: '{{transport}}' }],
  }),
]
