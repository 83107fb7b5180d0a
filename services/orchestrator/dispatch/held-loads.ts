import {
  type HeldLoad,
  type OtherTenants,
  REPORTED_AGENTS,
  REPORTED_TENANTS,
  type TenantLoad,
} from '#schemas/queue-load.ts'

/** A step that waits for its turn, or is out. */
export interface LoadedStep {
  readonly agent: string
  readonly tenant: string
  /** Since when it waits. Unix milliseconds. */
  readonly sinceMs: number | undefined
  readonly isOut: boolean
}

interface Counted {
  held: number
  out: number
  oldestSinceMs: number | undefined
  readonly tenants: Map<string, { waiting: number; out: number }>
}

/** What waits and what is out, by agent type and tenant: types and tenants with most first, and as many as are told of. Pure. */
export function heldLoads(steps: Iterable<LoadedStep>): HeldLoad[] {
  const byAgent = new Map<string, Counted>()
  for (const { agent, tenant, sinceMs, isOut } of steps) {
    const counted = byAgent.get(agent) ?? { held: 0, out: 0, oldestSinceMs: undefined, tenants: new Map() }
    byAgent.set(agent, counted)
    const own = counted.tenants.get(tenant) ?? { waiting: 0, out: 0 }
    counted.tenants.set(tenant, own)
    if (isOut) {
      counted.out++
      own.out++
      continue
    }
    counted.held++
    own.waiting++
    if (sinceMs !== undefined) counted.oldestSinceMs = Math.min(counted.oldestSinceMs ?? sinceMs, sinceMs)
  }
  return [...byAgent]
    .sort(([, a], [, b]) => b.held + b.out - (a.held + a.out))
    .slice(0, REPORTED_AGENTS)
    .map(([agent, { held, out, oldestSinceMs, tenants }]) => {
      const loads = [...tenants].map(([tenant, counts]): TenantLoad => ({ tenant, ...counts }))
      return {
        ...{ agent, held, out },
        ...(oldestSinceMs !== undefined && { oldestSinceMs }),
        ...mostLoaded(loads, REPORTED_TENANTS),
      }
    })
}

/** What several orchestrators say of one agent type, together. Pure. @param named tenants that keep their names */
export function mergedLoad(loads: readonly HeldLoad[], named: number): Omit<HeldLoad, 'agent'> {
  const tenants = new Map<string, TenantLoad>()
  const since = loads.flatMap(({ oldestSinceMs }) => oldestSinceMs ?? [])
  for (const { tenant, waiting, out } of loads.flatMap((load) => load.tenants)) {
    const before = tenants.get(tenant) ?? { tenant, waiting: 0, out: 0 }
    tenants.set(tenant, { tenant, waiting: before.waiting + waiting, out: before.out + out })
  }
  return {
    held: sum(loads.map(({ held }) => held)),
    out: sum(loads.map(({ out }) => out)),
    ...(since.length > 0 && { oldestSinceMs: Math.min(...since) }),
    ...mostLoaded(
      [...tenants.values()],
      named,
      loads.flatMap(({ others }) => others ?? []),
    ),
  }
}

/** @param unnamed what is known of others already: which tenants they are nobody knows, so of several the largest number counts */
function mostLoaded(
  tenants: readonly TenantLoad[],
  named: number,
  unnamed: readonly OtherTenants[] = [],
): Pick<HeldLoad, 'tenants' | 'others'> {
  const sorted = tenants.toSorted(
    (a, b) => b.waiting + b.out - (a.waiting + a.out) || (a.tenant < b.tenant ? -1 : 1),
  )
  const rest = sorted.slice(named)
  const others: OtherTenants = {
    tenants: rest.length + Math.max(0, ...unnamed.map((one) => one.tenants)),
    waiting: sum([...rest, ...unnamed].map(({ waiting }) => waiting)),
    out: sum([...rest, ...unnamed].map(({ out }) => out)),
  }
  return { tenants: sorted.slice(0, named), ...(others.tenants > 0 && { others }) }
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, each) => total + each, 0)
}
