import { DEFAULTS } from '#schemas/limits.ts'
import type { StepStarted } from '#schemas/log-event.ts'
import type { TaskError } from '#schemas/problem.ts'
import type { StepResult } from '#schemas/step-message.ts'
import type { RunState, StepState } from '#schemas/task.ts'
import { hasEndlessAttempts, hasNoLastAttempt, MAX_ATTEMPTS } from './endless.ts'
import { RESERVED_AGENTS, type RunBody } from './run-body.ts'
import { backoffDelayMs, expiryOf, policyAfter, runEndOf } from './step-timing.ts'

/** What becomes of the state of one run. All of it is pure; transitions.ts has the picture, and is alone in using it. */

interface Times {
  /** Of the event. Unix ms. */
  atMs: number
  /** Of the task. Unix ms. */
  deadlineAtMs: number
}

/** The next attempt is out; of a run that was not there yet, the first. */
export function dispatchedRun(before: RunState | undefined, body: RunBody, times: Times): RunState {
  const { attempt: last, crashes } = before ?? { attempt: 0 }
  const attempt = last + 1
  const run: RunState = {
    status: 'dispatched',
    attempt,
    dispatchedAtMs: times.atMs,
    expiresAtMs: expiryOf(body, times.atMs, times.deadlineAtMs),
  }
  // Nobody tells when a child task starts: its time begins here.
  if (body.agent === RESERVED_AGENTS.childTask && body.timeoutMs !== undefined)
    run.timeoutAtMs = times.atMs + body.timeoutMs
  if (crashes !== undefined) run.crashes = crashes
  return run
}

/** A process runs the attempt that is out: its time in the queue is over, the time of its run begins. */
export function startedRun(
  { expiresAtMs: _over, ...current }: RunState,
  body: RunBody,
  {
    instance,
    bornAtMs,
    alone,
    atMs,
    deadlineAtMs,
  }: Pick<StepStarted, 'instance' | 'bornAtMs' | 'alone'> & Times,
): RunState {
  const run = { instance, bornAtMs, alone, sinceMs: atMs }
  // What has no end and no heartbeat any more is handed to somebody else: its time need not run out for that.
  if (hasEndlessAttempts(body.timeoutMs, { deadlineAtMs, atMs })) return { ...current, run }
  return {
    ...current,
    run,
    timeoutAtMs: runEndOf(body.timeoutMs ?? DEFAULTS.stepTimeoutMs, atMs, body.agent),
  }
}

/** The attempt that is out waits in its queue again. */
export function releasedRun(
  { run: _run, timeoutAtMs: _over, ...current }: RunState,
  body: RunBody,
  { atMs, deadlineAtMs }: Times,
): RunState {
  return { ...current, expiresAtMs: expiryOf(body, atMs, deadlineAtMs) }
}

export interface AttemptEnd {
  atMs: number
  /** Of the task. Unix ms. */
  deadlineAtMs: number
  /** What the agent said when it is to be tried again. Milliseconds. */
  afterMs?: number
  result?: StepResult
  /** For the spread of its delay. */
  seed: string
  /** An error as it is kept; `ending` stands behind its message. */
  bounded: (error: TaskError, ending?: string) => TaskError
}

/** An attempt that has run for so long shows that what it was given can be worked on. Milliseconds. */
const LONG_RUN_MS = 600_000
/** Between two attempts of which each takes its process down at once, where none is the last one. Milliseconds. */
const CRASH_DELAY_MS = { first: 1000, max: 300_000 } as const

/** What takes its process down again and again, without a last attempt, does so more and more rarely. */
function crashDelayMs({ maxAttempts }: { maxAttempts: number }, crashes: number, died: boolean): number {
  if (!died || maxAttempts < MAX_ATTEMPTS) return 0
  return Math.min(CRASH_DELAY_MS.max, CRASH_DELAY_MS.first * 2 ** Math.min(crashes - 1, 20))
}

