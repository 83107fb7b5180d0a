import { isDeepStrictEqual } from 'node:util'
import type { JsonValue } from '#schemas/json.ts'
import { orderOf } from '../random-load.ts'
import type { AnsweredTask, History, LogNote, Violation } from './history.ts'
import { type AcceptedTask, type IndexedHistory, isOver, objectIn, stateOf } from './indexed-history.ts'

/**
 * 3 and 6: what the service answers is what the log says, and what Redis holds. Told from the log and the plan alone, with
 * none of the code that folds it.
 */
export function checkFold(indexed: IndexedHistory): Violation[] {
  const found: Violation[] = []
  for (const task of indexed.accepted.values()) {
    const state = stateOf(task)
    if (!state || !isOver(state.status)) continue
    const faults = [
      ...faultsOfEnd(task, state),
      ...faultsOfSteps(task, state),
      ...faultsOfValues(task, state),
      ...faultsOfStore(state, indexed.history),
    ]
    found.push(...faults.map((what) => ({ rule: '6', taskId: task.id, what })))
  }
  return found
}

/** The event that ended it is one that could, and the first that had to. */
function faultsOfEnd(task: AcceptedTask, state: AnsweredTask): string[] {
  const last = task.events.find(({ seq }) => seq === state.seq)
  if (!last) return [`ended with event ${state.seq}, and the log has none of it there`]
  const faults: string[] = []
  if (Math.abs(last.atMs - (state.finishedAtMs ?? 0)) > 1)
    faults.push(`ended at ${state.finishedAtMs}, and its last event came at ${last.atMs}`)
  const cancel = task.events.find(({ kind, seq }) => kind === 'control' && seq > task.seq)
  if (cancel && cancel.seq < state.seq)
    faults.push(`was cancelled at ${cancel.seq}, and went on to ${state.seq}`)
  if (state.status === 'cancelled' && last.kind !== 'control')
    faults.push(`is cancelled, and what ended it is a ${last.kind}`)
  if (state.error?.code === 'DEADLINE_EXCEEDED' && !isAfterDeadline(last, state))
    faults.push(`ran out of time at ${last.atMs}, before its deadline ${state.deadlineAtMs}`)
  if (state.status === 'completed') {
    const open = Object.entries(state.steps).filter(
      ([, { status }]) => !['completed', 'failed'].includes(status),
    )
    if (open.length > 0) faults.push(`is completed, and its step ${open[0]![0]} is ${open[0]![1].status}`)
  }
  return faults
}

function isAfterDeadline(last: LogNote, state: AnsweredTask): boolean {
  const dueMs = objectIn(last.body)?.dueMs
  // Whether the timer told of it or a result that came too late.
  return last.atMs >= state.deadlineAtMs - 1 || (typeof dueMs === 'number' && dueMs >= state.deadlineAtMs)
}

/** Every completed step has the first answer of its attempt, and it came before the end. */
function faultsOfSteps(task: AcceptedTask, state: AnsweredTask): string[] {
  const faults: string[] = []
  for (const { id, agent, retry } of task.steps) {
    const step = state.steps[id]
    if (!step) {
      faults.push(`has no step ${id}`)
      continue
    }
    if (step.attempt > (retry?.maxAttempts ?? 3)) faults.push(`step ${id} is at attempt ${step.attempt}`)
    if (step.status !== 'completed') continue
    // What came before was about a task of the same name that the broker has lost since.
    const results = task.events.filter(
      (event) => event.seq > task.seq && isResultOf(event, { id, agent: agent!, attempt: step.attempt }),
    )
    // One that came from before the log went back, when the step was not out yet, counts for nothing.
    const first = task.isRewound
      ? (results.find((result) => isDeepStrictEqual(outputOf(result), step.output)) ?? results[0])
      : results[0]
    if (!first) faults.push(`step ${id} is completed, and the log has no result of attempt ${step.attempt}`)
    else if (first.seq > state.seq) faults.push(`step ${id} is completed by a result after the end`)
    else if (!isDeepStrictEqual(outputOf(first), step.output))
      faults.push(`step ${id} has another output than the first result of attempt ${step.attempt}`)
  }
  return faults
}

function isResultOf(
  { kind, agent: by, body }: LogNote,
  step: { id: string; agent: string; attempt: number },
): boolean {
  const result = objectIn(body)
  if (kind !== 'result' || !result || (by !== undefined && by !== step.agent)) return false
  return (
    result.stepId === step.id &&
    result.attempt === step.attempt &&
    typeof result.instance === 'string' &&
    objectIn(result.outcome)?.kind === 'done'
  )
}

function outputOf({ body }: LogNote): JsonValue | undefined {
  return objectIn(objectIn(body)?.outcome)?.output
}

/** Every step computed what its order and the steps before it make, and the task's output is made of those that nobody needs. */
function faultsOfValues(task: AcceptedTask, state: AnsweredTask): string[] {
  if (task.planned?.kind === 'filler') return []
  const faults: string[] = []
  const values = new Map<string, number | null>()
  const steps = task.steps.toSorted((a, b) => Number(a.id.slice(1)) - Number(b.id.slice(1)))
  for (const { id, input, needs = [] } of steps) {
    const order = orderOf({ id, agent: '', input })
    let sum = order.salt
    for (const [i, need] of needs.entries()) sum = (sum + (i + 2) * (values.get(need) ?? 7)) % 1_000_003
    const step = state.steps[id]
    values.set(id, step?.status === 'completed' ? sum : null)
    const value = objectIn(step?.output)?.value
    // A large one lies in the object store; what was computed from it shows what it was.
    if (step?.status === 'completed' && value !== undefined && value !== sum)
      faults.push(`step ${id} says ${value} instead of ${sum}`)
  }
  if (state.status !== 'completed') return faults
  const needed = new Set(task.steps.flatMap((step) => step.needs ?? []))
  const leaves = task.steps.filter(({ id }) => !needed.has(id))
  const expected = Object.fromEntries(leaves.map(({ id }) => [id, state.steps[id]?.output ?? null]))
  if (!isDeepStrictEqual(state.output, expected))
    faults.push('its output is not made of the outputs of its last steps')
  return faults
}

/** Until all partitions are there again. */
const REBUILD_MS = 10_000

const COMPARED = ['status', 'rev', 'seq', 'finishedAtMs', 'output', 'error'] as const

/** After these a partition may have been made again from checkpoints: what had ended before is in the archive, which the service asks. */
const FORGETTING = ['redis-', 'nats-', 'upgrade', 'rollback']

function faultsOfStore(state: AnsweredTask, { stored: all, purges, faults }: History): string[] {
  const stored = all[state.id]
  if (!stored) {
    const isLeft = faults.some(
      ({ fault, endedAtMs }) =>
        FORGETTING.some((kind) => fault.kind.startsWith(kind)) &&
        (state.finishedAtMs ?? 0) < endedAtMs + REBUILD_MS,
    )
    return purges && isLeft ? [] : ['is not in Redis']
  }
  return COMPARED.filter((field) => !isDeepStrictEqual(state[field], stored[field])).map(
    (field) => `${field} is ${text(state[field])}, and in Redis ${text(stored[field])}`,
  )
}

function text(value: unknown): string {
  return JSON.stringify(value)?.slice(0, 80) ?? 'nothing'
}
