import { z } from 'zod'
import { checkReferences, monitorRequestSchema, watchRulesShape } from './monitor-request.ts'

const { camera, minScore } = monitorRequestSchema.shape

/** What the tracking step of a monitor gets: which camera, and what is watched for. */
export const trackingInputSchema = z
  .object({ camera, minScore, ...watchRulesShape })
  .superRefine(checkReferences)
export type TrackingInput = z.infer<typeof trackingInputSchema>
export type TrackingInputInput = z.input<typeof trackingInputSchema>

export const trackingInputExample: TrackingInputInput = {
  camera: 'yard',
  zones: [
    {
      id: 'gate',
      polygon: [
        [0.1, 0.5],
        [0.4, 0.5],
        [0.4, 0.9],
        [0.1, 0.9],
      ],
    },
  ],
  rules: [{ id: 'gate-access', kind: 'intrusion', zone: 'gate' }],
}
