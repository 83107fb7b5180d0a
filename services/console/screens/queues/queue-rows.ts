import type { AgentDispatchView } from '#schemas/agent-policy.ts'
import type { SystemStatus } from '#schemas/system-status.ts'

/** Priorities of steps, the most urgent first: their place is their number. */
export const PRIORITIES = ['critical', 'high', 'normal', 'low'] as const

/** What waits for agents of one type, and what they have. */
export interface QueueRow {
  readonly agent: string
  /** Waits for its turn before it is sent, as far as that may be read. */
  readonly held: number | undefined
  /** Sent, and taken by nobody yet: by priority, the most urgent first. */
  readonly queued: readonly number[]
  readonly inWork: number
  /** Slots of the instances that live. */
  readonly capacity: number
  readonly instances: number
  readonly isPaused: boolean
  readonly pausedTenants: readonly string[]
  /** Shares of agent time between tenants, where the policy names some. */
  readonly weights: readonly { tenant: string; share: number }[]
}

/** By what waits, most first; then by name. Pure. */
export function queueRowsOf(
  { queues, agents }: Pick<SystemStatus, 'queues' | 'agents'>,
  dispatches: readonly AgentDispatchView[] | undefined,
): QueueRow[] {
  const dispatchOf = new Map((dispatches ?? []).map((dispatch) => [dispatch.agent, dispatch]))
  const names = new Set([
    ...queues.steps.map(({ agent }) => agent),
    ...agents.map(({ type }) => type),
    ...dispatchOf.keys(),
  ])
  const rows = [...names].map((agent): QueueRow => {
    const steps = queues.steps.filter((step) => step.agent === agent)
    const policy = dispatchOf.get(agent)?.policy
    const living = agents.find(({ type }) => type === agent)
    return {
      agent,
      held: dispatches && (dispatchOf.get(agent)?.waiting ?? 0),
      queued: PRIORITIES.map((_name, priority) =>
        sum(steps.filter((step) => step.priority === priority).map(({ waiting }) => waiting)),
      ),
      inWork: sum(steps.map(({ inWork }) => inWork)),
      capacity: living?.capacity ?? 0,
      instances: living?.instances ?? 0,
      isPaused: policy?.paused ?? false,
      pausedTenants: policy?.pausedTenants ?? [],
      weights: sharesOf(policy?.weights),
    }
  })
  return rows.sort((a, b) => depthOf(b) - depthOf(a) || a.agent.localeCompare(b.agent))
}

/** All that waits, wherever it lies. Pure. */
export function depthOf({ held, queued }: Pick<QueueRow, 'held' | 'queued'>): number {
  return (held ?? 0) + sum(queued)
}

/** What each tenant that is named gets while it has work beside one that is not, which counts 1. Pure. */
export function sharesOf(
  weights: Readonly<Record<string, number>> = {},
): { tenant: string; share: number }[] {
  const entries = Object.entries(weights)
  const total = sum(entries.map(([, weight]) => weight)) + 1
  return entries
    .map(([tenant, weight]) => ({ tenant, share: weight / total }))
    .sort((a, b) => b.share - a.share || a.tenant.localeCompare(b.tenant))
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
