import type { LogEvent } from '#schemas/log-event.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import { type DecideOptions, decide, nextDueMs } from '../decide/decide.ts'
import type { Command } from '../decide/decision.ts'
import type { TaskWrite } from './partition-store.ts'

/** A task as the owner holds it: the state, and the due time that is known to be stored for it. */
export interface HeldTask {
  state: TaskState
  /** Unix ms; undefined: not known, so the next write has to say. */
  storedDueMs: number | undefined
}

export interface TaskCommands {
  state: TaskState
  commands: Command[]
}

export interface Fold {
  /** Tasks after the batch that the batch changed. */
  held: Map<string, HeldTask>
  writes: TaskWrite[]
  /** What to do for each task, with its state after the whole batch. */
  work: TaskCommands[]
  /** Reasons of events that changed nothing. */
  late: Command[]
  /** Change of the number of active tasks, by type. */
  depth: Map<string, number>
  /** The same, by tenant. */
  tenants: Map<string, number>
  /** The earliest timer that the writes contain. */
  earliestDueMs: number
}

interface Touched {
  before: TaskState | undefined
  after: TaskState | undefined
  storedDueMs: number | undefined
  commands: Command[]
}

/**
 * Folds a batch of events into the tasks they belong to. Pure: the tasks come in as `lookUp`, what has to be written
 * and done comes out. A task that several events touch is written once.
 */
export function foldBatch(
  events: readonly LogEvent[],
  lookUp: (taskId: string) => HeldTask | undefined,
  options: DecideOptions,
): Fold {
  const touched = new Map<string, Touched>()
  for (const event of events) {
    const id = event.body.taskId
    let task = touched.get(id)
    if (!task) {
      const held = lookUp(id)
      task = { before: held?.state, after: held?.state, storedDueMs: held?.storedDueMs, commands: [] }
      touched.set(id, task)
    }
    const decision = decide(task.after, event, options)
    task.after = decision.state
    task.commands.push(...decision.commands)
    // The stored timer has gone off: whatever comes next has to be stored anew.
    if (event.kind === 'timer') task.storedDueMs = undefined
  }
  return collect(touched)
}

function collect(touched: Map<string, Touched>): Fold {
  const fold: Fold = {
    held: new Map(),
    writes: [],
    work: [],
    late: [],
    depth: new Map(),
    tenants: new Map(),
    earliestDueMs: Number.POSITIVE_INFINITY,
  }
  for (const [id, task] of touched) {
    const state = task.after
    fold.late.push(...task.commands.filter((command) => command.kind === 'RecordLate'))
    if (!state) continue
    const due = dueToStore(task, state)
    if (state === task.before && due.write === 'unchanged') continue
    if (typeof due.write === 'number') fold.earliestDueMs = Math.min(fold.earliestDueMs, due.write)
    fold.held.set(id, { state, storedDueMs: due.stored })
    fold.writes.push({ state, dueMs: due.write, isNew: isOther(task.before, state) })
    fold.work.push({ state, commands: task.commands.filter((command) => command.kind !== 'RecordLate') })
    count(fold, task.before, -1)
    count(fold, state, +1)
  }
  for (const counts of [fold.depth, fold.tenants])
    for (const [name, delta] of counts) if (delta === 0) counts.delete(name)
  return fold
}

/** Timers are lazy: one that is stored too early only costs a look, so it is written when it has to move forward. */
function dueToStore(
  task: Touched,
  state: TaskState,
): { write: TaskWrite['dueMs']; stored: number | undefined } {
  const due = nextDueMs(state)
  if (due === undefined) {
    const wasActive = task.before !== undefined && !isTerminal(task.before.status)
    return {
      write: wasActive || task.storedDueMs !== undefined || state !== task.before ? undefined : 'unchanged',
      stored: undefined,
    }
  }
  if (task.storedDueMs !== undefined && task.storedDueMs <= due)
    return { write: 'unchanged', stored: task.storedDueMs }
  return { write: due, stored: due }
}

function isOther(before: TaskState | undefined, after: TaskState): boolean {
  return before === undefined || before.createdAtMs !== after.createdAtMs
}

function count({ depth, tenants }: Fold, state: TaskState | undefined, delta: number): void {
  if (!state || isTerminal(state.status)) return
  depth.set(state.type, (depth.get(state.type) ?? 0) + delta)
  tenants.set(state.tenant, (tenants.get(state.tenant) ?? 0) + delta)
}
