import t from 'tap'
import { openApprovalExample } from '../../../schemas/task-controls.ts'
import { Task } from '../../../services/edge/grpc/generated/v1/task.ts'
import { approvalMessage, changedMessage, taskMessage } from '../../../services/edge/grpc/to-proto.ts'
import { taskState } from '../../support/task-states.ts'

t.test('a task says how it stands, with whole times', async (t) => {
  const task = taskState('t', {
    status: 'compensating',
    pausedAtMs: 5.5,
    pauseReason: 'lunch',
    signals: [{ name: 'go', id: 's', payload: null, atMs: 7.5 }],
    seenSignals: ['s'],
    parent: { taskId: 'p', stepId: 'a.3', attempt: 2, depth: 1 },
    retryOf: 't0',
    endsAs: { status: 'failed', error: { code: 'X', message: 'm', stepId: 'a' } },
    steps: {
      a: {
        ...{
          status: 'running',
          attempt: 0,
          waitingSinceMs: 1.5,
          wakeAtMs: 2.5,
          iteration: 3,
          previous: { n: 1 },
        },
        items: { total: 9, next: 4, completed: 2, failed: 1 },
        runs: { 3: { status: 'backoff', attempt: 2, retryAtMs: 8.5 } },
        ...{ fellBack: true, viaFallback: false, completedSeq: 4, compensated: 'failed', escalations: 1 },
        compensationError: { code: 'Y', message: 'n' },
        placement: {
          ...{ attempt: 1, strategy: 'sticky', instance: 'i', because: 'its key', atMs: 3.5, runId: 'a.3' },
          candidates: [{ instance: 'i', version: '1', inFlight: 1, capacity: 4, score: 0.25 }],
          leftOut: [{ instance: 'k', because: 'it is silent' }],
        },
      },
    },
  })
  const back = Task.decode(Task.encode(taskMessage(task)).finish())
  t.match(back, {
    status: 7,
    pausedAtMs: 5,
    pauseReason: 'lunch',
    signals: [{ name: 'go', id: 's', atMs: 7 }],
    seenSignals: ['s'],
    parent: { taskId: 'p', stepId: 'a.3', attempt: 2, depth: 1 },
    retryOf: 't0',
    endsAs: { status: 4, error: { code: 'X' } },
    steps: {
      a: {
        status: 8,
        ...{ waitingSinceMs: 1, wakeAtMs: 2, iteration: 3, previous: { n: 1 } },
        items: { total: 9, next: 4, completed: 2, failed: 1 },
        runs: { 3: { status: 3, attempt: 2, retryAtMs: 8 } },
        ...{ fellBack: true, viaFallback: false, completedSeq: 4, compensated: 'failed', escalations: 1 },
        compensationError: { code: 'Y' },
        placement: {
          ...{ attempt: 1, strategy: 'sticky', instance: 'i', because: 'its key', atMs: 3, runId: 'a.3' },
          candidates: [{ instance: 'i', version: '1', inFlight: 1, capacity: 4, score: 0.25 }],
          leftOut: [{ instance: 'k', because: 'it is silent' }],
        },
      },
    },
  })
})

t.test('a question and a result of many', async (t) => {
  t.match(approvalMessage({ ...openApprovalExample, sinceMs: 1.5, untilMs: 2.5 }), { sinceMs: 1, untilMs: 2 })
  t.strictSame(changedMessage({ taskId: 't', outcome: 'done', status: 'paused', newTaskId: 'n' }), {
    taskId: 't',
    outcome: 'done',
    newTaskId: 'n',
    status: 6,
  })
})
