import { z } from 'zod'
import { agentTypeSchema, instanceIdSchema } from './identifiers.ts'

/** Instances of one type that are drained at the same time. */
export const MAX_DRAINED_INSTANCES = 64
export const drainReasonSchema = z.string().max(200)

/** Since when an instance is drained, and why. */
export const drainMarkSchema = z.object({
  /** Unix milliseconds. */
  sinceMs: z.number(),
  reason: drainReasonSchema.optional(),
})
export type DrainMark = z.infer<typeof drainMarkSchema>

/** On `instance-drains.<type>`: which instances of a type take no new steps. The last state of each type is kept. */
export const storedDrainsSchema = z.object({
  v: z.literal(1),
  agent: agentTypeSchema,
  instances: z.array(drainMarkSchema.extend({ instance: instanceIdSchema })).max(MAX_DRAINED_INSTANCES),
})
export type StoredDrains = z.infer<typeof storedDrainsSchema>

/** An instance that is drained, whether or not it is heard of just now. */
export const drainedInstanceSchema = drainMarkSchema.extend({ agent: z.string(), instance: z.string() })
export type DrainedInstance = z.infer<typeof drainedInstanceSchema>

/** `murmur.agents.set-drain` */
export const setInstanceDrainRequestSchema = z.strictObject({
  agent: agentTypeSchema,
  instance: instanceIdSchema,
  drain: z.boolean().describe('False: it takes steps again.'),
  /** For those who look at it later. */
  reason: drainReasonSchema.optional(),
})
export type SetInstanceDrainRequest = z.infer<typeof setInstanceDrainRequestSchema>

/** Whether an instance takes no new steps, as it holds now. */
export const instanceDrainSchema = z.object({
  agent: z.string(),
  instance: z.string(),
  drain: z.boolean(),
  /** Since when it is drained. Unix milliseconds. */
  sinceMs: z.number().optional(),
  reason: z.string().optional(),
})
export type InstanceDrain = z.infer<typeof instanceDrainSchema>
export const setInstanceDrainResponseSchema = z.object({ drain: instanceDrainSchema })

/** On `agents.cordon.<type>.<instance>`: what an orchestrator tells an instance. */
export const cordonOrderSchema = z.object({
  v: z.literal(1),
  /** True: it asks for no new steps; false: it does again. */
  cordoned: z.boolean(),
})
export type CordonOrder = z.infer<typeof cordonOrderSchema>

export const cordonOrderExample: CordonOrder = { v: 1, cordoned: true }
export const drainedInstanceExample: DrainedInstance = {
  agent: 'word-count',
  instance: 'word-count-4f1a',
  sinceMs: 1_790_000_000_000,
  reason: 'the machine gets more memory',
}
export const instanceDrainExample: InstanceDrain = { ...drainedInstanceExample, drain: true }