/** The attempt did not work out: it backs off, or has `ended` when no attempt is left; `died`: it took its process down. */
export function failedRun(
  { attempt, dispatchedAtMs, run: ran, crashes: before = 0 }: RunState,
  body: RunBody,
  error: TaskError,
  { atMs, deadlineAtMs, afterMs, result, seed, bounded }: AttemptEnd,
): { run: RunState; ended: boolean; died: boolean } {
  const policy = policyAfter(body, error.code)
  const died = error.code === 'AGENT_CRASHED'
  const isLast = attempt >= policy.maxAttempts && !hasNoLastAttempt(policy, { deadlineAtMs, atMs })
  // One that has run for long has not been taken down by what it was given.
  const hasLived = hasNoLastAttempt(policy, { deadlineAtMs, atMs }) && ran && atMs - ran.sinceMs > LONG_RUN_MS
  const crashes = (hasLived ? 0 : before) + Number(died)
  const known = {
    attempt,
    ...(dispatchedAtMs !== undefined && { dispatchedAtMs }),
    ...(crashes > 0 && { crashes }),
    ...(result && ranFrom(result)),
  }
  if (isLast) {
    const ending = policy.maxAttempts > 1 ? ` (attempt ${attempt} of ${policy.maxAttempts})` : ''
    const last = bounded(died ? poison(error, crashes) : error, ending)
    return { run: { status: 'failed', ...known, error: last }, ended: true, died }
  }
  const delayMs =
    afterMs ?? Math.max(backoffDelayMs(policy, attempt, seed), crashDelayMs(policy, crashes, died))
  // Never the moment of the event itself: a timer's message id is its moment, and one has just gone off for this one.
  const retryAtMs = atMs + Math.max(1, delayMs)
  return { run: { status: 'backoff', ...known, retryAtMs, error: bounded(error) }, ended: false, died }
}

/** Without what it waited for. */
export function cancelledRun<Kind extends RunState>(run: Kind): Kind {
  const { expiresAtMs: _expiry, timeoutAtMs: _timeout, retryAtMs: _retry, run: _run, ...rest } = run
  return { ...rest, status: 'cancelled' } as Kind
}

/** What waited in its queue as long as its task might take waits as long as it may take now. */
export function withLaterDeadline(run: RunState, before: number, deadlineAtMs: number): RunState {
  return run.expiresAtMs !== undefined && run.expiresAtMs >= before
    ? { ...run, expiresAtMs: deadlineAtMs }
    : run
}

export function ranFrom(result: StepResult): Pick<RunState, 'startedAtMs' | 'finishedAtMs' | 'instance'> {
  return { startedAtMs: result.startedAtMs, finishedAtMs: result.finishedAtMs, instance: result.instance }
}

/** What a run ends with that took its process down at its last attempt. */
function poison({ message }: TaskError, crashes: number): TaskError {
  const often = crashes === 1 ? 'it took its process down' : `${crashes} attempts took their processes down`
  return { code: 'POISON_MESSAGE', message: `${often}: ${message}` }
}

/** A step that has ended: with what is still asked of it, and what has become of it. */
export function settledStep(
  { attempt, dispatchedAtMs, crashes, runs, items, iteration }: StepState,
  change: Partial<StepState> & Pick<StepState, 'status'>,
  completed: Pick<StepState, 'completedSeq'> | undefined,
): StepState {
  // A field at a time: at every end of every step, and most have only the first two.
  const kept: Partial<StepState> & Pick<StepState, 'attempt'> = { attempt }
  if (dispatchedAtMs !== undefined) kept.dispatchedAtMs = dispatchedAtMs
  if (crashes !== undefined) kept.crashes = crashes
  if (runs) kept.runs = runs
  if (items) kept.items = items
  if (iteration !== undefined) kept.iteration = iteration
  return completed ? Object.assign(kept, completed, change) : Object.assign(kept, change)
}
