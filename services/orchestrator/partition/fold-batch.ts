import { messageOf } from '#platform/errors/murmur-error.ts'
import type { LogEvent } from '#schemas/log-event.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import { type Command, type Decision, type KeptItem, unresolvedCommands } from '#workflow/decide/commands.ts'
import { type DecideOptions, decide, nextDueMs } from '#workflow/decide/decide.ts'
import { addStepCounts } from '#workflow/decide/step-counts.ts'
import { camerasOf } from '#workflow/plan/cameras-of.ts'
import type { OpenApproval, TaskWrite } from './partition-store.ts'
import { harder, type Quarantine, quarantineTask } from './quarantine.ts'

/** A task as the owner holds it: the state, and the due time that is known to be stored for it. */
export interface HeldTask {
  state: TaskState
  /** Unix ms; undefined: not known, so the next write has to say. */
  storedDueMs: number | undefined
  /** What is stored of it can't be read: it has to be written in any case, all of it. */
  repaired?: boolean
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
  /** Change of what is to be done and has been done by agents, by `countName`. */
  steps: Map<string, number>
  /** The earliest timer that the writes contain. */
  earliestDueMs: number
}

export interface FoldOptions extends DecideOptions {
  /** The broker's time: finished tasks whose time is over by then are taken away instead of written. Unix ms. */
  nowMs?: number
  /** Tasks that can't go on, by id. Those that turn out to be so are added. */
  quarantined?: Map<string, Quarantine>
  /** Whether a result may count for a task. Pure, as the fold is; without it, all do. */
  isProven?: ((result: LogEvent & { kind: 'result' }, state: TaskState) => boolean) | undefined
}

interface Touched {
  before: TaskState | undefined
  after: TaskState | undefined
  storedDueMs: number | undefined
  repaired: boolean
  /** Its state is another one than its events would give: what never changes of a task has changed. */
  reduced: boolean
  commands: Command[]
  /** Outcomes of items, and lists that are forgotten, in the order in which that counts: what is kept of a list comes after it was forgotten. */
  kept: KeptItem[] | undefined
  dropped: Set<string> | undefined
}

/** A task whose state can't be worked with. */
class TaskFault extends Error {
  readonly taskId: string

  constructor(taskId: string, cause: unknown) {
    super(messageOf(cause), { cause })
    this.taskId = taskId
  }
}

/**
 * Folds a batch of events into the tasks they belong to. Pure: the tasks come in as `lookUp`, what has to be written
 * and done comes out. A task that several events touch is written once. Whatever is thrown over one task ends that task,
 * and changes nothing for the others.
 */
export function foldBatch(
  events: readonly LogEvent[],
  lookUp: (taskId: string) => HeldTask | undefined,
  options: FoldOptions,
): Fold {
  const quarantined = options.quarantined ?? new Map<string, Quarantine>()
  for (;;) {
    try {
      return collect(applyAll(events, lookUp, { ...options, quarantined }), options)
    } catch (error) {
      if (!(error instanceof TaskFault)) throw error
      const next = harder(quarantined.get(error.taskId), error.message)
      if (!next) throw error
      quarantined.set(error.taskId, next)
    }
  }
}

/** A task as it comes from a checkpoint, with what stands beside its state. */
export interface RestoredTask {
  state: TaskState
  kept: KeptItem[]
}

/** What has to be written of tasks that are there already, where nothing is stored: as if all of their events had been folded. Pure. */
export function restoreBatch(tasks: readonly RestoredTask[], options: FoldOptions): Fold {
  const touched = new Map<string, Touched>()
  for (const { state, kept } of tasks) {
    const nothing = { before: undefined, storedDueMs: undefined, repaired: false, reduced: false }
    touched.set(state.id, { ...nothing, after: state, commands: [], kept, dropped: undefined })
  }
  return collect(touched, options)
}

