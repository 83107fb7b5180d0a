import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { DEFAULTS } from '#schemas/limits.ts'
import type { LogEvent, StepReleased, StepStarted, TaskAccepted } from '#schemas/log-event.ts'
import type { Step } from '#schemas/plan.ts'
import type { TaskError } from '#schemas/problem.ts'
import type { StepResult } from '#schemas/step-message.ts'
import type { StepState, TaskState, TaskStatus } from '#schemas/task.ts'
import type { TaskEvent } from '#schemas/task-event.ts'
import type { Command } from './commands.ts'
import { resolveTemplate } from './references.ts'
import { boundedError } from './state-bounds.ts'
import { backoffDelayMs, completePolicy, expiryOf, runEndOf } from './step-timing.ts'

/** The step whose completion ended the task, for its event. */
export type LastStep = Pick<TaskEvent, 'stepId' | 'attempt'>

/** The broker's time (Unix ms) and sequence number of the event. */
export type When = Pick<LogEvent, 'atMs' | 'seq'>

/**
 * The legal changes of a task, one named method each; nothing else writes a state.
 *
 *   task   scheduled ──start──► running ──► completed | failed | cancelled       (final states never change)
 *
 *   step   waiting ──dispatch──► dispatched ──complete──► completed
 *             │                   │      ▲ └───fail─────► failed
 *             │                  back    │ dispatch (attempt + 1)
 *             │                   off    │
 *             │                   └──► backoff
 *             └─ task ends ─► skipped        dispatched, backoff ─ task ends ─► cancelled
 *
 *   dispatched:   in its queue ──start──► runs ──┐ start (another process: it came again)
 *                 (expiresAtMs) ◄─release─ (run, timeoutAtMs) ◄┘
 *
 * A `TaskDraft` is a copy that is written during one event; the state it was made from stays as it was.
 */
export class TaskDraft {
  readonly state: TaskState
  readonly commands: Command[] = []
  readonly #atMs: number

  private constructor(state: TaskState, atMs: number) {
    this.state = state
    this.#atMs = atMs
  }

  /** A task that was just accepted: every step waits. */
  static accept(body: TaskAccepted, { atMs, seq }: When): TaskDraft {
    const steps: Record<string, StepState> = {}
    for (const step of body.plan.steps) steps[step.id] = { status: 'waiting', attempt: 0 }
    return new TaskDraft(
      {
        v: 1,
        id: body.taskId,
        tenant: body.tenant,
        type: body.type,
        status: body.delayMs > 0 ? 'scheduled' : 'running',
        rev: 1,
        seq,
        priority: body.priority,
        bodyHash: body.bodyHash,
        ...(body.labels && { labels: body.labels }),
        ...(body.traceparent && { traceparent: body.traceparent }),
        createdAtMs: atMs,
        startAtMs: atMs + body.delayMs,
        deadlineAtMs: atMs + body.deadlineMs,
        ...(body.keepFinishedMs !== undefined && { keepFinishedMs: body.keepFinishedMs }),
        input: body.input,
        plan: body.plan,
        ...(body.template !== undefined && { template: body.template }),
        steps,
      },
      atMs,
    )
  }

  /** A working copy of a task for one more event. */
  static of(state: TaskState, { atMs, seq }: When): TaskDraft {
    return new TaskDraft({ ...state, rev: state.rev + 1, seq, steps: { ...state.steps } }, atMs)
  }

  /** The same for an event that is not announced and needs no commands. */
  static withoutRevision(state: TaskState, { atMs }: When): TaskDraft {
    return new TaskDraft({ ...state, steps: { ...state.steps } }, atMs)
  }

  start(): void {
    this.state.status = 'running'
  }

