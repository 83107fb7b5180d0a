import { type BuriedRun, isTerminal, type RunState, type TaskState } from '#schemas/task.ts'
import { runsOf, stepOf } from './find-run.ts'

/**
 * Dead letters of a task that are remembered. More than this would have to be sent and not known to be out at the same time: those before
 * are sent once, and not again by an owner that comes after.
 */
const MAX_BURIED = 128

/** The step may go on without it, and its run be forgotten: what stands in the state says that it is owed. Pure. */
export function withLetter({ buried = [] }: TaskState, letter: BuriedRun): BuriedRun[] {
  return [...buried, letter].slice(-MAX_BURIED)
}

/** Dead letters of events that came later than both. `seq`: a position in the log; `atMs`: Unix ms. Pure. */
export function owedLetters(
  state: TaskState,
  { seq = 0, atMs = 0 }: { seq?: number; atMs?: number },
): BuriedRun[] {
  const { buried = lettersOfEarlierVersions(state) } = state
  return buried.filter((one) => one.seq > seq && one.atMs > atMs)
}

/** States of earlier versions don't name them: those of a task that has ended are seen by its runs. */
function lettersOfEarlierVersions(state: TaskState): BuriedRun[] {
  if (!isTerminal(state.status)) return []
  const { seq, finishedAtMs = 1 } = state
  return runsOf(state).flatMap(([stepId, run]) =>
    isPoison(state, stepId, run) ? [{ stepId, attempt: run.attempt, seq, atMs: finishedAtMs }] : [],
  )
}

/** A step that failed with one of its items, its child or its fallback has their error, and took no process down itself. */
function isPoison({ plan }: TaskState, runId: string, { status, crashes, error }: RunState): boolean {
  if (status !== 'failed' || !crashes || error?.code !== 'POISON_MESSAGE') return false
  return stepOf(plan, runId)?.fallback === undefined
}
