import type { JsonValue } from '#schemas/json.ts'
import type { LogEvent, StepReleased, StepStarted, TaskAccepted } from '#schemas/log-event.ts'
import type { TaskError } from '#schemas/problem.ts'
import type { StepResult } from '#schemas/step-message.ts'
import type { RunState, StepState, TaskState, TaskStatus } from '#schemas/task.ts'
import type { TaskEvent } from '#schemas/task-event.ts'
import { type Command, type Decision, endCommands, type KeptItem, startCommand } from './commands.ts'
import { withLetter } from './dead-letters.ts'
import { runStateOf, runsOut, stepOf } from './find-run.ts'
import { becomeReleased, type ReleasedTask } from './held-task.ts'
import { newTask } from './new-task.ts'
import { bodyOfRun, type RunBody } from './run-body.ts'
import { splitRunId } from './run-id.ts'
import {
  cancelledRun,
  dispatchedRun,
  failedRun,
  ranFrom,
  releasedRun,
  settledStep,
  startedRun,
  withLaterDeadline,
} from './run-states.ts'
import { boundedError } from './state-bounds.ts'
import { outputOf } from './task-output.ts'

/** The step whose completion ended the task, for its event. */
export type LastStep = Pick<TaskEvent, 'stepId' | 'attempt'>

/** The broker's time (Unix ms) and sequence number of the event. */
export type When = Pick<LogEvent, 'atMs' | 'seq'>

/**
 * The legal changes of a task, one named method each; nothing else writes a state.
 *
 *   task   scheduled ──start──► running ──────────────────────────► completed       (final states never change)
 *          (held: no time starts it, but ──release──►)
 *                                 │  ▲                       ┌────► failed
 *                          pause  ▼  │ resume                ├────► cancelled
 *                               paused          compensating ┘
 *                                               ▲ a step had to be undone
 *
 *   run    waiting ──dispatch──► dispatched ──complete──► completed
 *             │                   │      ▲ └───fail─────► failed
 *             │                  back    │ dispatch (attempt + 1)
 *             │                   off    │
 *             │                   └──► backoff ◄── defer: begins later
 *             └─ task ends ─► skipped        dispatched, backoff ─ called back ─► cancelled
 *
 *   dispatched:   in its queue ──start──► runs ──┐ start (another process: it came again)
 *                 (expiresAtMs) ◄─release─ (run, timeoutAtMs) ◄┘
 *
 *   step   of one run: as that run
 *          of several (items, iterations, fallback, a condition that has to be fetched):
 *          waiting ──open──► running ──► completed | failed            (its runs go their own ways)
 *          of none: waiting ──wait──► sleeping | awaiting-signal | awaiting-approval ──► completed | failed
 *          waiting ──skip──► skipped                                   (its condition does not hold)
 *
 * A `TaskDraft` is a copy that is written during one event; the state it was made from stays as it was.
 */
export class TaskDraft {
  readonly state: TaskState
  readonly commands: Command[] = []
  readonly atMs: number
  // Made when they are needed: there is a draft for every event of every task, and most have none of them.
  #kept: KeptItem[] | undefined
  #dropped: string[] | undefined
  /** Runs of steps that are this draft's own already. */
  #copied: Set<object> | undefined

  private constructor(state: TaskState, atMs: number) {
    this.state = state
    this.atMs = atMs
  }

  /** A task that was just accepted: every step waits. */
  static accept(body: TaskAccepted, when: When): TaskDraft {
    return new TaskDraft(newTask(body, when), when.atMs)
  }

  /** A working copy of a task for one more event. */
  static of(state: TaskState, { atMs, seq }: When): TaskDraft {
    return new TaskDraft({ ...state, rev: state.rev + 1, seq, steps: { ...state.steps } }, atMs)
  }

  /** The same for an event that is not announced and needs no commands. */
  static withoutRevision(state: TaskState, { atMs }: When): TaskDraft {
    return new TaskDraft({ ...state, steps: { ...state.steps } }, atMs)
  }