  /** Puts the next attempt of a step on its way. */
  dispatch(step: Step): void {
    const { attempt: last, crashes } = this.#step(step.id)
    const attempt = last + 1
    this.state.steps[step.id] = {
      status: 'dispatched',
      attempt,
      dispatchedAtMs: this.#atMs,
      expiresAtMs: expiryOf(step, this.#atMs, this.state.deadlineAtMs),
      ...(crashes !== undefined && { crashes }),
    }
    this.commands.push({ kind: 'DispatchStep', stepId: step.id, attempt })
  }

  /** A process runs the attempt that is out: its time in the queue is over, the time of its run begins. */
  startRun(step: Step, { instance, bornAtMs, alone }: StepStarted): void {
    const { expiresAtMs: _over, ...current } = this.#step(step.id)
    this.state.steps[step.id] = {
      ...current,
      run: { instance, bornAtMs, alone, sinceMs: this.#atMs },
      timeoutAtMs: runEndOf(step.timeoutMs ?? DEFAULTS.stepTimeoutMs, this.#atMs),
    }
  }

  /** The attempt that is out was handed back by its instance: it waits in its queue again. False: another instance runs it by now. */
  release(step: Step, { instance }: StepReleased): boolean {
    const { run, timeoutAtMs: _over, ...current } = this.#step(step.id)
    if (run && run.instance !== instance) return false
    const expiresAtMs = expiryOf(step, this.#atMs, this.state.deadlineAtMs)
    this.state.steps[step.id] = { ...current, expiresAtMs }
    return true
  }

  /** Has the attempt that is out taken from its queue, because nobody waits for it any more. */
  retract(stepId: string): void {
    this.commands.push({ kind: 'RetractStep', stepId, attempt: this.#step(stepId).attempt })
  }

  complete(result: StepResult, output: JsonValue): void {
    this.#settle(result.stepId, { status: 'completed', output, ...ranFrom(result) })
  }

  /** The attempt did not work out: backs off, or fails the step when no attempt is left. True: it will be tried again. */
  retryOrFail(
    step: Step,
    error: TaskError,
    options: { afterMs?: number; result?: StepResult } = {},
  ): boolean {
    const policy = completePolicy(step.retry)
    const { attempt, dispatchedAtMs, crashes: before = 0 } = this.#step(step.id)
    const died = error.code === 'AGENT_CRASHED'
    const crashes = before + Number(died)
    if (attempt >= policy.maxAttempts) {
      const ending = policy.maxAttempts > 1 ? ` (attempt ${attempt} of ${policy.maxAttempts})` : ''
      if (died) this.commands.push({ kind: 'BuryStep', stepId: step.id, attempt })
      this.fail(step.id, died ? poison(error, crashes) : error, { ...options, ending, crashes })
      return false
    }
    const seed = `${this.state.id}:${step.id}`
    const delayMs = options.afterMs ?? backoffDelayMs(policy, attempt, seed)
    this.state.steps[step.id] = {
      status: 'backoff',
      attempt,
      ...(dispatchedAtMs !== undefined && { dispatchedAtMs }),
      ...(crashes > 0 && { crashes }),
      // Never the moment of the event itself: a timer's message id is its moment, and one has just gone off for this one.
      retryAtMs: this.#atMs + Math.max(1, delayMs),
      error: this.#bounded(error),
      ...(options.result && ranFrom(options.result)),
    }
    return true
  }

  /** @param about `ending`: stands behind the message of the error */
  fail(
    stepId: string,
    error: TaskError,
    about: { result?: StepResult; ending?: string; crashes?: number } = {},
  ): void {
    const { result, ending, crashes } = about
    this.#settle(stepId, {
      status: 'failed',
      error: this.#bounded(error, ending),
      ...(crashes && { crashes }),
      ...(result && ranFrom(result)),
    })
  }

  /** The task has its result. */
  finishCompleted(last: LastStep): void {
    this.state.output = outputOf(this.state)
    this.#finish('completed', last)
  }

  finishFailed(error: TaskError): void {
    this.state.error = error
    this.#finish('failed')
  }

  finishCancelled(reason: string | undefined): void {
    this.state.error = { code: 'CANCELLED', message: reason ?? 'cancelled on request' }
    this.#finish('cancelled')
  }

  announce(event: Omit<TaskEvent, 'v' | 'taskId' | 'type' | 'rev' | 'atMs'>): void {
    const { id: taskId, type, rev } = this.state
    this.commands.push({
      kind: 'AnnounceEvent',
      event: { v: 1, taskId, type, rev, atMs: this.#atMs, ...event },
    })
  }

  #step(stepId: string): StepState {
    const step = this.state.steps[stepId]
    if (!step) throw new Error(`task ${this.state.id} has no step ${stepId}`)
    return step
  }

  #bounded(error: TaskError, ending?: string): TaskError {
    return boundedError(error, this.state.plan.steps.length, ending)
  }

  #settle(stepId: string, change: Partial<StepState> & Pick<StepState, 'status'>): void {
    const { attempt, dispatchedAtMs, crashes } = this.#step(stepId)
    this.state.steps[stepId] = {
      attempt,
      ...(dispatchedAtMs !== undefined && { dispatchedAtMs }),
      ...(crashes !== undefined && { crashes }),
      ...change,
    }
  }

  /** Final for the task and for every step that is still open. */
  #finish(status: Extract<TaskStatus, 'completed' | 'failed' | 'cancelled'>, last: LastStep = {}): void {
    const { state } = this
    state.status = status
    state.finishedAtMs = this.#atMs
    for (const [id, step] of Object.entries(state.steps)) {
      if (step.status === 'waiting') state.steps[id] = { ...step, status: 'skipped' }
      else if (step.status === 'dispatched' || step.status === 'backoff') {
        if (step.status === 'dispatched') this.retract(id)
        const { expiresAtMs: _expiry, timeoutAtMs: _timeout, retryAtMs: _retry, run: _run, ...rest } = step
        state.steps[id] = { ...rest, status: 'cancelled' }
      }
    }
    this.announce({
      kind: status,
      ...last,
      durationMs: Math.max(0, (state.finishedAtMs ?? 0) - state.startAtMs),
      ...(state.error && { error: state.error }),
    })
  }
}

/** What a step ends with that took its process down at its last attempt. */
function poison({ message }: TaskError, crashes: number): TaskError {
  const often = crashes === 1 ? 'it took its process down' : `${crashes} attempts took their processes down`
  return { code: 'POISON_MESSAGE', message: `${often}: ${message}` }
}

function ranFrom(result: StepResult): Pick<StepState, 'startedAtMs' | 'finishedAtMs' | 'instance'> {
  return { startedAtMs: result.startedAtMs, finishedAtMs: result.finishedAtMs, instance: result.instance }
}

/** The plan's own template, or the outputs of the steps that no other step needs. */
function outputOf(state: TaskState): JsonValue {
  const { plan } = state
  if (plan.output !== undefined) return resolveTemplate(plan.output, state)
  const needed = new Set(plan.steps.flatMap((step) => step.needs ?? []))
  const output: JsonObject = {}
  for (const { id } of plan.steps) {
    if (!needed.has(id)) output[id] = state.steps[id]?.output ?? null
  }
  return output
}
