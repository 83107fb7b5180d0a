import { NoUnit, OpsPerSecond, PercentUnit, Short } from '@grafana/grafana-foundation-sdk/units'
import type { BoardSpec } from '../board.ts'
import { figure, graph, heatmapOf, tableOf } from '../panels.ts'
import { increase, like, orZero, quantile, rate, ratio, sum } from '../promql.ts'
import { recorded } from '../recorded.ts'
import { labelVariable } from '../variables.ts'
import { API, FAILURES, WHERE_TIME_GOES } from './overview-causes.ts'

const TYPE = { type: like('$type') }

const serviceLevels = [
  tableOf({
    title: 'Service levels',
    description:
      'What was promised, what share was kept over the last 30 days, and how much of the share that may fail is left. Task and API availability count only what failed by our fault; API latency and orchestration are the share within 500 ms; alert freshness is the share of alerts within 500 ms of their frame.',
    width: 14,
    rows: [{ label: 'slo', title: 'Service level' }],
    columns: [
      { title: 'Objective', unit: PercentUnit, expr: recorded('slo:objective:ratio') },
      { title: 'Kept, 30 days', unit: PercentUnit, expr: recorded('slo:compliance:ratio_rate30d') },
      {
        title: 'Budget left',
        unit: PercentUnit,
        expr: recorded('slo:error_budget_left:ratio_rate30d'),
        limits: { warning: 0.25, critical: 0, below: true },
      },
      {
        title: 'Missed, 1 hour',
        unit: PercentUnit,
        expr: recorded('slo:errors_per_events:ratio_rate1h'),
      },
      { title: 'Times missed, 1 hour', unit: Short, expr: recorded('slo:errors:increase1h') },
      { title: 'Events a second', unit: OpsPerSecond, expr: recorded('slo:events:rate5m') },
    ],
    sortBy: 'Missed, 1 hour',
  }),
  graph({
    title: 'Error budget burn, 1 hour',
    description:
      'How fast the last hour used up what may fail. At 1 the budget of 30 days lasts just 30 days; at 14.4 it is gone after two.',
    unit: 'suffix:×',
    width: 10,
    limits: { warning: 1, critical: 14.4 },
    queries: [
      {
        expr: `${recorded('slo:errors_per_events:ratio_rate1h')} / on (slo) (1 - ${recorded('slo:objective:ratio')})`,
        legend: '{{slo}}',
      },
    ],
  }),
]

