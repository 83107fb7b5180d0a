import { OpsPerSecond, PercentUnit, Seconds, Short } from '@grafana/grafana-foundation-sdk/units'
import { figure, graph, type Panel } from '../panels.ts'
import { increase, like, max, orZero, rate, ratio, sum } from '../promql.ts'

const AGENT = { agent: like('$agent') }
const TENANT = { tenant: like('$tenant') }
const EACH = { where: AGENT, by: ['agent'] } as const
const SATURATED = { warning: 0.8, critical: 0.95 }
/** From one orchestrator, for the whole system: while that changes two may tell it, so the higher counts. */
const inFlight = max('murmur_agent_in_flight', EACH)
const capacity = max('murmur_agent_capacity', EACH)
const instances = max('murmur_agent_instances', EACH)

export const OUTCOMES: readonly Panel[] = [
  graph({
    title: 'Results by outcome',
    description: 'done; retry: it is tried again; fail: it is not; timeout: no result came in time.',
    unit: OpsPerSecond,
    width: 8,
    stacked: true,
    queries: [
      {
        expr: orZero(rate('murmur_step_results_total', { where: AGENT, by: ['agent', 'outcome'] }), {
          name: 'outcome',
          value: 'none',
        }),
        legend: '{{agent}} {{outcome}}',
      },
    ],
  }),
  graph({
    title: 'Attempts put on queues',
    description: 'First ones, retries, items of lists, fallbacks and compensations.',
    unit: OpsPerSecond,
    width: 8,
    stacked: true,
    queries: [
      {
        expr: orZero(rate('murmur_steps_dispatched_total', EACH), { name: 'agent', value: 'none' }),
        legend: '{{agent}}',
      },
    ],
  }),
  graph({
    title: 'What agents were told that asked',
    description:
      'Before they run a step that came again or waited long: to run it, or that it is no longer wanted.',
    unit: OpsPerSecond,
    width: 8,
    stacked: true,
    queries: [
      {
        expr: orZero(rate('murmur_step_starts_total', { where: AGENT, by: ['agent', 'verdict'] }), {
          name: 'verdict',
          value: 'none asked',
        }),
        legend: '{{agent}} {{verdict}}',
      },
    ],
  }),
]

export const HEALTH: readonly Panel[] = [
  graph({
    title: 'Circuit breakers of agent types',
    description:
      '0 closed, 1 half open, 2 open: steps wait and are not sent. Of the orchestrator that sees it worst.',
    unit: Short,
    width: 8,
    max: 2,
    limits: { warning: 1, critical: 2 },
    queries: [
      {
        expr: orZero(max('murmur_breaker_state', EACH), { name: 'agent', value: 'none' }),
        legend: '{{agent}}',
      },
    ],
  }),
  graph({
    title: 'Instances left out',
    description: 'Whose own circuit breaker is open or half open: others get their steps.',
    unit: Short,
    width: 8,
    limits: { warning: 1 },
    queries: [
      {
        expr: orZero(max('murmur_breaker_open_instances', EACH), { name: 'agent', value: 'none' }),
        legend: '{{agent}}',
      },
    ],
  }),
  graph({
    title: 'Breakers that changed',
    description: 'Of types and of instances, by the state that they went into.',
    unit: OpsPerSecond,
    width: 8,
    queries: [
      {
        expr: orZero(
          rate('murmur_breaker_transitions_total', { where: AGENT, by: ['agent', 'scope', 'state'] }),
          { name: 'state', value: 'none' },
        ),
        legend: '{{agent}} {{scope}} {{state}}',
      },
    ],
  }),
  graph({
    title: 'Saturation',
    description:
      'Slots that are taken, of all slots of live instances. Near 1 for long: add instances. Above: handlers of cancelled steps go on.',
    unit: PercentUnit,
    width: 8,
    limits: SATURATED,
    queries: [{ expr: ratio(inFlight, capacity), legend: '{{agent}}' }],
  }),
  graph({
    title: 'Instances and slots',
    description: 'Live instances, by their heartbeats, and the steps that they can work on at the same time.',
    unit: Short,
    width: 8,
    queries: [
      { expr: instances, legend: '{{agent}} instances' },
      { expr: capacity, legend: '{{agent}} slots' },
    ],
  }),
  figure({
    title: 'Dead letters in the time shown',
    description: 'Messages that were given up: murmur dlq lists them and sends them again.',
    unit: Short,
    width: 8,
    height: 8,
    limits: { critical: 1 },
    queries: [
      {
        expr: orZero(increase('murmur_dead_letters_total', EACH), { name: 'agent', value: 'none' }),
        legend: '{{agent}}',
      },
    ],
  }),
  graph({
    title: 'Blocked event loops',
    description:
      'Share of the time in which handlers kept the event loop of their process from turning, a second and more at a time.',
    unit: PercentUnit,
    width: 8,
    queries: [
      {
        expr: orZero(rate('murmur_agent_blocked_seconds_total', EACH), { name: 'agent', value: 'none' }),
        legend: '{{agent}}',
      },
    ],
  }),
  graph({
    title: 'Stuck handlers',
    description: 'That have ignored their signal for more than ten seconds; each holds a slot.',
    unit: Short,
    width: 8,
    limits: { warning: 1 },
    queries: [
      {
        expr: orZero(sum('murmur_agent_stuck_handlers', EACH), { name: 'agent', value: 'none' }),
        legend: '{{agent}}',
      },
    ],
  }),
  graph({
    title: 'Chunks',
    description:
      'Partial results and tokens that running steps told watchers, and those that were too large or too many.',
    unit: OpsPerSecond,
    width: 8,
    queries: [
      { expr: orZero(rate('murmur_chunks_total', { where: AGENT })), legend: 'told' },
      { expr: orZero(rate('murmur_chunks_left_out_total', { where: AGENT })), legend: 'left out' },
    ],
  }),
]

export const TENANTS: readonly Panel[] = [
  graph({
    title: 'Agent seconds by tenant',
    description: 'Seconds of agents that each tenant takes a second: how many slots, on average.',
    unit: Short,
    width: 12,
    stacked: true,
    queries: [
      {
        expr: orZero(rate('murmur_agent_seconds_total', { where: TENANT, by: ['tenant'] }), {
          name: 'tenant',
          value: 'none',
        }),
        legend: '{{tenant}}',
      },
    ],
  }),
  figure({
    title: 'Agent seconds in the time shown',
    description: 'By tenant, the ten with the most: what a bill would go by.',
    unit: Seconds,
    width: 12,
    height: 8,
    queries: [
      {
        expr: orZero(
          `topk(10, ${increase('murmur_agent_seconds_total', { where: TENANT, by: ['tenant'] })})`,
          { name: 'tenant', value: 'none' },
        ),
        legend: '{{tenant}}',
      },
    ],
  }),
]
