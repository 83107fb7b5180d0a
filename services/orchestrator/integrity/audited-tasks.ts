import type { LogEvent } from '#schemas/log-event.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import { nextDueMs } from '#workflow/decide/decide.ts'
import { foldEvent, type TaskFoldOptions } from '../history/task-fold.ts'
import { type BrokenRule, brokenRules, isForgotten, isOtherSubmission } from './turn-rules.ts'

/** A task that is audited: all its events have been seen. */
export interface AuditedTask {
  readonly id: string
  readonly partition: number
  /** The event that it was accepted with. */
  readonly acceptedSeq: number
  readonly state: TaskState
  /** The last of its events. */
  readonly seq: number
  /** When something of it is due. Unix milliseconds; undefined: it has ended. */
  readonly dueMs: number | undefined
  /** Of its events, which its state is made of. */
  readonly bytes: number
}

export interface TakenEvent {
  /** `passed`: of a task that is not audited. */
  kind: 'folded' | 'passed'
  broken: readonly BrokenRule[]
  /** It changed nothing. */
  isLate: boolean
  task: AuditedTask | undefined
}

interface EndedTask {
  bodyHash: string
  finishedAtMs: number
  keepMs: number
  task: AuditedTask
}

/** Tasks that have not ended, and what their states take about: those that came first give way. */
const MAX_OPEN = 20_000
const MAX_BYTES = 32 * 1024 * 1024
/** Tasks that ended and are remembered: so that nobody ends a second time. */
const MAX_ENDED = 5000
const PASSED: TakenEvent = { kind: 'passed', broken: [], isLate: false, task: undefined }

/** Folds the log as its owners do and checks each event. Of tasks whose beginning it has seen; bounded, and pure but for its memory. */
export class AuditedTasks {
  readonly #fold: TaskFoldOptions
  readonly #open = new Map<string, AuditedTask>()
  readonly #ended = new Map<string, EndedTask>()
  #bytes = 0

  constructor(fold: TaskFoldOptions) {
    this.#fold = fold
  }

  get size(): number {
    return this.#open.size
  }

  /** Where the first of those was accepted that have not ended; undefined: all have. */
  get oldestSeq(): number | undefined {
    const [first] = this.#open.values()
    return first?.acceptedSeq
  }

  take(event: LogEvent, partition: number): TakenEvent {
    const { taskId } = event.body
    const open = this.#open.get(taskId)
    if (open) return this.#next(open, event)
    if (event.kind !== 'accepted') return PASSED
    const ended = this.#ended.get(taskId)
    if (ended && !isForgotten({ ...ended, keepFinishedMs: ended.keepMs }, event.atMs))
      return doubled(event, ended)
    this.#ended.delete(taskId)
    return this.#next(
      { id: taskId, partition, acceptedSeq: event.seq, state: undefined, seq: 0, bytes: 0 },
      event,
    )
  }

  /** Those of which something was due by then, the first that came first. @param untilMs Unix milliseconds */
  overdue(untilMs: number, most: number): AuditedTask[] {
    const found: AuditedTask[] = []
    for (const task of this.#open.values()) {
      if (task.dueMs !== undefined && task.dueMs <= untilMs) found.push(task)
      if (found.length >= most) break
    }
    return found
  }

  /** As it is known now; undefined: it has ended, or is audited no more. */
  get(taskId: string): AuditedTask | undefined {
    return this.#open.get(taskId)
  }

  /** It is audited no more. */
  drop(taskId: string): void {
    const task = this.#open.get(taskId)
    if (!task) return
    this.#open.delete(taskId)
    this.#bytes -= task.bytes
  }

  /** Nothing of a partition is audited any more: something in its log can't be read here. */
  dropPartition(partition: number): void {
    for (const task of [...this.#open.values()]) if (task.partition === partition) this.drop(task.id)
    for (const [id, { task }] of this.#ended) if (task.partition === partition) this.#ended.delete(id)
  }

  /** All are: what comes of them is passed over. */
  clear(): void {
    this.#open.clear()
    this.#ended.clear()
    this.#bytes = 0
  }

  #next(
    known: Pick<AuditedTask, 'id' | 'partition' | 'acceptedSeq' | 'seq' | 'bytes'> & {
      state: TaskState | undefined
    },
    event: LogEvent,
  ): TakenEvent {
    const before = known.state
    const { state, bytes, unproven, commands } = foldEvent(known, event, this.#fold)
    if (!state) return PASSED
    const broken = unproven ? [] : brokenRules({ event, before, after: state, commands })
    // A timer that comes too early changes nothing either, and is no event of anybody's.
    const isLate = state === before && event.kind !== 'timer'
    const { id, partition, acceptedSeq } = known
    const dueMs = nextDueMs(state)
    const task: AuditedTask = { id, partition, acceptedSeq, state, seq: event.seq, dueMs, bytes }
    if (isTerminal(state.status)) this.#end(task, event)
    else this.#keep(task)
    return { kind: 'folded', broken, isLate, task }
  }

  #keep(task: AuditedTask): void {
    const before = this.#open.get(task.id)
    // The same place: the first stays the one that came first.
    this.#open.set(task.id, task)
    this.#bytes += task.bytes - (before?.bytes ?? 0)
    for (const id of this.#open.keys()) {
      if (this.#open.size <= MAX_OPEN && this.#bytes <= MAX_BYTES) break
      this.drop(id)
    }
  }

  #end(task: AuditedTask, { atMs }: LogEvent): void {
    this.drop(task.id)
    const { bodyHash, finishedAtMs = atMs, keepFinishedMs: keepMs = this.#fold.keepFinishedMs } = task.state
    this.#ended.set(task.id, { bodyHash, finishedAtMs, keepMs, task: withoutState(task) })
    for (const id of this.#ended.keys()) {
      if (this.#ended.size <= MAX_ENDED) break
      this.#ended.delete(id)
    }
  }
}

function doubled(event: LogEvent & { kind: 'accepted' }, { bodyHash, task }: EndedTask): TakenEvent {
  const broken: BrokenRule[] = isOtherSubmission(bodyHash, event.body.bodyHash)
    ? [{ rule: 'accepted-once', message: `another submission was accepted under its id at ${event.seq}` }]
    : []
  return { kind: 'folded', broken, isLate: true, task }
}

/** Of what ended only the outline is needed: when it was made. */
function withoutState(task: AuditedTask): AuditedTask {
  const { plan: _plan, input: _input, output: _output, steps: _steps, ...outline } = task.state
  return { ...task, state: { ...outline, plan: { steps: [] }, input: {}, steps: {} } as TaskState }
}
