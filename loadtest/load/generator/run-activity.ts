import { setTimeout as sleep } from 'node:timers/promises'
import { isTerminal } from '../../../schemas/task.ts'
import { CallError, type LoadClient } from '../client/load-client.ts'
import type { Action, Answer, AnyActivity, Ask, Gains, SeenTask, World } from '../users/action.ts'
import type { OwnDelayWatch } from './own-delay.ts'
import type { Measured, Recorder } from './recorder.ts'
import type { TaskLedger } from './task-ledger.ts'

/** An answer takes no longer than this; a task may. */
const ANSWER_TIMEOUT_MS = 30_000
const WATCH_TIMEOUT_MS = 180_000
/** So often somebody comes back who was told to come back later. */
const MAX_REFUSALS = 10
/** A hint of more than this is not waited for: the run would be over. */
const MAX_HINT_MS = 300_000
/** Where a refusal says nothing about when to come back. */
const NO_HINT_MS = 1000
/**
 * Who finds nobody to answer (503), or whose watch is cut off, tries again so often. Each time is an error, and the time that it takes in all is
 * that of the answer.
 */
const MAX_RETRIES = 10
const RETRY_MS = 500
const MAX_RETRY_MS = 5000

/** What hints to come back later were worth. */
export interface HintCounts {
  /** Refusals with a time to come back. */
  given: number
  /** Refusals without. */
  missing: number
  /** Who came back when it was said, and was let in. */
  letIn: number
  refusedAgain: number
  /** Who was refused for the last time and went. */
  gaveUp: number
}

export interface ActivityDeps {
  readonly client: LoadClient
  readonly recorder: Recorder
  readonly ledger: TaskLedger
  readonly own: OwnDelayWatch
  readonly hints: HintCounts
  readonly world: World
  /** The stage of the run right now. */
  readonly stage: () => number
  readonly onAccepted: (taskId: string, ask: Ask) => void
  /** Aborted: the next thought is the last. */
  readonly signal: AbortSignal
}

/** How an activity ended; `stopped` in the middle, because the run is over. */
export interface ActivityEnd {
  readonly how: 'done' | 'refused' | 'error' | 'unexpected' | 'stopped'
  readonly what?: string
  /** From its first question's due time to its end. Milliseconds. */
  readonly tookMs: number
}

/** Lets a user go through an activity. Time counts from `dueMs`, when it should have begun, by `performance.now()`. */
export async function runActivity(
  activity: AnyActivity,
  deps: ActivityDeps,
  dueMs: number,
): Promise<ActivityEnd> {
  const beganMs = dueMs
  const end = (how: ActivityEnd['how'], what?: string): ActivityEnd => ({
    how,
    tookMs: performance.now() - beganMs,
    ...(what !== undefined && { what }),
  })
  let due = dueMs
  let lost: ActivityEnd['how'] | undefined
  let submittedMs = dueMs
  let turn = activity.start(deps.world)
  for (;;) {
    const { state, action } = turn
    let answer: Answer | undefined
    if (action.do === 'end') {
      if (action.unexpected !== undefined) return end('unexpected', action.unexpected)
      return end(lost ?? 'done')
    }
    if (action.do === 'think') {
      due = Math.max(due, performance.now()) + action.ms
      if (!(await sleepUntil(due, deps.signal))) return end('stopped')
    } else {
      const asked = await askPatiently(action, deps, { due, submittedMs })
      answer = asked.answer
      if (action.task) submittedMs = asked.dueMs
      if (!answer.ok && answer.kind !== 'taken') lost = answer.kind === 'refused' ? 'refused' : 'error'
      due = performance.now()
    }
    turn = activity.next(state, answer, deps.world)
  }
}

type AskAction = Extract<Action, { do: 'ask' }>

/** Asks, and comes back as often as it is told to. @returns the answer, and when the question that was answered was due */
async function askPatiently(
  action: AskAction,
  deps: ActivityDeps,
  { due, submittedMs }: { due: number; submittedMs: number },
): Promise<{ answer: Answer; dueMs: number }> {
  const { recorder, hints, client, own } = deps
  let dueMs = due
  for (let refusals = 0, retries = 0; ; ) {
    const what: Measured = {
      kind: action.ask.op,
      group: 'api',
      transport: client.transport,
      stage: deps.stage(),
    }
    if (retries === 0) own.late(performance.now() - dueMs)
    try {
      const timeoutMs = action.ask.op === 'watchTask' ? WATCH_TIMEOUT_MS : ANSWER_TIMEOUT_MS
      const gain = await client.ask(action.ask as never, timeoutMs)
      const now = performance.now()
      // How long a watch takes is up to its task, and how long one who vanishes waits is up to him.
      if (!UNTIMED.has(action.ask.op)) recorder.answered(what, now - dueMs)
      if (refusals > 0) hints.letIn++
      note(action, gain as Gains[Ask['op']], deps, { what, nowMs: now, submittedMs })
      return { answer: { ok: true, gain: gain as Gains[Ask['op']] }, dueMs }
    } catch (error) {
      if (!(error instanceof CallError)) throw error
      if (action.takes?.includes(error.code)) {
        recorder.taken(what, performance.now() - dueMs)
        return { answer: { ok: false, kind: 'taken', code: error.code }, dueMs }
      }
      if (error.isRefusal) {
        recorder.refused(what)
        if (refusals > 0) hints.refusedAgain++
        if (error.retryAfterMs === undefined) hints.missing++
        else hints.given++
        const hintMs = error.retryAfterMs ?? NO_HINT_MS
        const isLast = ++refusals > MAX_REFUSALS || hintMs > MAX_HINT_MS
        dueMs = performance.now() + hintMs
        if (!isLast && (await sleepUntil(dueMs, deps.signal))) continue
        hints.gaveUp++
        return { answer: { ok: false, kind: 'refused', code: error.code }, dueMs }
      }
      recorder.failed(what, error.code)
      const isPassing =
        error.code === 'UNAVAILABLE' || (action.ask.op === 'watchTask' && error.code === 'CONNECTION')
      const waitMs = Math.min(MAX_RETRY_MS, error.retryAfterMs ?? RETRY_MS)
      if (
        isPassing &&
        ++retries <= MAX_RETRIES &&
        (await sleepUntil(performance.now() + waitMs, deps.signal))
      )
        continue
      return { answer: { ok: false, kind: 'error', code: error.code }, dueMs }
    }
  }
}

const UNTIMED: ReadonlySet<string> = new Set<Ask['op']>(['watchTask', 'vanish', 'vanishUpload'])

/** What an answer means for tasks: one is accepted, or one is over. */
function note(
  { ask, task, endsTask }: AskAction,
  gain: Gains[Ask['op']],
  { ledger, recorder, onAccepted }: ActivityDeps,
  { what, nowMs, submittedMs }: { what: Measured; nowMs: number; submittedMs: number },
): void {
  if (task) {
    const { taskId } = gain as Gains['submit']
    ledger.accept(taskId, task)
    onAccepted(taskId, ask)
  }
  if (endsTask && isTerminal((gain as SeenTask).status))
    recorder.answered({ ...what, kind: endsTask, group: 'task' }, nowMs - submittedMs)
}

/** @returns whether it slept to the end; false when it was told to stop */
export async function sleepUntil(untilMs: number, signal: AbortSignal): Promise<boolean> {
  const ms = untilMs - performance.now()
  if (signal.aborted) return false
  if (ms <= 0) return true
  try {
    await sleep(ms, undefined, { signal })
    return true
  } catch {
    return false
  }
}
