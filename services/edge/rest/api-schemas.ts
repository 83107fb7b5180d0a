import { z } from 'zod'
import { agentViewSchema } from '#schemas/agent.ts'
import { agentDispatchViewSchema, agentPolicySchema, storedPolicySchema } from '#schemas/agent-policy.ts'
import { alertSchema } from '#schemas/alert.ts'
import { artifactSchema } from '#schemas/artifact.ts'
import { blobRefSchema } from '#schemas/blob.ts'
import { deadLetterResultSchema, deadLetterSchema } from '#schemas/dead-letter.ts'
import { monitorRequestSchema } from '#schemas/monitor-request.ts'
import { usageSchema } from '#schemas/object-usage.ts'
import { planSchema } from '#schemas/plan.ts'
import { planTemplateSchema, templateParameterSchema, templateSummarySchema } from '#schemas/plan-template.ts'
import { problemSchema } from '#schemas/problem.ts'
import {
  occurrenceSchema,
  previewScheduleRequestSchema,
  putScheduleRequestSchema,
  scheduleSchema,
  scheduleSummarySchema,
} from '#schemas/schedule.ts'
import { checkPlanResponseSchema, submissionReceiptSchema, submissionSchema } from '#schemas/submission.ts'
import { systemStatusSchema } from '#schemas/system-status.ts'
import { taskStateSchema, taskSummarySchema } from '#schemas/task.ts'
import { changedTaskSchema, openApprovalViewSchema } from '#schemas/task-controls.ts'
import { taskEventSchema } from '#schemas/task-event.ts'
import { pausedTaskTypeSchema, taskTypePauseSchema } from '#schemas/task-type.ts'

/** RFC 9457, with what our catalogue adds. */
const restProblemSchema = z.object({
  type: z.string().describe('urn:murmuration:error:CODE'),
  title: z.string(),
  status: z.int(),
  detail: z.string().describe('What was wrong.'),
  instance: z.string().optional().describe('The path that was asked for.'),
  requestId: z.string().describe('Of this request: X-Request-Id, also in the logs of the edge.'),
  traceId: z.string().optional().describe('Of the trace that the request belongs to, 32 hex digits.'),
  code: problemSchema.shape.code,
  fix: z.string().describe('How to mend it.'),
  issues: problemSchema.shape.issues,
  retryAfterMs: problemSchema.shape.retryAfterMs,
})

/** What REST speaks of, by the names that the document has for it. */
export const API_SCHEMAS = {
  Submission: submissionSchema,
  SubmissionReceipt: submissionReceiptSchema,
  Plan: planSchema,
  PlanCheck: checkPlanResponseSchema,
  PlanTemplate: planTemplateSchema,
  TemplateParameter: templateParameterSchema,
  TemplateSummary: templateSummarySchema,
  Task: taskStateSchema,
  TaskSummary: taskSummarySchema,
  TaskEvent: taskEventSchema,
  ChangedTask: changedTaskSchema,
  Approval: openApprovalViewSchema,
  Agent: agentViewSchema,
  AgentPolicy: agentPolicySchema,
  StoredAgentPolicy: storedPolicySchema,
  AgentDispatch: agentDispatchViewSchema,
  TaskTypePause: taskTypePauseSchema,
  PausedTaskType: pausedTaskTypeSchema,
  Alert: alertSchema,
  Artifact: artifactSchema,
  DeadLetter: deadLetterSchema,
  DeadLetterResult: deadLetterResultSchema,
  Schedule: scheduleSchema,
  ScheduleSummary: scheduleSummarySchema,
  PutSchedule: putScheduleRequestSchema,
  PreviewSchedule: previewScheduleRequestSchema,
  Occurrence: occurrenceSchema,
  BlobRef: blobRefSchema,
  Usage: usageSchema,
  MonitorRequest: monitorRequestSchema,
  SystemStatus: systemStatusSchema,
  Problem: restProblemSchema,
} as const satisfies Record<string, z.ZodType>

export type ApiSchemaName = keyof typeof API_SCHEMAS

/** JSON Schema 2020-12, which OpenAPI 3.1 speaks, with references between them. */
export function componentSchemas(): Record<string, unknown> {
  const registry = z.registry<{ id: string }>()
  for (const [id, schema] of Object.entries(API_SCHEMAS)) registry.add(schema, { id })
  const { schemas } = z.toJSONSchema(registry, {
    uri: (id) => `#/components/schemas/${id}`,
    unrepresentable: 'any',
    io: 'input',
  })
  return Object.fromEntries(
    Object.entries(schemas)
      // What several of them share without a name of its own.
      .filter(([id]) => id !== '__shared')
      .map(([id, { $schema: _schema, $id: _id, ...schema }]) => [id, schema]),
  )
}
