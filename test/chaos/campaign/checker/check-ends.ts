import { orderOf } from '../random-load.ts'
import type { ClientNote, Violation } from './history.ts'
import { type AcceptedTask, type IndexedHistory, isOver, stateOf } from './indexed-history.ts'

const SLACK_MS = 10_000
/** A healthy task that needs so much longer than its work and the faults has stood still. */
const STALL_MS = 15_000
/** So long after a restore Redis may show what was. */
const STALE_READS_MS = 5000

/** Codes that a task may end with for which time was short. */
const OUT_OF_TIME = ['DEADLINE_EXCEEDED', 'STEP_TIMEOUT', 'QUEUE_TIMEOUT']
/** Codes that steps are told to end with. */
const TOLD = ['TOLD_TO_FAIL', 'INVALID_OUTCOME', 'STEP_FAILED']

/** 1: every accepted task ends once, in time, as it should, and stays so. */
export function checkEnds(indexed: IndexedHistory): Violation[] {
  const found: Violation[] = []
  for (const task of indexed.accepted.values()) {
    const fault = faultOfEnd(task, indexed)
    if (fault) found.push({ rule: '1', taskId: task.id, what: fault })
    const change = faultOfReads(task, indexed)
    if (change) found.push({ rule: '1', taskId: task.id, what: change })
  }
  return found
}

function faultOfEnd(task: AcceptedTask, indexed: IndexedHistory): string | undefined {
  const { healedAtMs } = indexed.history
  const state = stateOf(task)
  if (!state) return `was accepted, and the service says ${task.answer ?? 'that there is no such task'}`
  if (!isOver(state.status) || state.finishedAtMs === undefined)
    return `is still ${state.status} at the end: ${openSteps(state.steps)}`
  const latestMs = Math.max(state.deadlineAtMs, healedAtMs) + SLACK_MS
  if (state.finishedAtMs > latestMs) return `ended ${state.finishedAtMs - latestMs} ms too late`
  return faultOfOutcome(task, indexed) ?? faultOfStall(task, indexed)
}

function openSteps(steps: Record<string, { status: string; attempt: number }>): string {
  return Object.entries(steps)
    .filter(([, { status }]) => status === 'dispatched' || status === 'backoff')
    .map(([id, { status, attempt }]) => `${id} ${status} attempt ${attempt}`)
    .join(', ')
}

/** How it ended against how its kind has to end. */
function faultOfOutcome(task: AcceptedTask, { history }: IndexedHistory): string | undefined {
  const { status, error } = stateOf(task)!
  const planned = task.planned
  const ended = `${status}${error ? ` ${error.code} ${error.stepId ?? ''}: ${error.message}` : ''}`
  const wasCancelled = task.events.some(({ kind }) => kind === 'control')
  if (status === 'cancelled')
    return wasCancelled ? undefined : `nobody asked for its end, and it is ${ended.slice(0, 300)}`
  if (!planned || planned.kind === 'filler') {
    const mayEnd = status === 'completed' || OUT_OF_TIME.includes(error?.code ?? '')
    return mayEnd ? undefined : `ended with ${ended.slice(0, 300)}`
  }
  if (planned.kind === 'poison')
    return error?.code === 'POISON_MESSAGE'
      ? undefined
      : `takes processes down, and ended ${ended.slice(0, 300)}`
  const allowed = planned.kind === 'tight' ? [...OUT_OF_TIME, ...TOLD] : TOLD
  if (status === 'completed') return undefined
  const culprit = task.steps.find(({ id }) => id === error?.stepId)
  const isTold =
    error !== undefined &&
    allowed.includes(error.code) &&
    (OUT_OF_TIME.includes(error.code) || (culprit !== undefined && mayFail(culprit, planned.kind)))
  if (isTold) return undefined
  // An output that was stored after the copy is gone, and the result that names it may have been published after the restore.
  if (error?.code === 'BLOB_CORRUPT' && task.isRewound) return undefined
  const killed = killedAttempts(task, error?.stepId, history.processes)
  if (error?.code === 'POISON_MESSAGE' && culprit && killed >= (culprit.retry?.maxAttempts ?? 3))
    return undefined
  return `is ${planned.kind}, and ended ${ended.slice(0, 300)}`
}

