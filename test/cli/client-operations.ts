import type { ClientOperationName } from '../../services/cli/client/transport.ts'

/** What the client asks for, with all that it may say; a name that is left out does not compile. */
const BODIES: Readonly<
  Record<Exclude<ClientOperationName, 'getTaskResult' | 'listArtifacts' | 'watchTask'>, object>
> = {
  submitTask: { type: 'plan' },
  checkPlan: { type: 'plan' },
  listTasks: {
    status: 'failed',
    type: 'plan',
    labels: { a: 'b' },
    createdFromMs: 1,
    createdBeforeMs: 2,
    limit: 3,
    cursor: 'c',
  },
  getTask: { taskId: 't' },
  cancelTask: { taskId: 't', reason: 'r' },
  listAlerts: {
    severity: 'high',
    status: 'open',
    camera: 'yard',
    monitor: 'm',
    sinceMs: 1,
    limit: 3,
    cursor: 'c',
  },
  getAlert: { id: 'a' },
  changeAlert: { id: 'a', status: 'resolved', by: 'anna', note: 'n' },
  listDeadLetters: {
    agent: 'a',
    taskType: 'plan',
    code: 'POISON_MESSAGE',
    createdFromMs: 1,
    createdBeforeMs: 2,
    limit: 3,
    cursor: '4',
  },
  getDeadLetter: { seq: 1 },
  replayDeadLetters: { seqs: [1], requestId: 'r', input: {}, dryRun: true },
  purgeDeadLetters: { filter: { agent: 'a' }, limit: 3, cursor: '4', dryRun: true, reason: 'r' },
  pauseTask: { taskId: 't', reason: 'r' },
  resumeTask: { taskId: 't' },
  signalTask: { taskId: 't', name: 'go', payload: { n: 1 }, id: 'one' },
  listApprovals: { assignee: 'finance', taskId: 't', limit: 3, cursor: 'c' },
  answerApproval: {
    ...{ taskId: 't', stepId: 'a', attempt: 1, decision: 'approved', by: 'anna' },
    ...{ values: { n: 1 }, subject: {}, comment: 'c' },
  },
  retryTask: { taskId: 't', requestId: 'r', fromSteps: ['a'], input: {}, plan: { steps: [] } },
  changeTasks: { action: 'cancel', filter: { type: 'plan' }, limit: 3, cursor: 'c', dryRun: true },
  listAgents: {},
  getStatus: {},
}
export const CLIENT_OPERATIONS = Object.entries(BODIES) as [keyof typeof BODIES, object][]
