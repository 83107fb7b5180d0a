import { z } from 'zod'
import { agentTypeSchema, tenantSchema } from './identifiers.ts'

/** Tenants that are named of one queue; the others are told as one number. */
export const NAMED_TENANTS = 20
/** Agent types that an orchestrator tells of, and tenants of each: so that all that it says has a bound. */
export const REPORTED_AGENTS = 100
export const REPORTED_TENANTS = 40

const countSchema = z.int().min(0)

/** What one tenant has of the steps for one agent type. */
export const tenantLoadSchema = z.object({
  tenant: tenantSchema,
  /** Steps that wait for their turn. */
  waiting: countSchema,
  /** Steps that were sent and have not ended. */
  out: countSchema,
})
export type TenantLoad = z.infer<typeof tenantLoadSchema>

/** Tenants that are not named, together. */
export const otherTenantsSchema = z.object({ tenants: countSchema, waiting: countSchema, out: countSchema })
export type OtherTenants = z.infer<typeof otherTenantsSchema>

/** What waits for one agent type, and whose it is. */
export const queueLoadSchema = z.object({
  agent: agentTypeSchema,
  /** Steps that wait for their turn with orchestrators. */
  held: countSchema,
  /** Sent, and taken by no instance yet. */
  queued: countSchema,
  /** In the hands of instances. */
  inWork: countSchema,
  /** How long the step has waited that has waited longest, for its turn or on the queue. Milliseconds; missing: none waits. */
  oldestAgeMs: z.number().min(0).optional(),
  /** Those with most first, 20 at most. */
  tenants: z.array(tenantLoadSchema),
  others: otherTenantsSchema.optional(),
})
export type QueueLoad = z.infer<typeof queueLoadSchema>

/** `murmur.queues.loads` */
export const listQueueLoadsResponseSchema = z.object({
  /** When it was true, by the broker's clock. Unix milliseconds. */
  atMs: z.number(),
  /** By agent type. */
  queues: z.array(queueLoadSchema),
})
export type QueueLoads = z.infer<typeof listQueueLoadsResponseSchema>

/** What one orchestrator knows of the steps for one agent type. */
export const heldLoadSchema = z.object({
  agent: agentTypeSchema,
  held: countSchema,
  out: countSchema,
  /** Since when the oldest of those waits that wait for their turn. Unix milliseconds; missing: none waits. */
  oldestSinceMs: z.number().optional(),
  tenants: z.array(tenantLoadSchema).max(REPORTED_TENANTS),
  others: otherTenantsSchema.optional(),
})
export type HeldLoad = z.infer<typeof heldLoadSchema>

/** What an orchestrator says of the steps of its partitions, for those that are asked about all. */
export const queueLoadReportSchema = z.object({
  v: z.literal(1),
  atMs: z.number(),
  loads: z.array(heldLoadSchema).max(REPORTED_AGENTS),
})
export type QueueLoadReport = z.infer<typeof queueLoadReportSchema>

export const queueLoadExample: QueueLoad = {
  agent: 'word-count',
  held: 120,
  queued: 4,
  inWork: 16,
  oldestAgeMs: 4200,
  tenants: [
    { tenant: 'acme', waiting: 100, out: 12 },
    { tenant: 'default', waiting: 15, out: 6 },
  ],
  others: { tenants: 3, waiting: 5, out: 2 },
}
