import { z } from 'zod'
import { agentTypeSchema, tenantSchema } from './identifiers.ts'

/** How the instance that gets a step is chosen: docs/dispatch.md. */
export const STRATEGY_NAMES = ['pull', 'round-robin', 'weighted', 'least-loaded', 'sticky'] as const
export type StrategyName = (typeof STRATEGY_NAMES)[number]

const MAX_TENANTS = 1000
const MAX_RANGES = 16
const MAX_IN_FLIGHT = 1_000_000
const concurrency = z.int().min(1).max(MAX_IN_FLIGHT)
const perSecond = z.number().min(0.001).max(MAX_IN_FLIGHT)
const byTenant = <Value extends z.ZodType>(value: Value) =>
  z
    .record(tenantSchema, value)
    .refine((record) => Object.keys(record).length <= MAX_TENANTS, {
      error: `at most ${MAX_TENANTS} tenants`,
    })
    .meta({ maxProperties: MAX_TENANTS })

/** When the circuit breakers of an agent type and of its instances open. What is left out is as it is by default. */
export const breakerPolicySchema = z.strictObject({
  windowMs: z.int().min(1000).max(3_600_000).optional(),
  /** Of the last so many calls, */
  maxCalls: z.int().min(1).max(10_000).optional(),
  /** if there were so many. */
  minCalls: z.int().min(1).max(10_000).optional(),
  failureRate: z.number().min(0.01).max(1).optional(),
  slowRate: z.number().min(0.01).max(1).optional(),
  /** What takes longer is slow; without it nothing is. Milliseconds. */
  slowMs: z.int().min(1).max(86_400_000).optional(),
  openMs: z.int().min(100).max(3_600_000).optional(),
  maxOpenMs: z.int().min(100).max(3_600_000).optional(),
})

/** How steps of one agent type are dispatched. What is left out is not limited. */
export const agentPolicySchema = z.strictObject({
  strategy: z.enum(STRATEGY_NAMES).optional(),
  /** Nothing is dispatched; what comes waits. */
  paused: z.boolean().optional(),
  pausedTenants: z.array(tenantSchema).max(MAX_TENANTS).optional(),
  /** Steps that are out at the same time, of the type, */
  concurrency: concurrency.optional(),
  /** of each tenant, */
  tenantConcurrency: concurrency.optional(),
  /** of these tenants instead, */
  concurrencyOf: byTenant(concurrency).optional(),
  /** of each key. */
  keyConcurrency: concurrency.optional(),
  /** Steps a second, of the type and of each key. */
  perSecond: perSecond.optional(),
  keyPerSecond: perSecond.optional(),
  /** The label of a task whose value is its key. */
  keyLabel: z.string().min(1).max(64).optional(),
  /** Where in the input of a step `sticky` finds what it goes by: `model.name`. Without it: the key. */
  stickyPath: z.string().min(1).max(256).optional(),
  /** Shares of agent time between tenants; 1 unless given. */
  weights: byTenant(z.number().min(0.01).max(1000)).optional(),
  /** Shares of steps between ranges of versions, where the step names none: `{"1.x": 95, "2.x": 5}`. Instances in none of them get nothing. */
  versions: z
    .record(z.string().min(1).max(128), z.number().min(0.01).max(1_000_000))
    .refine((ranges) => Object.keys(ranges).length <= MAX_RANGES, { error: `at most ${MAX_RANGES} ranges` })
    .meta({ maxProperties: MAX_RANGES })
    .optional(),
  breaker: breakerPolicySchema.optional(),
})
export type AgentPolicy = z.infer<typeof agentPolicySchema>

/** On `agent-policies.<type>`: the last state of each is kept. */
export const storedPolicySchema = z.object({
  v: z.literal(1),
  agent: agentTypeSchema,
  policy: agentPolicySchema,
  updatedAtMs: z.number(),
  /** When its circuit breakers were last reset by hand. */
  resetAtMs: z.number().optional(),
})
export type StoredPolicy = z.infer<typeof storedPolicySchema>

/** `murmur.agents.set-policy` */
export const setAgentPolicyRequestSchema = z.strictObject({
  agent: agentTypeSchema,
  /** Changes these and leaves the others. */
  set: agentPolicySchema.optional(),
  /** Takes these away, so that they are as by default. */
  unset: z.array(agentPolicySchema.keyof()).max(32).describe('These are as by default again.').optional(),
  /** Closes its circuit breakers. */
  resetBreakers: z.boolean().describe('Closes its circuit breakers.').optional(),
})
export type SetAgentPolicyRequest = z.infer<typeof setAgentPolicyRequestSchema>
export const setAgentPolicyResponseSchema = z.object({ policy: storedPolicySchema })

/** `murmur.agents.policies` */
export const getAgentPoliciesRequestSchema = z.strictObject({ agent: agentTypeSchema.optional() })

const breakerStateSchema = z.enum(['closed', 'open', 'half-open'])

/** `agents.breakers.<type>`: a circuit breaker of the type, or of one of its instances, has changed. */
export const breakerChangeSchema = z.object({
  v: z.literal(1),
  agent: agentTypeSchema,
  /** Without one it is that of the type. */
  instance: z.string().optional(),
  state: breakerStateSchema,
  /** Why, for people. */
  because: z.string(),
})
export type BreakerChange = z.infer<typeof breakerChangeSchema>

/** An agent type as the orchestrator that answers sees it. */
export const agentDispatchViewSchema = z.object({
  agent: agentTypeSchema,
  policy: agentPolicySchema,
  updatedAtMs: z.number().optional(),
  /** Steps of its partitions that wait for their turn, and that are out. */
  waiting: z.int(),
  out: z.int(),
  breaker: z.object({
    state: breakerStateSchema,
    calls: z.int(),
    failureRate: z.number(),
    slowRate: z.number(),
    because: z.string().optional(),
  }),
})
export type AgentDispatchView = z.infer<typeof agentDispatchViewSchema>
export const getAgentPoliciesResponseSchema = z.object({ agents: z.array(agentDispatchViewSchema) })

export const storedPolicyExample: StoredPolicy = {
  v: 1,
  agent: 'word-count',
  policy: { strategy: 'least-loaded', concurrency: 20, weights: { acme: 2 } },
  updatedAtMs: 1_790_000_000_000,
}
export const agentDispatchViewExample: AgentDispatchView = {
  agent: 'word-count',
  policy: storedPolicyExample.policy,
  updatedAtMs: storedPolicyExample.updatedAtMs,
  waiting: 12,
  out: 20,
  breaker: { state: 'closed', calls: 80, failureRate: 0.01, slowRate: 0 },
}

export const breakerChangeExample: BreakerChange = {
  v: 1,
  agent: 'word-count',
  state: 'open',
  because: '26 of 50 calls failed within a minute',
}
