import { z } from 'zod'
import { alertStatusSchema } from './alert.ts'
import { taskIdSchema } from './identifiers.ts'
import { problemSchema } from './problem.ts'
import { severitySchema } from './watch-rule.ts'

/** Alerts that one request changes, at most. */
export const MAX_BULK_ALERTS = 200

const selectionSchema = z.strictObject({
  /** These alerts … */
  ids: z.array(z.string().min(1).max(128)).min(1).max(MAX_BULK_ALERTS).optional(),
  /** … or those that are all of this. */
  filter: z
    .strictObject({
      severity: severitySchema.optional(),
      status: z.enum(['open', 'acknowledged']).optional(),
      camera: z.string().max(64).optional(),
      rule: z.string().max(64).optional(),
      monitor: taskIdSchema.optional(),
      /** Raised at this time or later, or before this one. Unix milliseconds. */
      sinceMs: z.int().min(0).optional(),
      beforeMs: z.int().min(0).optional(),
    })
    .meta({
      minProperties: 1,
      description: 'Or those that it finds: severity, status, camera, rule, monitor, sinceMs, beforeMs.',
    })
    .optional(),
  by: z.string().min(1).max(256).optional(),
  note: z.string().max(1000).optional(),
  limit: z.int().min(1).max(MAX_BULK_ALERTS).default(MAX_BULK_ALERTS),
  cursor: z.string().min(1).max(256).optional(),
  /** Changes nothing, and says what would be done. */
  dryRun: z.boolean().describe('Changes nothing, and says what would be done.').default(false),
})

function checkSelection(
  { ids, filter }: z.output<typeof selectionSchema>,
  context: Pick<z.RefinementCtx, 'addIssue'>,
): void {
  const refuse = (message: string) => context.addIssue({ code: 'custom', path: ['filter'], message })
  if ((ids === undefined) === (filter === undefined)) refuse('give either ids or a filter')
  if (filter && Object.values(filter).every((value) => value === undefined))
    refuse(
      'an empty filter finds every alert: name a severity, a status, a camera, a rule, a monitor or a time',
    )
}

/** The same, for the OpenAPI document. */
const EITHER = { oneOf: [{ required: ['ids'] }, { required: ['filter'] }] }

/** What the body of REST has of it: the path says what they become. */
export const changeAlertsBodySchema = selectionSchema.superRefine(checkSelection).meta(EITHER)

/** `murmur.alerts.change-many`: the same for every alert that is named, or that a filter finds, page by page. */
export const changeAlertsRequestSchema = selectionSchema
  .extend({ status: z.enum(['acknowledged', 'resolved']) })
  .superRefine(checkSelection)
  .meta(EITHER)
export type ChangeAlertsRequest = z.infer<typeof changeAlertsRequestSchema>

export const changedAlertSchema = z.object({
  id: z.string(),
  camera: z.string().optional(),
  severity: severitySchema.optional(),
  /** As it is now; of a dry run, as it is before. */
  status: alertStatusSchema.optional(),
  message: z.string().optional(),
  /** `planned`: a dry run would have done it. */
  outcome: z.enum(['done', 'planned', 'failed']),
  problem: problemSchema.optional(),
})
export type ChangedAlert = z.infer<typeof changedAlertSchema>
export const changeAlertsResponseSchema = z.object({
  results: z.array(changedAlertSchema),
  /** For the next page of what a filter finds; missing on the last one. */
  nextCursor: z.string().optional(),
})
export type ChangeAlertsResponse = z.infer<typeof changeAlertsResponseSchema>