  /** What the event makes of the task. */
  decision(): Decision {
    const decision: Decision = { state: this.state, commands: this.commands }
    if (this.#kept) decision.kept = this.#kept
    if (this.#dropped) decision.dropped = this.#dropped
    return decision
  }

  start(): void {
    this.state.status = 'running'
  }

  /** It is held no more. `task`: what it begins as, where that is something else. */
  releaseTask(task: ReleasedTask | undefined): void {
    delete this.state.held
    if (task) becomeReleased(this.state, task, this.atMs)
  }

  /** Puts the next attempt of a run on its way; of one that there is not yet, its first. */
  dispatch(runId: string): void {
    const run = dispatchedRun(runStateOf(this.state, runId), this.#body(runId), this.#times)
    this.#setRun(runId, run)
    this.commands.push(startCommand(this.state, runId, run.attempt))
  }

  /** A run begins: now, or after a time, or when the task is resumed. */
  begin(runId: string, delayMs = 0): void {
    if (delayMs <= 0 && this.state.status !== 'paused') this.dispatch(runId)
    // Never the moment of the event itself, as below.
    else this.#setRun(runId, { status: 'backoff', attempt: 0, retryAtMs: this.atMs + Math.max(1, delayMs) })
  }

  /** A process runs the attempt that is out: its time in the queue is over, the time of its run begins. */
  startRun(runId: string, started: StepStarted): void {
    this.#setRun(runId, startedRun(this.#run(runId), this.#body(runId), { ...started, ...this.#times }))
  }

  /** The attempt that is out was handed back by its instance: it waits in its queue again. False: another instance runs it by now. */
  release(runId: string, { instance }: StepReleased): boolean {
    const current = this.#run(runId)
    if (current.run && current.run.instance !== instance) return false
    this.#setRun(runId, releasedRun(current, this.#body(runId), this.#times))
    return true
  }

  /** Has the attempt that is out called back, because nobody waits for it any more. */
  retract(runId: string): void {
    this.commands.push(...endCommands(this.state, runId, this.#run(runId).attempt))
  }

  /** The attempt did not work out: backs off, or ends the run when no attempt is left. @returns the error that it ended with */
  retryOrEnd(
    runId: string,
    error: TaskError,
    options: { afterMs?: number; result?: StepResult } = {},
  ): TaskError | undefined {
    const { run, ended, died } = failedRun(this.#run(runId), this.#body(runId), error, {
      ...options,
      ...this.#times,
      seed: `${this.state.id}:${runId}`,
      bounded: (kept, ending) => this.#bounded(kept, ending),
    })
    this.#setRun(runId, run)
    if (ended && died) {
      const letter = { stepId: runId, attempt: run.attempt }
      this.commands.push({ kind: 'BuryStep', ...letter })
      this.state.buried = withLetter(this.state, { ...letter, seq: this.state.seq, atMs: this.atMs })
    }
    return ended ? run.error : undefined
  }

  /** A run is over and needs no state of its own any more. */
  closeRun(runId: string): void {
    const { stepId, part } = splitRunId(runId)
    if (part === undefined) return
    const { [part]: _over, ...runs } = this.step(stepId).runs ?? {}
    this.change(stepId, { runs: Object.keys(runs).length > 0 ? runs : undefined })
  }

  /** All runs of a step that are open end, with what is out of them. Those of child tasks stay: their end may have to be told again. */
  closeRuns(stepId: string): void {
    const current = this.step(stepId)
    if (!current.runs) return
    const { runs, ...step } = current
    const left: Record<string, RunState> = {}
    for (const [part, run] of Object.entries(runs)) {
      const runId = `${stepId}.${part}`
      if (run.status === 'dispatched') this.retract(runId)
      if (this.#body(runId).task && run.attempt > 0 && run.status !== 'failed') left[part] = cancelledRun(run)
    }
    this.state.steps[stepId] = { ...step, ...(Object.keys(left).length > 0 && { runs: left }) }
  }

  /** The step has its output. */
  complete(stepId: string, output: JsonValue, about: Partial<StepState> = {}, result?: StepResult): void {
    this.#settle(stepId, { status: 'completed', output, ...about, ...(result && ranFrom(result)) })
  }

  fail(stepId: string, error: TaskError, result?: StepResult): void {
    this.#settle(stepId, { status: 'failed', error: this.#bounded(error), ...(result && ranFrom(result)) })
  }

  skip(stepId: string): void {
    this.#settle(stepId, { status: 'skipped' })
  }

  /** Changes of what a step keeps beside its runs. A field that is undefined is taken away. */
  change(stepId: string, about: { [Key in keyof StepState]?: StepState[Key] | undefined }): void {
    const step: Record<string, unknown> = { ...this.step(stepId), ...about }
    for (const key in about) if (step[key] === undefined) delete step[key]
    this.state.steps[stepId] = step as StepState
  }

  /** What became of an item is kept beside the state. */
  keep(stepId: string, index: number, outcome: KeptItem['outcome']): void {
    this.#kept ??= []
    this.#kept.push({ taskId: this.state.id, stepId, index, outcome })
  }

  /** What was kept of a list is not needed any more. */
  drop(stepId: string): void {
    this.#dropped ??= []
    this.#dropped.push(stepId)
  }

  pause(reason: string | undefined): void {
    this.state.status = 'paused'
    this.state.pausedAtMs = this.atMs
    if (reason !== undefined) this.state.pauseReason = reason
  }

  /** The time of the pause does not count. */
  resume(): void {
    const { pausedAtMs = this.atMs, startAtMs } = this.state
    delete this.state.pausedAtMs
    delete this.state.pauseReason
    const before = this.state.deadlineAtMs
    this.state.deadlineAtMs += Math.max(0, this.atMs - pausedAtMs)
    for (const [runId, run] of runsOut(this.state))
      this.#setRun(runId, withLaterDeadline(run, before, this.state.deadlineAtMs))
    this.state.status = startAtMs > this.atMs || this.state.held ? 'scheduled' : 'running'
  }

  /** The task will end so; what its steps have done is undone before. */
  compensate(status: 'failed' | 'cancelled', error: TaskError, budgetMs: number): void {
    this.#closeSteps()
    delete this.state.pausedAtMs
    delete this.state.pauseReason
    this.state.status = 'compensating'
    this.state.endsAs = { status, error }
    this.state.deadlineAtMs = this.atMs + budgetMs
  }

  /** The task has its result. */
  finishCompleted(last: LastStep): void {
    this.state.output = outputOf(this.state)
    this.#finish('completed', last)
  }

  /** It has none. */
  finish(status: 'failed' | 'cancelled', error: TaskError): void {
    this.state.error = error
    this.#finish(status)
  }

  /** @param at its place among the commands, where it is not the last one */
  announce(
    event: Omit<TaskEvent, 'v' | 'taskId' | 'type' | 'rev' | 'atMs'>,
    at: number = this.commands.length,
  ): void {
    const { id: taskId, type, rev } = this.state
    const full: TaskEvent = { v: 1, taskId, type, rev, atMs: this.atMs, ...event }
    this.commands.splice(at, 0, { kind: 'AnnounceEvent', event: full })
  }

  step(stepId: string): StepState {
    const step = this.state.steps[stepId]
    if (!step) throw new Error(`task ${this.state.id} has no step ${stepId}`)
    return step
  }

  get #times(): { atMs: number; deadlineAtMs: number } {
    return { atMs: this.atMs, deadlineAtMs: this.state.deadlineAtMs }
  }

  #run(runId: string): RunState {
    const run = runStateOf(this.state, runId)
    if (!run) throw new Error(`task ${this.state.id} has no run ${runId}`)
    return run
  }

  #body(runId: string): RunBody {
    const body = bodyOfRun(this.state.plan, runId)
    if (!body) throw new Error(`the plan of task ${this.state.id} has no run ${runId}`)
    return body
  }

  #setRun(runId: string, run: RunState): void {
    const { stepId, part } = splitRunId(runId)
    if (part === undefined) {
      this.state.steps[stepId] = run
      return
    }
    const step = this.step(stepId)
    // A thousand items may begin with one event: their runs are copied once.
    if (step.runs && this.#copied?.has(step.runs)) step.runs[part] = run
    else {
      const runs = { ...step.runs, [part]: run }
      this.#copied ??= new Set()
      this.#copied.add(runs)
      this.state.steps[stepId] = { ...step, runs }
    }
  }

  #bounded(error: TaskError, ending?: string): TaskError {
    return boundedError(error, this.state.plan.steps.length, ending)
  }

  #settle(stepId: string, change: Partial<StepState> & Pick<StepState, 'status'>): void {
    this.closeRuns(stepId)
    const isToUndo = change.status === 'completed' && stepOf(this.state.plan, stepId)?.compensate
    const completed = isToUndo ? { completedSeq: this.state.seq } : undefined
    this.state.steps[stepId] = settledStep(this.step(stepId), change, completed)
  }

