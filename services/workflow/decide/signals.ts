import { utf8Length } from '#platform/json/utf8-length.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { TaskControl } from '#schemas/log-event.ts'
import type { Step } from '#schemas/plan.ts'
import type { BufferedSignal, TaskState } from '#schemas/task.ts'
import type { LateReason } from './commands.ts'
import type { TaskDraft } from './transitions.ts'

/*
 *              a step waits for its name? ── yes ──► delivered: the step that has waited longest completes with it
 *   signal ──►           │ no
 *                        ▼
 *                    buffered (bounded) ── a step begins to wait for it ──► delivered, the oldest first
 *
 * Each is delivered once; a second one of the same id is the same signal.
 */

/** Ids that are remembered, of 128 characters at most: far more than can be buffered, and 32 KiB of a state. */
export const SEEN_SIGNALS = 256

export type Signal = Pick<TaskControl & { action: 'signal' }, 'name' | 'id' | 'payload'>

/**
 * Why a signal would not be taken now; undefined: it would. The API asks before it writes one, so that whoever sends it is told;
 * `decide` asks again. Pure.
 */
export function signalRefusal(state: TaskState, signal: Signal): LateReason | undefined {
  const { status, signals = [], seenSignals = [] } = state
  if (status === 'compensating') return 'compensating'
  if (seenSignals.includes(signal.id) || signals.some(({ id }) => id === signal.id)) return 'duplicate-signal'
  if (waitingLongest(state, signal.name)) return undefined
  const bytes = signals.reduce((sum, one) => sum + bytesOf(one), bytesOf(signal))
  const isFull = signals.length >= LIMITS.bufferedSignals || bytes > LIMITS.bufferedSignalBytes
  return isFull ? 'signal-buffer-full' : undefined
}

/** Whether a signal of this id was taken: it is kept, was seen, or a step completed with it. Pure. */
export function isSignalTaken(
  { plan, steps, signals = [], seenSignals = [] }: TaskState,
  id: string,
): boolean {
  if (seenSignals.includes(id) || signals.some((signal) => signal.id === id)) return true
  return plan.steps.some((step) => {
    const output = step.waitFor && steps[step.id]?.output
    return typeof output === 'object' && output !== null && 'id' in output && output.id === id
  })
}

/** The step that waits for a signal of this name since longest; of those that wait equally long, the first of the plan. Pure. */
export function waitingLongest({ plan, steps }: TaskState, name: string): Step | undefined {
  let longest: { step: Step; sinceMs: number } | undefined
  for (const step of plan.steps) {
    if (step.waitFor?.signal !== name) continue
    const { status, waitingSinceMs = 0 } = steps[step.id]!
    if (status !== 'awaiting-signal') continue
    if (!longest || waitingSinceMs < longest.sinceMs) longest = { step, sinceMs: waitingSinceMs }
  }
  return longest?.step
}

/** Keeps a signal that `signalRefusal` has nothing against. @returns the step that it is for; undefined: it is kept for one that comes */
export function takeSignal(draft: TaskDraft, { name, id, payload }: Signal): Step | undefined {
  const { state } = draft
  state.seenSignals = [...(state.seenSignals ?? []), id].slice(-SEEN_SIGNALS)
  const step = waitingLongest(state, name)
  if (!step) {
    const signal = { name, id, ...(payload !== undefined && { payload }), atMs: draft.atMs }
    state.signals = [...(state.signals ?? []), signal]
  }
  return step
}

/** The oldest signal of this name that is kept, which is then kept no longer. */
export function takeBuffered({ state }: TaskDraft, name: string): BufferedSignal | undefined {
  const { signals = [] } = state
  const at = signals.findIndex((signal) => signal.name === name)
  if (at < 0) return undefined
  const left = signals.toSpliced(at, 1)
  if (left.length > 0) state.signals = left
  else delete state.signals
  return signals[at]
}

function bytesOf({ payload = null }: Signal): number {
  return utf8Length(JSON.stringify(payload))
}
