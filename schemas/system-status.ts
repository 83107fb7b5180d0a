import { z } from 'zod'
import { cameraCountsSchema } from './camera-view.ts'
import { detectorViewSchema } from './detection.ts'
import { prioritySchema } from './plan.ts'
import { siteViewSchema } from './site.ts'
import { storageLevelSchema } from './storage.ts'

/** The steps that wait for agents of one type at one priority. */
export const stepQueueSchema = z.object({
  agent: z.string(),
  priority: prioritySchema,
  waiting: z.int(),
  /** In the hands of agents. */
  inWork: z.int(),
  /** How long the step has been on the queue that waits longest. Milliseconds; missing: none waits. */
  oldestAgeMs: z.number().min(0).optional(),
})

/** `murmur.queues.list` */
export const listQueuesResponseSchema = z.object({
  /** Submissions that came by `tasks.submit.<type>` and are not looked at yet. */
  intake: z.object({ waiting: z.int(), inWork: z.int() }),
  /** Tasks that have not ended, by type. */
  tasks: z.array(z.object({ type: z.string(), active: z.int() })),
  steps: z.array(stepQueueSchema),
})
export type Queues = z.infer<typeof listQueuesResponseSchema>

/** What the service gave to those who used it, over the last `windowS` seconds. */
export const serviceLevelsSchema = z.object({
  windowS: z.number(),
  accepted: z.int(),
  completed: z.int(),
  failed: z.int(),
  cancelled: z.int(),
  /** Accepted a second. */
  acceptedPerSecond: z.number(),
  /** Ended a second. */
  endedPerSecond: z.number(),
  /** Failed, of those that completed or failed; 0 when none did. */
  errorRate: z.number(),
  /** Of completed tasks, from when they might begin to their end. Milliseconds; missing when none ended. */
  latencyMs: z.object({ p50: z.number(), p95: z.number(), p99: z.number() }).optional(),
})
export type ServiceLevels = z.infer<typeof serviceLevelsSchema>

/** `murmur.system.status` */
export const systemStatusSchema = z.object({
  v: z.literal(1),
  /** Unix milliseconds. */
  atMs: z.number(),
  queues: listQueuesResponseSchema,
  agents: z.array(
    z.object({
      type: z.string(),
      instances: z.int(),
      capacity: z.int(),
      inFlight: z.int(),
      /** Instances that an operator drains; missing: none. */
      drained: z.int().optional(),
    }),
  ),
  serviceLevels: serviceLevelsSchema,
  /** How full everything is; absent while no orchestrator says it. */
  storage: z.array(storageLevelSchema).optional(),
  /** Sites beyond a link of their own, and whether that is up; missing from edges of an earlier version. */
  sites: z.array(siteViewSchema).optional(),
  /** Detectors, and cameras of all tenants by how they are; missing from edges of an earlier version. */
  detectors: z.array(detectorViewSchema).optional(),
  cameras: cameraCountsSchema.optional(),
})
export type SystemStatus = z.infer<typeof systemStatusSchema>
