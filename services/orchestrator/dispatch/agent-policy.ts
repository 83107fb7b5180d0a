import type { AgentPolicy as AgentPolicySettings, StrategyName } from '#schemas/agent-policy.ts'
import { type BreakerSettings, DEFAULT_BREAKER } from './breaker.ts'
import { NO_LIMITS, type QueueLimits } from './queue-limits.ts'
import type { VersionWeights } from './version-shares.ts'

/** How steps of one agent type are dispatched, with nothing left out. */
export interface AgentPolicy {
  strategy: StrategyName
  limits: QueueLimits
  breaker: BreakerSettings
  /** Label of the task whose value is the key of fairness and of limits; without it there is none. */
  keyLabel?: string | undefined
  /** Path in the input of a step whose value `sticky` goes by. */
  stickyPath?: readonly string[] | undefined
  /** Shares of steps between ranges of versions. */
  versions?: VersionWeights | undefined
}

export const DEFAULT_POLICY: AgentPolicy = {
  strategy: 'pull',
  limits: NO_LIMITS,
  breaker: DEFAULT_BREAKER,
}

/** What is left out is as by default. Pure. */
export function toPolicy(settings: AgentPolicySettings): AgentPolicy {
  const { strategy = DEFAULT_POLICY.strategy, breaker, keyLabel, stickyPath } = settings
  return {
    strategy,
    limits: {
      paused: settings.paused ?? false,
      concurrency: settings.concurrency ?? NO_LIMITS.concurrency,
      tenantConcurrency: settings.tenantConcurrency ?? NO_LIMITS.tenantConcurrency,
      concurrencyOf: new Map(Object.entries(settings.concurrencyOf ?? {})),
      keyConcurrency: settings.keyConcurrency ?? NO_LIMITS.keyConcurrency,
      perSecond: settings.perSecond ?? NO_LIMITS.perSecond,
      keyPerSecond: settings.keyPerSecond ?? NO_LIMITS.keyPerSecond,
      weights: new Map(Object.entries(settings.weights ?? {})),
      pausedTenants: new Set(settings.pausedTenants),
    },
    breaker: { ...DEFAULT_BREAKER, ...given(breaker) },
    keyLabel,
    stickyPath: stickyPath?.split('.'),
    versions: settings.versions && new Map(Object.entries(settings.versions)),
  }
}

/** Without what stands there as undefined. */
function given(settings: AgentPolicySettings['breaker'] = {}): Partial<BreakerSettings> {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))
}
