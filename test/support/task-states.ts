import type { TaskState } from '#schemas/task.ts'
import type { Commit, TaskWrite } from '../../services/orchestrator/partition/partition-store.ts'

/** A small running task; `about` says what matters. */
export function taskState(id: string, about: Partial<TaskState> = {}): TaskState {
  return {
    v: 1,
    id,
    tenant: 'default',
    type: 'plan',
    status: 'running',
    rev: 1,
    seq: 1,
    priority: 1,
    bodyHash: '',
    createdAtMs: 1000,
    startAtMs: 1000,
    deadlineAtMs: 901_000,
    input: { n: 1 },
    plan: { steps: [{ id: 'a', agent: 'x' }] },
    steps: { a: { status: 'waiting', attempt: 0 } },
    ...about,
  }
}

export function write(state: TaskState, about: Partial<Omit<TaskWrite, 'state'>> = {}): TaskWrite {
  return { state, dueMs: 'unchanged', isNew: false, ...about }
}

let commits = 0

/** A commit with an id of its own that moves the offset; `about` says what else it does. */
export function commitOf(
  offsets: [from: number | undefined, to: number],
  about: Partial<Omit<Commit, 'depth' | 'tenants'>> & {
    depth?: Record<string, number>
    tenants?: Record<string, number>
  } = {},
): Commit {
  const { depth = {}, tenants = {}, ...rest } = about
  const [expectedOffset, offset] = offsets
  const id = `commit-${++commits}`
  return {
    id,
    expectedOffset,
    offset,
    emitted: 0,
    level: true,
    log: { stream: 'a', storedAtMs: offset },
    writes: [],
    depth: new Map(Object.entries(depth)),
    tenants: new Map(Object.entries(tenants)),
    ...rest,
  }
}
