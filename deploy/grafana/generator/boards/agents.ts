import { PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units'
import { type BoardSpec, consoleLink, linkTo } from '../board.ts'
import { graph, heatmapOf, tableOf } from '../panels.ts'
import { buckets, increase, like, max, orZero, quantile, ratio, sum } from '../promql.ts'
import { labelVariable } from '../variables.ts'
import { HEALTH, OUTCOMES, TENANTS } from './agent-health.ts'

const AGENT = { agent: like('$agent') }
const EACH = { where: AGENT, by: ['agent'] } as const
const QUANTILES = [0.5, 0.95, 0.99] as const
const SATURATED = { warning: 0.8, critical: 0.95 }
/** From one orchestrator, for the whole system: while that changes two may tell it, so the higher counts. */
const inFlight = max('murmur_agent_in_flight', EACH)
const capacity = max('murmur_agent_capacity', EACH)
const instances = max('murmur_agent_instances', EACH)
const byPriority = { where: AGENT, by: ['agent', 'priority'] } as const
const depth = `sum by (agent) (${max('murmur_queue_depth', byPriority)})`
const inWork = `sum by (agent) (${max('murmur_queue_in_work', byPriority)})`

const everyAgent = [
  tableOf({
    title: 'Agents',
    description:
      'One row an agent type. Saturation: slots that are taken, of all slots of live instances; near 1 steps wait. Failed: attempts that did not end well, of those that ended in the time shown, retries included.',
    width: 24,
    height: 9,
    rows: [{ label: 'agent', title: 'Agent' }],
    columns: [
      {
        title: 'Instances',
        unit: Short,
        expr: instances,
        limits: { critical: 1, below: true },
      },
      { title: 'Slots', unit: Short, expr: capacity },
      { title: 'Saturation', unit: PercentUnit, expr: ratio(inFlight, capacity), limits: SATURATED },
      { title: 'Waiting', unit: Short, expr: depth },
      {
        title: 'Oldest',
        unit: Seconds,
        expr: max('murmur_queue_oldest_age_seconds', EACH),
        limits: { warning: 30, critical: 300 },
      },
      { title: 'Wait, P95', unit: Seconds, expr: quantile(0.95, 'murmur_step_queue_seconds', EACH) },
      { title: 'Run, P95', unit: Seconds, expr: quantile(0.95, 'murmur_step_duration_seconds', EACH) },
      {
        title: 'Failed',
        unit: PercentUnit,
        expr: ratio(
          increase('murmur_step_results_total', {
            where: { ...AGENT, outcome: like('fail|retry|timeout') },
            by: ['agent'],
          }),
          increase('murmur_step_results_total', EACH),
        ),
        limits: { warning: 0.01, critical: 0.1 },
      },
      {
        title: 'Breaker',
        unit: Short,
        expr: max('murmur_breaker_state', EACH),
        limits: { warning: 1, critical: 2 },
      },
    ],
    sortBy: 'Waiting',
    rowLinks: [
      {
        title: 'Only ${__value.raw}',
        url: linkTo('agents', { agent: '${__value.raw}' }),
      },
      {
        title: '${__value.raw} in the console',
        url: consoleLink('agents?type=${__value.raw}'),
        targetBlank: true,
      },
    ],
  }),
]

const queues = [
  graph({
    title: 'Waiting steps by priority',
    description:
      'On the queue of an agent, that no instance has taken; `own`: on the queues of single instances. It should go back to 0.',
    unit: Short,
    width: 12,
    stacked: true,
    queries: [{ expr: max('murmur_queue_depth', byPriority), legend: '{{agent}} {{priority}}' }],
    links: [{ title: 'Queues in the console', url: consoleLink('queues') }],
  }),
  graph({
    title: 'Oldest waiting step by priority',
    description:
      'How long the step has waited that has waited longest. Growing: more comes than is done, or nobody takes it.',
    unit: Seconds,
    width: 12,
    limits: { warning: 30, critical: 300 },
    queries: [{ expr: max('murmur_queue_oldest_age_seconds', byPriority), legend: '{{agent}} {{priority}}' }],
  }),
  graph({
    title: 'Steps in work',
    description: 'That instances have taken and not settled.',
    unit: Short,
    width: 8,
    stacked: true,
    queries: [{ expr: inWork, legend: '{{agent}}' }],
  }),
  graph({
    title: 'Parked steps',
    description:
      'That wait at orchestrators for their turn: limits of an agent, fairness between tenants, a full queue.',
    unit: Short,
    width: 8,
    stacked: true,
    queries: [
      {
        expr: orZero(sum('murmur_steps_parked', EACH), { name: 'agent', value: 'none' }),
        legend: '{{agent}}',
      },
    ],
  }),
  graph({
    title: 'What agents are scaled by',
    description:
      'Steps that wait or are in work for each instance. Kubernetes starts more above 2, of api-caller above 32 (deploy/k8s/components/hpa).',
    unit: Short,
    width: 8,
    queries: [{ expr: `((${depth}) + (${inWork})) / ((${instances}) > 0)`, legend: '{{agent}}' }],
  }),
]

const waitAndRun = [
  ...QUANTILES.map((q) =>
    graph({
      title: `Wait, P${q * 100}`,
      description: 'From the dispatch of an attempt to its start.',
      unit: Seconds,
      width: 8,
      queries: [{ expr: quantile(q, 'murmur_step_queue_seconds', EACH), legend: '{{agent}}' }],
    }),
  ),
  ...QUANTILES.map((q) =>
    graph({
      title: `Run, P${q * 100}`,
      description:
        'From the start to the end of an attempt, by the clock of the agent. Points lead to traces.',
      unit: Seconds,
      width: 8,
      exemplars: true,
      queries: [{ expr: quantile(q, 'murmur_step_duration_seconds', EACH), legend: '{{agent}}' }],
    }),
  ),
  heatmapOf({
    title: 'How long attempts wait',
    description:
      'Of the agents that are chosen. Each column is a moment, each cell a range of durations; the brighter, the more attempts.',
    unit: Seconds,
    width: 12,
    queries: [{ expr: buckets('murmur_step_queue_seconds', { where: AGENT }), legend: '{{le}}' }],
  }),
  heatmapOf({
    title: 'How long attempts run',
    description: 'Of the agents that are chosen. A point leads to the trace of a task.',
    unit: Seconds,
    width: 12,
    queries: [{ expr: buckets('murmur_step_duration_seconds', { where: AGENT }), legend: '{{le}}' }],
  }),
]

export const AGENTS: BoardSpec = {
  name: 'agents',
  description: 'Which agent is behind, which is ill, which needs more instances, and who uses them?',
  variables: [
    labelVariable({
      name: 'agent',
      title: 'Agent',
      description: 'Types of agents that orchestrators know.',
      label: 'agent',
      series: 'murmur_agent_instances',
    }),
    labelVariable({
      name: 'tenant',
      title: 'Tenant',
      description: 'Of the last row only: other metrics are not split by tenants.',
      label: 'tenant',
      series: 'murmur_agent_seconds_total',
    }),
  ],
  rows: [
    { title: 'Agents', panels: everyAgent },
    { title: 'Queues', panels: queues },
    { title: 'Wait and run', panels: waitAndRun },
    { title: 'Outcomes', panels: OUTCOMES },
    { title: 'Health and saturation', panels: HEALTH },
    { title: 'Tenants', panels: TENANTS },
  ],
}
