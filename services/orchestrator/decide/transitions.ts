import type { JsonObject, JsonValue } from '#schemas/json.ts'
import { DEFAULTS } from '#schemas/limits.ts'
import type { LogEvent, TaskAccepted } from '#schemas/log-event.ts'
import type { Step } from '#schemas/plan.ts'
import type { TaskError } from '#schemas/problem.ts'
import type { StepResult } from '#schemas/step-message.ts'
import type { StepState, TaskState, TaskStatus } from '#schemas/task.ts'
import type { TaskEvent } from '#schemas/task-event.ts'
import { backoffDelayMs, completePolicy } from './backoff.ts'
import type { Command } from './decision.ts'
import { resolveTemplate } from './references.ts'

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
        steps,
      },
      atMs,
    )
  }

  /** A working copy of a task for one more event. */
  static of(state: TaskState, { atMs, seq }: When): TaskDraft {
    return new TaskDraft({ ...state, rev: state.rev + 1, seq, steps: { ...state.steps } }, atMs)
  }

  start(): void {
    this.state.status = 'running'
  }

  /** Puts the next attempt of a step on its way. */
  dispatch(step: Step): void {
    const attempt = this.#step(step.id).attempt + 1
    const timeoutMs = step.timeoutMs ?? DEFAULTS.stepTimeoutMs
    const queueMs = step.queueTimeoutMs ?? 60_000
    this.state.steps[step.id] = {
      status: 'dispatched',
      attempt,
      dispatchedAtMs: this.#atMs,
      timeoutAtMs: this.#atMs + queueMs + timeoutMs,
    }
    this.commands.push({ kind: 'DispatchStep', stepId: step.id, attempt })
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
    const current = this.#step(step.id)
    if (current.attempt >= policy.maxAttempts) {
      const message =
        policy.maxAttempts > 1
          ? `${error.message} (attempt ${current.attempt} of ${policy.maxAttempts})`
          : error.message
      this.fail(step.id, { ...error, message }, options.result)
      return false
    }
    const seed = `${this.state.id}:${step.id}`
    const delayMs = options.afterMs ?? backoffDelayMs(policy, current.attempt, seed)
    this.state.steps[step.id] = {
      status: 'backoff',
      attempt: current.attempt,
      dispatchedAtMs: current.dispatchedAtMs,
      // Never the moment of the event itself: a timer's message id is its moment, and one has just gone off for this one.
      retryAtMs: this.#atMs + Math.max(1, delayMs),
      error,
      ...(options.result && ranFrom(options.result)),
    }
    return true
  }

  fail(stepId: string, error: TaskError, result?: StepResult): void {
    this.#settle(stepId, { status: 'failed', error, ...(result && ranFrom(result)) })
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

  #settle(stepId: string, change: Partial<StepState> & Pick<StepState, 'status'>): void {
    const { attempt, dispatchedAtMs } = this.#step(stepId)
    this.state.steps[stepId] = { attempt, ...(dispatchedAtMs !== undefined && { dispatchedAtMs }), ...change }
  }

  /** Final for the task and for every step that is still open. */
  #finish(status: Extract<TaskStatus, 'completed' | 'failed' | 'cancelled'>, last: LastStep = {}): void {
    const { state } = this
    state.status = status
    state.finishedAtMs = this.#atMs
    for (const [id, step] of Object.entries(state.steps)) {
      if (step.status === 'waiting') state.steps[id] = { ...step, status: 'skipped' }
      else if (step.status === 'dispatched' || step.status === 'backoff') {
        const { timeoutAtMs: _timeout, retryAtMs: _retry, ...rest } = step
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
