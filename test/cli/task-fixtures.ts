import type { TaskState } from '#schemas/task.ts'
import type { TaskEvent } from '#schemas/task-event.ts'

/** A task of two branches and a join: the first branch is done, the second is out, the join waits. */
export const runningTask: TaskState = {
  v: 1,
  id: 'task-1',
  tenant: 'default',
  type: 'report',
  status: 'running',
  rev: 3,
  seq: 9,
  priority: 1,
  bodyHash: '',
  createdAtMs: 1_000,
  startAtMs: 1_000,
  deadlineAtMs: 901_000,
  input: { sources: [{ name: 'sales.csv', text: 'a,b' }] },
  plan: {
    steps: [
      { id: 'join', agent: 'analysis', needs: ['left', 'right'] },
      { id: 'left', agent: 'ingest', input: { $from: 'input.sources.0' } },
      { id: 'right', agent: 'ingest', input: { name: 'notes.md', text: 'x' } },
    ],
  },
  steps: {
    left: { status: 'completed', attempt: 1, dispatchedAtMs: 1_001, startedAtMs: 1_005, finishedAtMs: 1_255 },
    right: { status: 'dispatched', attempt: 1, dispatchedAtMs: 1_001 },
    join: { status: 'waiting', attempt: 0 },
  },
}

export function event(fields: Partial<TaskEvent> & Pick<TaskEvent, 'kind'>): TaskEvent {
  return { v: 1, taskId: 'task-1', type: 'report', atMs: 2_000, ...fields }
}
