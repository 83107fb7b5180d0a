import type { LogEvent } from '#schemas/log-event.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import type { Decision } from '#workflow/decide/commands.ts'
import { TaskDraft } from '#workflow/decide/transitions.ts'
import type { UnreadableTask } from './partition-store.ts'

/**
 * Why a task can't go on, and what of its state may stay: all of it, all but what its steps gave, or no more than that it
 * existed. The less stays, the surer it can be stored.
 */
export interface Quarantine {
  why: string
  keep: 'all' | 'no-outputs' | 'nothing'
}

const MAX_REPORTED = 500

/** Ends a task that makes decisions, or the store, fail: it has failed with what was thrown, and the partition goes on. Pure. */
export function quarantineTask(
  state: TaskState | undefined,
  event: LogEvent,
  { why, keep }: Quarantine,
): Decision {
  const before = event.kind === 'accepted' ? TaskDraft.accept(event.body, event).state : state
  if (!before || isTerminal(before.status)) return { state, commands: [] }
  const draft = TaskDraft.of(reduced(before, keep), event)
  draft.finish('failed', {
    code: 'TASK_QUARANTINED',
    message: `the task can't go on: ${why.slice(0, MAX_REPORTED)}`,
  })
  return draft.decision()
}

/** One step less of it each time; undefined: there is nothing left to leave out. */
export function harder(before: Quarantine | undefined, why: string): Quarantine | undefined {
  if (before?.keep === 'nothing') return undefined
  return { why, keep: before === undefined ? 'all' : before.keep === 'all' ? 'no-outputs' : 'nothing' }
}

/** A task of which no more is known than that it was there. */
export function unknownTask({ id, known }: UnreadableTask, atMs: number): TaskState {
  const createdAtMs = known.createdAtMs ?? atMs
  return bare({
    v: 1,
    id,
    // Without a tenant nobody may see it: there is none of that name.
    tenant: known.tenant ?? '',
    type: known.type ?? 'plan',
    status: 'running',
    rev: 1,
    seq: 0,
    priority: known.priority ?? 1,
    bodyHash: '',
    createdAtMs,
    startAtMs: createdAtMs,
    deadlineAtMs: createdAtMs,
    input: {},
    plan: { steps: [] },
    steps: {},
  })
}

function reduced(state: TaskState, keep: Quarantine['keep']): TaskState {
  if (keep === 'all') return state
  if (keep === 'nothing') return bare(state)
  const steps: TaskState['steps'] = {}
  for (const [id, step] of Object.entries(state.steps)) {
    const { output: _output, error, ...rest } = step
    steps[id] = { ...rest, ...(error && { error: { code: error.code, message: short(error.message) } }) }
  }
  const { output: _output, ...rest } = state
  return { ...rest, steps }
}

/** Plans have a step at least: readers find one that was never run. */
function bare(state: TaskState): TaskState {
  const { labels: _labels, traceparent: _trace, output: _output, error: _error, ...rest } = state
  return {
    ...rest,
    input: {},
    plan: { steps: [{ id: 'quarantined', agent: 'none' }] },
    steps: { quarantined: { status: 'waiting', attempt: 0 } },
  }
}

function short(text: string): string {
  return text.slice(0, MAX_REPORTED)
}