function applyAll(
  events: readonly LogEvent[],
  lookUp: (taskId: string) => HeldTask | undefined,
  options: FoldOptions & { quarantined: Map<string, Quarantine> },
): Map<string, Touched> {
  const touched = new Map<string, Touched>()
  for (const event of events) {
    const id = event.body.taskId
    let task = touched.get(id)
    if (!task) {
      const held = lookUp(id)
      task = {
        before: held?.state,
        after: held?.state,
        storedDueMs: held?.storedDueMs,
        repaired: held?.repaired ?? false,
        reduced: false,
        commands: [],
        kept: undefined,
        dropped: undefined,
      }
      touched.set(id, task)
    }
    // The store was ahead of its offset, after a commit that broke off: this one is in the state already.
    if (task.after && event.seq <= task.after.seq) {
      // Whoever began that commit may have been gone before what follows from it was out.
      if (task.after === task.before && event.seq === task.after.seq)
        task.commands.push(...owedSince(task.after, event))
      continue
    }
    if (event.kind === 'result' && task.after && options.isProven?.(event, task.after) === false) {
      task.commands.push({ kind: 'RecordLate', reason: 'unproven-result' })
      continue
    }
    const decision = decideSafely(task, event, options)
    task.after = decision.state
    task.commands.push(...decision.commands)
    noteItems(task, decision)
    // The stored timer has gone off: whatever comes next has to be stored anew.
    if (event.kind === 'timer') task.storedDueMs = undefined
  }
  return touched
}

/** What follows from an event that is in the state already. That a task has ended is announced once or not at all. */
function owedSince(state: TaskState, { seq }: LogEvent): Command[] {
  return unresolvedCommands(state, { seq: seq - 1 }).filter(({ kind }) => kind !== 'AnnounceEvent')
}

function noteItems(task: Touched, { kept, dropped }: Decision): void {
  for (const stepId of dropped ?? []) {
    task.dropped ??= new Set()
    task.dropped.add(stepId)
    task.kept = task.kept?.filter((item) => item.stepId !== stepId)
  }
  if (!kept) return
  task.kept ??= []
  task.kept.push(...kept)
}

function decideSafely(
  task: Touched,
  event: LogEvent,
  options: FoldOptions & { quarantined: Map<string, Quarantine> },
): Decision {
  const id = event.body.taskId
  let quarantine = options.quarantined.get(id)
  try {
    const decision = decide(task.after, event, options)
    if (!quarantine || (decision.state === task.after && !task.repaired)) return decision
  } catch (error) {
    quarantine ??= { why: messageOf(error), keep: 'all' }
    options.quarantined.set(id, quarantine)
  }
  try {
    if (quarantine.keep === 'nothing') task.reduced = true
    const decision = quarantineTask(task.after, event, quarantine)
    // It had ended before this batch, and can't be stored anew: what is there of it stays.
    if (decision.state === task.after && task.after === task.before) task.repaired = false
    return decision
  } catch (error) {
    throw new TaskFault(id, error)
  }
}

function collect(touched: Map<string, Touched>, options: FoldOptions): Fold {
  const fold: Fold = {
    held: new Map(),
    writes: [],
    work: [],
    late: [],
    depth: new Map(),
    tenants: new Map(),
    steps: new Map(),
    earliestDueMs: Number.POSITIVE_INFINITY,
  }
  for (const [id, task] of touched) {
    for (const command of task.commands) if (command.kind === 'RecordLate') fold.late.push(command)
    if (!task.after) continue
    const due = dueOf(id, task, task.after)
    if (task.after === task.before && due.write === 'unchanged' && !task.repaired) {
      const owed = task.commands.filter(({ kind }) => kind !== 'RecordLate')
      if (owed.length > 0) fold.work.push({ state: task.after, commands: owed })
      continue
    }
    add(fold, { id, task, state: task.after, due, keepMs: keepOf(task.after, options) })
  }
  for (const counts of [fold.depth, fold.tenants, fold.steps])
    for (const [name, delta] of counts) if (delta === 0) counts.delete(name)
  return fold
}

interface Due {
  write: TaskWrite['dueMs']
  stored: number | undefined
}