function mayFail(step: AcceptedTask['steps'][number], kind: string): boolean {
  const { behaviour, succeedsAt } = orderOf(step)
  if (behaviour === 'fail' || behaviour === 'invalid') return true
  return behaviour === 'retry' && (kind === 'tight' || succeedsAt > (step.retry?.maxAttempts ?? 3))
}

/** Attempts of a step that a process had in hand when it was killed: enough of those are poison to whoever looks on. */
function killedAttempts(
  task: AcceptedTask,
  stepId: string | undefined,
  processes: IndexedHistory['history']['processes'],
): number {
  const killed = new Set<number>()
  for (const run of task.handlers) {
    if (run.kind !== 'start' || run.stepId !== stepId) continue
    const isDone = task.handlers.some(
      (other) => other.kind === 'end' && other.pid === run.pid && other.attempt === run.attempt,
    )
    if (!isDone && processes.some(({ kind, pid }) => kind === 'ended' && pid === run.pid))
      killed.add(run.attempt)
  }
  return killed.size
}

function faultOfStall(task: AcceptedTask, { history }: IndexedHistory): string | undefined {
  const { planned } = task
  if (planned?.kind !== 'healthy') return undefined
  // Whoever stops the event loop of a process holds up everybody in it; whoever kills it too.
  const blockedMs = history.tasks
    .flatMap(({ submission }) => submission.plan?.steps ?? [])
    .filter((step) => orderOf(step)?.behaviour === 'block')
    .reduce((sum, step) => sum + orderOf(step).workMs, 0)
  const poisonMs = history.tasks.some(({ kind }) => kind === 'poison') ? 20_000 : 0
  const dueMs = Math.max(history.healedAtMs, history.startedAtMs + planned.idealEndMs, task.atMs)
  const overMs = stateOf(task)!.finishedAtMs! - dueMs - blockedMs - poisonMs
  return overMs > STALL_MS
    ? `stood still: it ended ${Math.round(overMs)} ms after it could have, and after the last fault`
    : undefined
}

/** What clients saw while it all happened. */
function faultOfReads(task: AcceptedTask, indexed: IndexedHistory): string | undefined {
  if (task.isRewound) return undefined
  const restores = indexed.history.faults.filter(({ fault }) => fault.kind === 'redis-stale')
  const mayBeStale = ({ atMs }: ClientNote) =>
    restores.some(({ copiedAtMs = 0, endedAtMs }) => atMs >= copiedAtMs && atMs <= endedAtMs + STALE_READS_MS)
  // One that went with the log and was accepted once more had another life before.
  const isOfThisLife = ({ atMs }: ClientNote) => !indexed.hasGoneBack || atMs >= task.atMs
  const notes = indexed.history.clients.filter(
    (note) => note.act === 'read' && note.taskId === task.id && !mayBeStale(note) && isOfThisLife(note),
  )
  let end: ClientNote['read']
  for (const { code, read } of notes) {
    if (code === 'TASK_NOT_FOUND') return 'was accepted, and a client was told that there is no such task'
    if (!read) continue
    if (end && (read.status !== end.status || read.finishedAtMs !== end.finishedAtMs))
      return `was seen ${end.status}, and later ${read.status}`
    if (isOver(read.status)) end = read
  }
  const state = stateOf(task)
  if (end && state && (state.status !== end.status || state.finishedAtMs !== end.finishedAtMs))
    return `was seen ${end.status} at ${end.finishedAtMs}, and is ${state.status} at ${state.finishedAtMs} at the end`
  return undefined
}
