import type { AgentPolicy, StrategyName } from '#schemas/agent-policy.ts'

/** How the instance that gets a step is chosen, in words. */
export const STRATEGIES: Readonly<Record<StrategyName, string>> = {
  pull: 'whichever instance is free first takes it',
  'round-robin': 'one after the other',
  weighted: 'by declared capacity, spread evenly',
  'least-loaded': 'the lowest share of slots taken',
  sticky: 'the same key meets the same instance',
}

/** The limits of a policy, one line each; empty: it is as by default. Pure. */
export function limitsOf(policy: AgentPolicy): { name: string; value: string }[] {
  const lines: [string, string | undefined][] = [
    ['Steps out at once', number(policy.concurrency)],
    ['of each tenant', number(policy.tenantConcurrency)],
    ['of some tenants', pairs(policy.concurrencyOf)],
    ['of each key', number(policy.keyConcurrency)],
    ['Steps a second', number(policy.perSecond)],
    ['of each key, a second', number(policy.keyPerSecond)],
    ['Key: the label', policy.keyLabel],
    ['Shares of tenants', pairs(policy.weights)],
    ['Shares of versions', pairs(policy.versions)],
    ['Paused tenants', policy.pausedTenants?.join(', ') || undefined],
  ]
  return lines.flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]))
}

function number(value: number | undefined): string | undefined {
  return value?.toLocaleString('en')
}

function pairs(record: Readonly<Record<string, number>> | undefined): string | undefined {
  const entries = Object.entries(record ?? {})
  return entries.length === 0 ? undefined : entries.map(([name, value]) => `${name} ${value}`).join(', ')
}
