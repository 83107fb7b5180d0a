import { z } from 'zod'
import { agentRegistrationSchema, listAgentsResponseSchema } from '#schemas/agent.ts'
import {
  changeAlertRequestSchema,
  changeAlertResponseSchema,
  getAlertRequestSchema,
  getAlertResponseSchema,
  listAlertsRequestSchema,
  listAlertsResponseSchema,
} from '#schemas/alert.ts'
import {
  createKeyRequestSchema,
  createKeyResponseSchema,
  listKeysRequestSchema,
  listKeysResponseSchema,
  revokeKeyRequestSchema,
  revokeKeyResponseSchema,
} from '#schemas/api-key.ts'
import {
  artifactExample,
  getTaskResultRequestSchema,
  getTaskResultResponseSchema,
  listArtifactsRequestSchema,
  listArtifactsResponseSchema,
} from '#schemas/artifact.ts'
import {
  deadLetterExample,
  getDeadLetterRequestSchema,
  getDeadLetterResponseSchema,
  listDeadLettersRequestSchema,
  listDeadLettersResponseSchema,
} from '#schemas/dead-letter.ts'
import { detectorInfoExample, detectorInfoSchema } from '#schemas/detection.ts'
import { checkPlanResponseSchema } from '#schemas/plan-check.ts'
import { provideQueueRequestExample, provideQueueRequestSchema } from '#schemas/provide-queue.ts'
import { stepMessageExample } from '#schemas/step-message.ts'
import {
  releaseStepsRequestSchema,
  releaseStepsResponseSchema,
  startStepsRequestExample,
  startStepsRequestSchema,
  startStepsResponseExample,
  startStepsResponseSchema,
} from '#schemas/step-start.ts'
import { submissionExample, submissionReceiptSchema, submissionSchema } from '#schemas/submission.ts'
import { getSubmissionRequestSchema, submissionFateSchema } from '#schemas/submission-fate.ts'
import { listQueuesResponseSchema, systemStatusSchema } from '#schemas/system-status.ts'
import { taskEventExample } from '#schemas/task-event.ts'
import {
  cancelTaskRequestSchema,
  cancelTaskResponseSchema,
  getTaskRequestSchema,
  getTaskResponseSchema,
  listTasksRequestSchema,
  listTasksResponseSchema,
} from '#schemas/task-queries.ts'
import { watchTaskItemSchema, watchTaskRequestSchema } from '#schemas/watch-task.ts'
import type { SERVICES } from '#subjects/subjects.ts'
import { ALERT, HEARTBEAT, KEY, PLAN, QUEUES, STATUS, TASK, TASK_ID } from './examples.ts'
import type { MessageContract, ServiceContract } from './message-contract.ts'

const said = (name: string, schema: z.ZodType, example: unknown): MessageContract => ({
  name,
  schema,
  example,
})
const nothing = (name: string) => said(name, z.strictObject({}), {})
const TRACED = { traceparent: 'W3C trace context: the trace that the task belongs to.' }

/** A service, as `{summary, what it is asked, what it answers}`. */
function service(
  summary: string,
  request: MessageContract,
  answers: MessageContract | MessageContract[],
  about: { isOfTenant?: boolean } = {},
): ServiceContract {
  return { summary, request, answers: [answers].flat(), isOfTenant: about.isOfTenant ?? false }
}
const OF_TENANT = { isOfTenant: true }
const { plan: _plan, input: _input, ...summary } = TASK
const TASK_LINE = {
  id: summary.id,
  tenant: summary.tenant,
  type: summary.type,
  status: summary.status,
  createdAtMs: summary.createdAtMs,
  finishedAtMs: summary.finishedAtMs,
  steps: { total: 1, completed: 1, failed: 0 },
}