function add(
  fold: Fold,
  about: { id: string; task: Touched; state: TaskState; due: Due; keepMs: number | undefined },
): void {
  const { id, task, state, due, keepMs } = about
  if (typeof due.write === 'number') fold.earliestDueMs = Math.min(fold.earliestDueMs, due.write)
  fold.held.set(id, { state, storedDueMs: due.stored })
  const isNew = isOther(task.before, state) || task.repaired || task.reduced
  const write: TaskWrite = { state, dueMs: due.write, isNew }
  if (keepMs !== undefined) write.keepMs = keepMs
  if (task.kept && task.kept.length > 0) write.kept = task.kept
  if (task.dropped) write.dropped = [...task.dropped]
  const approvals = approvalsOf(task.before, state)
  if (approvals) write.approvals = approvals
  const cameras = camerasHeld(task, state)
  if (cameras !== undefined) write.cameras = cameras
  fold.writes.push(write)
  fold.work.push({ state, commands: task.commands.filter((command) => command.kind !== 'RecordLate') })
  count(fold, task.before, -1)
  count(fold, state, +1)
}

function dueOf(id: string, task: Touched, state: TaskState): Due {
  try {
    return dueToStore(task, state)
  } catch (error) {
    throw new TaskFault(id, error)
  }
}

/** Timers are lazy: one that is stored too early only costs a poll, so it is written when it has to move forward. */
function dueToStore(task: Touched, state: TaskState): Due {
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

/** From now, by the broker's clock: a task that comes again when the partition is rebuilt is kept no longer than it was. */
function keepOf(state: TaskState, { nowMs, keepFinishedMs }: FoldOptions): number | undefined {
  if (!isTerminal(state.status)) return undefined
  const keepMs = state.keepFinishedMs ?? keepFinishedMs
  if (nowMs === undefined || state.finishedAtMs === undefined) return keepMs
  return Math.min(keepMs, state.finishedAtMs + keepMs - nowMs)
}

/** What a write changes in the index of questions that wait for somebody. */
function approvalsOf(before: TaskState | undefined, after: TaskState): TaskWrite['approvals'] {
  if (!after.plan.steps.some((step) => step.approval)) return undefined
  const wasOpen = openApprovals(before)
  const isOpen = openApprovals(after)
  const closed = [...wasOpen.values()].filter((one) => !isOpen.has(keyOf(one)))
  // Those that were open before, too: an index that was lost comes back with the tasks.
  return closed.length + isOpen.size === 0 ? undefined : { opened: [...isOpen.values()], closed }
}

/** Written with each of its states, so that a count that was lost comes back with the tasks; undefined: it never held one. */
function camerasHeld({ before, repaired, reduced }: Touched, state: TaskState): number | undefined {
  const wanted = camerasOf(state)
  // What a state without its plan held, nobody can say.
  const isUnknown = repaired || reduced
  const didHold = before !== undefined && before.plan !== state.plan && camerasOf(before) > 0
  if (wanted === 0 && !isUnknown && !didHold) return undefined
  return isTerminal(state.status) ? 0 : wanted
}

function openApprovals(state: TaskState | undefined): Map<string, OpenApproval> {
  const open = new Map<string, OpenApproval>()
  if (!state || isTerminal(state.status)) return open
  for (const [stepId, { status, attempt }] of Object.entries(state.steps)) {
    if (status !== 'awaiting-approval') continue
    const one = { tenant: state.tenant, taskId: state.id, stepId, attempt }
    open.set(keyOf(one), one)
  }
  return open
}

function keyOf({ stepId, attempt }: OpenApproval): string {
  return `${stepId}:${attempt}`
}

/** What else never changes of a task is another: its definition has to be written. A task that was held may begin as another one. */
function isOther(before: TaskState | undefined, after: TaskState): boolean {
  return before === undefined || before.createdAtMs !== after.createdAtMs || before.held !== after.held
}

function count({ depth, tenants, steps }: Fold, state: TaskState | undefined, delta: 1 | -1): void {
  if (!state) return
  addStepCounts(state, delta, steps)
  if (isTerminal(state.status)) return
  depth.set(state.type, (depth.get(state.type) ?? 0) + delta)
  tenants.set(state.tenant, (tenants.get(state.tenant) ?? 0) + delta)
}