  /** Every step that is still open is so no more. */
  #closeSteps(): void {
    const { state } = this
    for (const [id, step] of Object.entries(state.steps)) {
      if (step.status === 'completed' || step.status === 'failed' || step.status === 'skipped') {
        this.closeRuns(id)
        continue
      }
      if (step.items) this.drop(id)
      if (step.status === 'dispatched') this.retract(id)
      this.closeRuns(id)
      const closed = state.steps[id]!
      const { wakeAtMs: _wake, previous: _previous, ...rest } = closed
      state.steps[id] = step.status === 'waiting' ? { ...closed, status: 'skipped' } : cancelledRun(rest)
    }
  }

  /** Final for the task and for every step that is still open. */
  #finish(status: Extract<TaskStatus, 'completed' | 'failed' | 'cancelled'>, last: LastStep = {}): void {
    const { state } = this
    this.#closeSteps()
    for (const part of ['pausedAtMs', 'pauseReason', 'signals', 'seenSignals', 'endsAs', 'held'] as const)
      if (state[part] !== undefined) delete state[part]
    state.status = status
    state.finishedAtMs = this.atMs
    this.announce({
      kind: status,
      ...last,
      durationMs: Math.max(0, (state.finishedAtMs ?? 0) - state.startAtMs),
      ...(state.error && { error: state.error }),
    })
    if (state.parent) this.commands.push({ kind: 'ReportToParent' })
  }
}
