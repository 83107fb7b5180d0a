import { z } from 'zod'
import { drainedInstanceSchema, drainMarkSchema } from './agent-drain.ts'
import { cameraCountsSchema } from './camera-view.ts'
import { detectorViewSchema } from './detection.ts'
import { agentTypeSchema, instanceIdSchema } from './identifiers.ts'
import { modelNameSchema } from './model-names.ts'
import { siteViewSchema } from './site.ts'

/** What an instance has beside its code, for steps that need it: `gpu`, `cuda-12`, `region:north`. */
export const CAPABILITY_PATTERN = /^[A-Za-z0-9][\w.:-]{0,63}$/
export const MAX_CAPABILITIES = 32
export const capabilitiesSchema = z
  .array(
    z
      .string()
      .regex(CAPABILITY_PATTERN, { error: 'a capability must be 1 to 64 characters of A-Z a-z 0-9 _ . : -' }),
  )
  .max(MAX_CAPABILITIES)

/** Instances of a type that can be chosen by name at the same time; those beyond take what is for any. */
export const OWN_QUEUES = 16
const ownQueueSchema = z
  .int()
  .min(0)
  .max(OWN_QUEUES - 1)

/** Sent to `murmur.agents.register` when an instance starts; answered once its queues exist. */
export const agentRegistrationSchema = z.object({
  type: agentTypeSchema,
  instance: instanceIdSchema,
  version: z.string().max(64).default('0'),
  description: z.string().max(500).optional(),
  /** It takes from a queue of its own too, if it is given one. */
  ownQueue: z.boolean().optional(),
})
export type AgentRegistration = z.input<typeof agentRegistrationSchema>

export const agentRegisteredSchema = z.object({
  ok: z.literal(true),
  consumers: z.array(z.string()),
  /** The number of its own queue: the consumer `<type>-at<queue>`. */
  queue: ownQueueSchema.optional(),
  /** It is drained: it takes no new steps until it is told to. Missing from orchestrators of an earlier version. */
  cordoned: z.boolean().optional(),
})

/** Sent every second on `agents.heartbeat.<type>.<instance>`. */
export const agentHeartbeatSchema = z.object({
  type: agentTypeSchema,
  instance: instanceIdSchema,
  version: z.string().max(64),
  capabilities: capabilitiesSchema.optional(),
  /** Steps it works on at the same time, at most. */
  capacity: z.int().min(1),
  inFlight: z.int().min(0),
  status: z.enum(['ready', 'draining', 'stopped']),
  /** It is `draining` because it was told to take no new steps, and goes on when it is told so. Missing: it obeys no such orders. */
  cordoned: z.boolean().optional(),
  /** The queue of its own that it takes from too, so it can be chosen; without it, only what is for any instance. */
  queue: ownQueueSchema.optional(),
  /** Since its start. */
  completed: z.int().min(0).optional(),
  failed: z.int().min(0).optional(),
  /** How long a handler has kept the event loop from turning, when it is more than a second. Milliseconds. */
  blockedMs: z.number().min(0).optional(),
  /** Handlers that have ignored their signal for more than ten seconds; they hold slots. */
  stuck: z.int().min(0).optional(),
  startedAtMs: z.number(),
})
export type AgentHeartbeat = z.infer<typeof agentHeartbeatSchema>

/** Whether an instance takes no new steps because it was told so, and goes on with what it has. Pure. */
export function isCordoned({ status, cordoned }: Pick<AgentHeartbeat, 'status' | 'cordoned'>): boolean {
  return status === 'draining' && cordoned === true
}

/** An instance as the registry shows it: one that has been heard of within the last seconds, and does not stop for good. */
export const agentViewSchema = agentHeartbeatSchema.extend({
  /** `drained`: an operator drains it, and it has nothing in work any more. */
  status: z.enum(['ready', 'draining', 'drained', 'stopped']),
  /** An operator drains it. */
  drain: drainMarkSchema.optional(),
  lastSeenMs: z.number(),
})
export type AgentView = z.infer<typeof agentViewSchema>

/** `murmur.agents.list` */
export const listAgentsResponseSchema = z.object({
  agents: z.array(agentViewSchema),
  /** All that are drained, also those that are not heard of. Missing from orchestrators of an earlier version. */
  drains: z.array(drainedInstanceSchema).optional(),
  /** Sites that have been heard of, by name; missing from orchestrators of an earlier version. */
  sites: z.array(siteViewSchema).optional(),
  /** Detectors that are heard, or were lately. Missing from earlier versions too, as is what follows. */
  detectors: z.array(detectorViewSchema).optional(),
  /** Cameras of all tenants, by how they are. */
  cameras: cameraCountsSchema.optional(),
})

/** What alerts are sent on to, outside. */
export const ALERT_SINKS = ['webhook', 'slack', 'pagerduty'] as const

/** `murmur.queues.provide`: an instance needs a queue of a stream. Only an orchestrator may make one. */
export const provideQueueRequestSchema = z.discriminatedUnion('queue', [
  /** The stream of frames, which a server that starts again has forgotten, and what detectors take from it: those of a model, or those that name none. */
  z.object({ queue: z.literal('frames'), model: modelNameSchema.optional() }),
  /** What alerting has to deal with. */
  z.object({ queue: z.literal('camera-events') }),
  /** What one sink has to send on. */
  z.object({ queue: z.literal('alert-sink'), sink: z.enum(ALERT_SINKS) }),
])
export type ProvideQueueRequest = z.infer<typeof provideQueueRequestSchema>

export const provideQueueRequestExample: ProvideQueueRequest = {
  queue: 'alert-sink',
  sink: 'webhook',
}