/** What is said on every service of the catalogue. */
export const SERVICE_CONTRACTS: Readonly<Record<keyof typeof SERVICES, ServiceContract>> = {
  submitTask: service(
    'Starts a task; the answer means that it exists, durably.',
    { ...said('SubmitTask', submissionSchema, submissionExample), headers: TRACED },
    said('SubmissionReceipt', submissionReceiptSchema, { taskId: TASK_ID, duplicate: false }),
    OF_TENANT,
  ),
  getTask: service(
    'One task, with its result.',
    said('GetTask', getTaskRequestSchema, { taskId: TASK_ID }),
    said('Task', getTaskResponseSchema, { task: TASK }),
    OF_TENANT,
  ),
  listTasks: service(
    'Tasks, newest first, page by page.',
    said('ListTasks', listTasksRequestSchema, { status: 'failed', labels: { team: 'north' }, limit: 50 }),
    said('Tasks', listTasksResponseSchema, { tasks: [TASK_LINE] }),
    OF_TENANT,
  ),
  cancelTask: service(
    'Asks for the end of a task.',
    said('CancelTask', cancelTaskRequestSchema, { taskId: TASK_ID, reason: 'not needed any more' }),
    said('CancelAccepted', cancelTaskResponseSchema, { taskId: TASK_ID, accepted: true }),
    OF_TENANT,
  ),
  watchTask: service(
    'Watches a task: a snapshot, every event, and `end`, each a message to the reply subject.',
    said('WatchTask', watchTaskRequestSchema, { taskId: TASK_ID, afterRev: 2, forMs: 60_000 }),
    said('WatchItem', watchTaskItemSchema, { kind: 'event', event: taskEventExample }),
    OF_TENANT,
  ),
  getTaskResult: service(
    'The output of a task that completed, whole; refused while it is not over, and with its own error when it failed.',
    said('GetTaskResult', getTaskResultRequestSchema, { taskId: TASK_ID }),
    said('TaskResult', getTaskResultResponseSchema, { output: { count: { words: 7 } } }),
    OF_TENANT,
  ),
  listArtifacts: service(
    'The files that a task made, as its output refers to them.',
    said('ListArtifacts', listArtifactsRequestSchema, { taskId: TASK_ID }),
    said('Artifacts', listArtifactsResponseSchema, { artifacts: [artifactExample] }),
    OF_TENANT,
  ),
  getSubmission: service(
    'What became of a submission that came by `tasks.submit.<type>`; kept for an hour where it was refused.',
    said('GetSubmission', getSubmissionRequestSchema, { messageId: 'may-report-1' }),
    said('SubmissionFate', submissionFateSchema, { status: 'accepted', taskId: TASK_ID }),
    OF_TENANT,
  ),
  checkPlan: service(
    'What a submission would do; it is checked as if it were submitted, and nothing is run.',
    said('CheckPlan', submissionSchema, { type: 'plan', plan: PLAN }),
    said('PlanCheck', checkPlanResponseSchema, {
      type: 'plan',
      plan: PLAN,
      waves: [['fetch', 'read'], ['count']],
      deadlineMs: 900_000,
    }),
    OF_TENANT,
  ),
  listQueues: service(
    'What waits, and what is in work.',
    nothing('ListQueues'),
    said('Queues', listQueuesResponseSchema, QUEUES),
  ),
  systemStatus: service(
    'Queues, agents, and what the system gave over the last five minutes.',
    nothing('GetStatus'),
    said('SystemStatus', systemStatusSchema, STATUS),
  ),
  createKey: service(
    'Makes an API key; its secret is shown this once. For operators.',
    said('CreateKey', createKeyRequestSchema, {
      tenant: 'default',
      name: KEY.name,
      scopes: KEY.scopes,
      expiresInMs: 2_592_000_000,
    }),
    said('CreatedKey', createKeyResponseSchema, { key: KEY, secret: `mur_${KEY.id}_…` }),
  ),
  listKeys: service(
    'API keys, without their secrets. For operators.',
    said('ListKeys', listKeysRequestSchema, { tenant: 'default' }),
    said('Keys', listKeysResponseSchema, { keys: [KEY] }),
  ),
  revokeKey: service(
    'Ends an API key for good. For operators.',
    said('RevokeKey', revokeKeyRequestSchema, { id: KEY.id }),
    said('RevokedKey', revokeKeyResponseSchema, { key: { ...KEY, revokedAtMs: 1_790_000_100_000 } }),
  ),
  startSteps: service(
    'Whether an instance may run attempts that it has taken; on murmur.steps.start.<agent>.',
    said('StartSteps', startStepsRequestSchema, startStepsRequestExample),
    said('StartVerdicts', startStepsResponseSchema, startStepsResponseExample),
  ),
  releaseSteps: service(
    'Attempts that an instance hands back because it stops; on murmur.steps.release.<agent>.',
    said('ReleaseSteps', releaseStepsRequestSchema, {
      instance: 'word-count-4f1a',
      steps: [{ taskId: TASK_ID, stepId: 'count', attempt: 1 }],
    }),
    said('Released', releaseStepsResponseSchema, { ok: true }),
  ),
  listDeadLetters: service(
    'Messages that were given up, newest first.',
    said('ListDeadLetters', listDeadLettersRequestSchema, { agent: 'word-count', limit: 50 }),
    said('DeadLetters', listDeadLettersResponseSchema, { deadLetters: [deadLetterExample] }),
  ),
  getDeadLetter: service(
    'One message that was given up, with what it holds.',
    said('GetDeadLetter', getDeadLetterRequestSchema, { seq: 3 }),
    said('DeadLetter', getDeadLetterResponseSchema, {
      deadLetter: deadLetterExample,
      content: stepMessageExample,
    }),
  ),
  registerAgent: service(
    'An instance of an agent starts; answered once its queues exist.',
    said('RegisterAgent', agentRegistrationSchema, { type: 'word-count', instance: 'word-count-4f1a' }),
    said('Registered', z.object({ ok: z.literal(true), consumers: z.array(z.string()) }), {
      ok: true,
      consumers: ['word-count-p0', 'word-count-p1', 'word-count-p2'],
    }),
  ),
  provideQueue: service(
    'A process of ours needs a queue: an orchestrator makes it, nobody else may.',
    said('ProvideQueue', provideQueueRequestSchema, provideQueueRequestExample),
    said('QueueProvided', z.object({ ok: z.literal(true) }), { ok: true }),
  ),
  listAgents: service(
    'Instances that were heard of in the last minute.',
    nothing('ListAgents'),
    said('Agents', listAgentsResponseSchema, {
      agents: [{ ...HEARTBEAT, lastSeenMs: 1_790_000_060_000 }],
    }),
  ),
  detectionInfo: service(
    'What a detector runs.',
    nothing('GetDetectorInfo'),
    said('DetectorInfo', detectorInfoSchema, detectorInfoExample),
  ),
  listAlerts: service(
    'Alerts, newest first, page by page.',
    said('ListAlerts', listAlertsRequestSchema, { status: 'open', severity: 'critical', limit: 20 }),
    said('Alerts', listAlertsResponseSchema, { alerts: [ALERT] }),
    OF_TENANT,
  ),
  getAlert: service(
    'One alert.',
    said('GetAlert', getAlertRequestSchema, { id: ALERT.id }),
    said('Alert', getAlertResponseSchema, { alert: ALERT }),
    OF_TENANT,
  ),
  changeAlert: service(
    'Somebody takes care of an alert, or it is over.',
    said('ChangeAlert', changeAlertRequestSchema, { id: ALERT.id, status: 'acknowledged', by: 'anna' }),
    said('ChangedAlert', changeAlertResponseSchema, { alert: { ...ALERT, status: 'acknowledged' } }),
    OF_TENANT,
  ),
}