const throughput = [
  figure({
    title: 'Tasks accepted',
    description: 'Tasks a second that were accepted, whoever submitted them.',
    unit: OpsPerSecond,
    width: 4,
    queries: [{ expr: orZero(rate('tasks_submitted_total', { where: TYPE })), legend: 'accepted' }],
  }),
  figure({
    title: 'Tasks completed',
    description: 'Tasks a second that ended well.',
    unit: OpsPerSecond,
    width: 4,
    queries: [{ expr: orZero(rate('tasks_completed_total', { where: TYPE })), legend: 'completed' }],
  }),
  figure({
    title: 'Tasks failed, of those that ended',
    description: 'Share of the tasks that ended in the time shown and that failed, for whatever reason.',
    unit: PercentUnit,
    width: 4,
    limits: { warning: 0.005, critical: 0.01 },
    queries: [
      {
        expr: orZero(
          ratio(
            orZero(increase('tasks_failed_total', { where: TYPE })),
            `(${orZero(increase('tasks_failed_total', { where: TYPE }))}) + (${orZero(increase('tasks_completed_total', { where: TYPE }))})`,
          ),
        ),
        legend: 'failed',
      },
    ],
  }),
  figure({
    title: 'Under way',
    description: 'Tasks that were accepted and have not ended. One that only waits or sleeps counts, too.',
    unit: Short,
    width: 4,
    queries: [{ expr: sum('murmur_tasks_active'), legend: 'active' }],
  }),
  figure({
    title: 'Waiting',
    description:
      'Submissions that nobody has taken in, and steps that no agent has taken. It should go back to 0.',
    unit: Short,
    width: 4,
    queries: [
      { expr: orZero(sum('queue_depth', { where: { task_type: like('$type') } })), legend: 'waiting' },
    ],
  }),
  figure({
    title: 'Alerts that fire',
    description: 'Of Prometheus. Each has a page in docs/runbooks that says what it means and what to do.',
    unit: NoUnit,
    width: 4,
    limits: { warning: 1, critical: 3 },
    queries: [
      {
        expr: 'count(ALERTS{namespace=~"$namespace", alertstate="firing", alertname!="Watchdog"}) or vector(0)',
        legend: 'firing',
      },
    ],
  }),
  graph({
    title: 'Tasks accepted and ended',
    description: 'If more are accepted than end, for longer than a task takes, work piles up.',
    unit: OpsPerSecond,
    width: 12,
    queries: [
      { expr: orZero(rate('tasks_submitted_total', { where: TYPE })), legend: 'accepted' },
      { expr: orZero(rate('tasks_completed_total', { where: TYPE })), legend: 'completed' },
      { expr: orZero(rate('tasks_failed_total', { where: TYPE })), legend: 'failed' },
      { expr: orZero(rate('murmur_tasks_cancelled_total', { where: TYPE })), legend: 'cancelled' },
    ],
  }),
  graph({
    title: 'Tasks accepted by type',
    description: 'What the load is made of.',
    unit: OpsPerSecond,
    width: 12,
    stacked: true,
    queries: [
      {
        expr: orZero(rate('tasks_submitted_total', { where: TYPE, by: ['type'] }), {
          name: 'type',
          value: 'none',
        }),
        legend: '{{type}}',
      },
    ],
  }),
]

const latency = [
  ...([0.5, 0.95, 0.99] as const).map((q) =>
    graph({
      title: `P${q * 100} by type`,
      description: `From the acceptance to the end of a task: ${q * 100} % of them took no longer. What a type should take is a matter of its steps; compare it with yesterday.`,
      unit: 'ms',
      width: 8,
      exemplars: q === 0.99,
      queries: [
        { expr: quantile(q, 'task_execution_time_ms', { where: TYPE, by: ['type'] }), legend: '{{type}}' },
      ],
    }),
  ),
  heatmapOf({
    title: 'How long tasks take',
    description:
      'Each column is a moment, each cell a range of durations; the brighter, the more tasks. Two bands are two kinds of tasks. A point leads to the trace of a task.',
    unit: 'ms',
    width: 12,
    queries: [
      {
        expr: `sum by (le) (rate(task_execution_time_ms_bucket{namespace=~"$namespace", type=~"$type"}[$__rate_interval]))`,
        legend: '{{le}}',
      },
    ],
  }),
  graph({
    title: 'Tasks that wait, by type',
    description: 'Submissions and steps in queues, shared out by the types of their tasks.',
    unit: Short,
    width: 12,
    stacked: true,
    queries: [
      {
        expr: orZero(sum('queue_depth', { where: { task_type: like('$type') }, by: ['task_type'] }), {
          name: 'task_type',
          value: 'none',
        }),
        legend: '{{task_type}}',
      },
    ],
  }),
]

export const OVERVIEW: BoardSpec = {
  name: 'overview',
  description: 'Do we keep what we promised, how much is done, where does the time go, and what is refused?',
  variables: [
    labelVariable({
      name: 'type',
      title: 'Type of task',
      description: 'Of tasks: report, monitor, plan, and those of plan templates.',
      label: 'type',
      series: 'tasks_submitted_total',
    }),
  ],
  rows: [
    { title: 'Service levels', panels: serviceLevels },
    { title: 'Throughput', panels: throughput },
    { title: 'How long tasks take', panels: latency },
    { title: 'Where time goes', panels: WHERE_TIME_GOES },
    { title: 'What fails and what is refused', panels: FAILURES },
    { title: 'API', panels: API },
  ],
}
