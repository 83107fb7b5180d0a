import { z } from 'zod'
import { captureSummarySchema, trackingSummarySchema } from './monitor-summary.ts'

/** What the `summary` step of a monitor is given: how the other two ended. */
export const alertingInputSchema = z.object({
  camera: z.string(),
  capture: captureSummarySchema,
  tracking: trackingSummarySchema,
})
export type AlertingInput = z.infer<typeof alertingInputSchema>
