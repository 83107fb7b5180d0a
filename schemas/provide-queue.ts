import { z } from 'zod'

/** What alerts are sent on to, outside. */
export const ALERT_SINKS = ['webhook', 'slack', 'pagerduty'] as const

/** `murmur.queues.provide`: an instance needs a queue of a stream. Only an orchestrator may make one. */
export const provideQueueRequestSchema = z.discriminatedUnion('queue', [
  /** The stream of frames, which a server that starts again has forgotten, and what detectors take from it. */
  z.object({ queue: z.literal('frames') }),
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
