import { LIMITS } from '#schemas/limits.ts'
import {
  type TrackingInput,
  type TrackingSummary,
  trackingInputSchema,
  trackingSummarySchema,
} from '#schemas/monitor-steps.ts'
import { type AgentDefinition, defineAgent } from '#sdk/index.ts'
import { type TrackingDeps, trackCamera } from './monitor/track-camera.ts'

/** The agent that tracks the detections of a camera and raises an event when one of its rules comes true. docs/tracking.md */
export function createTrackingAgent(deps: TrackingDeps): AgentDefinition<TrackingInput, TrackingSummary> {
  return defineAgent({
    name: 'tracking',
    version: '1',
    description: 'Follows persons and vehicles over the frames of a camera and watches over its rules',
    input: trackingInputSchema,
    output: trackingSummarySchema,
    limits: { concurrency: 64, timeoutMs: LIMITS.stepTimeoutMs },
    interruptible: true,
    handle: (input, ctx) => trackCamera(input, ctx, deps),
  })
}
