import { z } from 'zod'
import { agentViewSchema } from '#schemas/agent.ts'
import {
  drainedInstanceSchema,
  instanceDrainSchema,
  setInstanceDrainRequestSchema,
} from '#schemas/agent-drain.ts'
import {
  agentDispatchViewSchema,
  agentPolicySchema,
  setAgentPolicyRequestSchema,
  storedPolicySchema,
} from '#schemas/agent-policy.ts'
import { alertSchema, changeAlertRequestSchema } from '#schemas/alert.ts'
import { changeAlertsBodySchema, changedAlertSchema } from '#schemas/alert-changes.ts'
import { artifactSchema } from '#schemas/artifact.ts'
import { blobRefSchema } from '#schemas/blob.ts'
import { addBookmarkRequestSchema, bookmarkSchema } from '#schemas/bookmark.ts'
import { listCamerasResponseSchema } from '#schemas/camera-view.ts'
import {
  deadLetterResultSchema,
  deadLetterSchema,
  purgeBodySchema,
  replayBodySchema,
} from '#schemas/dead-letter.ts'
import {
  countedFalsePositiveSchema,
  falsePositiveSchema,
  markFalsePositiveRequestSchema,
} from '#schemas/false-positive.ts'
import { integrityViewSchema } from '#schemas/integrity.ts'
import { monitorRequestSchema } from '#schemas/monitor-request.ts'
import { usageSchema } from '#schemas/object-usage.ts'
import { growPartitionsRequestSchema, partitionsViewSchema } from '#schemas/partition-epochs.ts'
import { planSchema } from '#schemas/plan.ts'
import {
  deleteTemplateRequestSchema,
  planTemplateSchema,
  putTemplateRequestSchema,
  templateParameterSchema,
  templateSummarySchema,
} from '#schemas/plan-template.ts'
import { problemSchema } from '#schemas/problem.ts'
import { queueLoadSchema } from '#schemas/queue-load.ts'
import {
  cameraRecordingSchema,
  clipSchema,
  getTimelineResponseSchema,
  linkClipRequestSchema,
} from '#schemas/recording.ts'
import { markedReviewSchema, markReviewsRequestSchema, reviewSchema } from '#schemas/review.ts'
import {
  occurrenceSchema,
  pauseScheduleRequestSchema,
  previewScheduleRequestSchema,
  putScheduleRequestSchema,
  scheduleSchema,
  scheduleSummarySchema,
  triggerScheduleRequestSchema,
} from '#schemas/schedule.ts'
import { addSnoozeRequestSchema, endSnoozeRequestSchema, snoozeSchema } from '#schemas/snooze.ts'
import { checkPlanResponseSchema, submissionReceiptSchema, submissionSchema } from '#schemas/submission.ts'
import { systemStatusSchema } from '#schemas/system-status.ts'
import { taskStateSchema, taskSummarySchema } from '#schemas/task.ts'
import {
  answerApprovalRequestSchema,
  changedTaskSchema,
  changeTasksRequestSchema,
  handOnApprovalRequestSchema,
  openApprovalViewSchema,
  pauseTaskRequestSchema,
  retryTaskRequestSchema,
  signalTaskRequestSchema,
} from '#schemas/task-controls.ts'
import { taskEventSchema } from '#schemas/task-event.ts'
import { taskLogEventSchema } from '#schemas/task-log.ts'
import { cancelTaskRequestSchema } from '#schemas/task-requests.ts'
import {
  pausedTaskTypeSchema,
  setTaskTypePauseRequestSchema,
  taskTypePauseSchema,
} from '#schemas/task-type.ts'

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

/** What a body has of a request: not what stands in the path, nor what the credential says. */
const REQUEST_BODIES = {
  CancelTask: cancelTaskRequestSchema.omit({ taskId: true }),
  PauseTask: pauseTaskRequestSchema.omit({ taskId: true }),
  SignalTask: signalTaskRequestSchema.omit({ taskId: true }),
  HandOnApproval: handOnApprovalRequestSchema.omit({ taskId: true, stepId: true, by: true }),
  AnswerApproval: answerApprovalRequestSchema.omit({ taskId: true, stepId: true, by: true }),
  RetryTask: retryTaskRequestSchema.omit({ taskId: true }),
  ChangeTasks: changeTasksRequestSchema,
  ReplayDeadLetters: replayBodySchema,
  PurgeDeadLetters: purgeBodySchema,
  SetAgentPolicy: setAgentPolicyRequestSchema.omit({ agent: true }),
  SetInstanceDrain: setInstanceDrainRequestSchema.omit({ agent: true, instance: true }),
  SetTaskTypePause: setTaskTypePauseRequestSchema.omit({ name: true }),
  GrowPartitions: growPartitionsRequestSchema,
  PutTemplate: putTemplateRequestSchema,
  DeleteTemplate: deleteTemplateRequestSchema.omit({ name: true }),
  PauseSchedule: pauseScheduleRequestSchema.omit({ name: true }),
  TriggerSchedule: triggerScheduleRequestSchema.omit({ name: true }),
  ChangeAlert: changeAlertRequestSchema.omit({ id: true, status: true }),
  ChangeAlerts: changeAlertsBodySchema,
  MarkReviews: markReviewsRequestSchema,
  AddSnooze: addSnoozeRequestSchema,
  AddBookmark: addBookmarkRequestSchema,
  EndSnooze: endSnoozeRequestSchema.omit({ id: true }),
  LinkClip: linkClipRequestSchema,
  MarkFalsePositive: markFalsePositiveRequestSchema.omit({ id: true }),
} as const satisfies Record<string, z.ZodType>

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
  TaskLogEvent: taskLogEventSchema,
  ChangedTask: changedTaskSchema,
  Approval: openApprovalViewSchema,
  Agent: agentViewSchema,
  AgentPolicy: agentPolicySchema,
  StoredAgentPolicy: storedPolicySchema,
  AgentDispatch: agentDispatchViewSchema,
  InstanceDrain: instanceDrainSchema,
  DrainedInstance: drainedInstanceSchema,
  TaskTypePause: taskTypePauseSchema,
  PausedTaskType: pausedTaskTypeSchema,
  QueueLoad: queueLoadSchema,
  Integrity: integrityViewSchema,
  Partitions: partitionsViewSchema,
  Alert: alertSchema,
  ChangedAlert: changedAlertSchema,
  Review: reviewSchema,
  MarkedReview: markedReviewSchema,
  Snooze: snoozeSchema,
  Bookmark: bookmarkSchema,
  CameraRecording: cameraRecordingSchema,
  RecordedClip: clipSchema,
  Timeline: getTimelineResponseSchema,
  FalsePositive: falsePositiveSchema,
  CountedFalsePositive: countedFalsePositiveSchema,
  Cameras: listCamerasResponseSchema,
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
  ...REQUEST_BODIES,
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
