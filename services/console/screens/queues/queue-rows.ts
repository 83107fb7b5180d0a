import type { AgentDispatchView } from '#schemas/agent-policy.ts'
import type { QueueLoad } from '#schemas/queue-load.ts'
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
  /** How long the step has waited that has waited longest. Milliseconds; undefined: none waits. */
  readonly oldestAgeMs: number | undefined
  /** Whose the steps are that wait and that are out; undefined where that may not be read. */
  readonly tenants: TenantShares | undefined
  /** Shares of agent time between tenants, where the policy names some. */
  readonly weights: readonly { tenant: string; share: number }[]
}

/** Of all steps of a queue that wait, and of all that are out, what each tenant has. */
export interface TenantShares {
  readonly waiting: readonly Share[]
  readonly out: readonly Share[]
}

export interface Share {
  /** Undefined: those that are not named, together. */
  readonly tenant: string | undefined
  readonly count: number
  /** 0 to 1. */
  readonly share: number
}

/** By what waits, most first; then by name. Pure. @param loads missing where they may not be read */
export function queueRowsOf(
  { queues, agents }: Pick<SystemStatus, 'queues' | 'agents'>,
  dispatches: readonly AgentDispatchView[] | undefined,
  loads?: readonly QueueLoad[] | undefined,
): QueueRow[] {
  const dispatchOf = new Map((dispatches ?? []).map((dispatch) => [dispatch.agent, dispatch]))
  const loadOf = new Map((loads ?? []).map((load) => [load.agent, load]))
  const names = new Set([
    ...loadOf.keys(),
    ...queues.steps.map(({ agent }) => agent),
    ...agents.map(({ type }) => type),
    ...dispatchOf.keys(),
  ])
  const rows = [...names].map((agent): QueueRow => {
    const steps = queues.steps.filter((step) => step.agent === agent)
    const policy = dispatchOf.get(agent)?.policy
    const load = loadOf.get(agent)
    const oldest = load ? load.oldestAgeMs : oldestOf(steps)
    const living = agents.find(({ type }) => type === agent)
    return {
      agent,
      held: load ? load.held : dispatches && (dispatchOf.get(agent)?.waiting ?? 0),
      queued: PRIORITIES.map((_name, priority) =>
        sum(steps.filter((step) => step.priority === priority).map(({ waiting }) => waiting)),
      ),
      inWork: sum(steps.map(({ inWork }) => inWork)),
      capacity: living?.capacity ?? 0,
      instances: living?.instances ?? 0,
      isPaused: policy?.paused ?? false,
      pausedTenants: policy?.pausedTenants ?? [],
      oldestAgeMs: oldest,
      tenants: load && tenantShares(load),
      weights: sharesOf(policy?.weights),
    }
  })
  return rows.sort((a, b) => depthOf(b) - depthOf(a) || a.agent.localeCompare(b.agent))
}

/** On the queues alone. */
function oldestOf(steps: SystemStatus['queues']['steps']): number | undefined {
  const ages = steps.flatMap(({ oldestAgeMs }) => oldestAgeMs ?? [])
  return ages.length > 0 ? Math.max(...ages) : undefined
}

/** Pure. */
export function tenantShares({ tenants, others }: Pick<QueueLoad, 'tenants' | 'others'>): TenantShares {
  const all = [...tenants, ...(others ? [{ ...others, tenant: undefined }] : [])]
  const sharesBy = (of: 'waiting' | 'out'): Share[] => {
    const total = sum(all.map((one) => one[of]))
    return all
      .filter((one) => one[of] > 0)
      .map((one) => ({ tenant: one.tenant, count: one[of], share: one[of] / total }))
  }
  return { waiting: sharesBy('waiting'), out: sharesBy('out') }
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
