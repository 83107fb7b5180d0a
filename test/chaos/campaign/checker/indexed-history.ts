import type { JsonValue } from '#schemas/json.ts'
import type { Step } from '#schemas/plan.ts'
import type { PlannedTask } from '../planned-task.ts'
import type { AnsweredTask, HandlerNote, History, LogNote } from './history.ts'

/** Clocks of one machine: what is read from two of them may differ by so much. */
const CLOCK_MS = 100

/** A task that the log has accepted. */
export interface AcceptedTask {
  id: string
  seq: number
  atMs: number
  deadlineAtMs: number
  steps: Step[]
  /** What it was drawn as; undefined for one that nobody submitted. */
  planned: PlannedTask | undefined
  /** Everything that the log has of it, in order. */
  events: LogNote[]
  /** What the service answers. */
  answer: AnsweredTask | string | null
  handlers: HandlerNote[]
  /** The log went back behind something that had happened to it: it ends, and what was known before may be another story. */
  isRewound: boolean
}

/** The history by what one looks for. */
export interface IndexedHistory {
  history: History
  accepted: Map<string, AcceptedTask>
  /** Ids by the operation that asked for the task. */
  idsOf: Map<string, Set<string>>
  plannedOf: Map<string, PlannedTask>
  /** What was stored at this time may be gone: the store of NATS went back behind it. */
  mayBeLost: (atMs: number) => boolean
  /** The log went back. */
  hasGoneBack: boolean
}

export function indexHistory(history: History): IndexedHistory {
  const rewinds = history.faults.filter(({ fault }) => fault.kind === 'nats-stale')
  const mayBeLost = (atMs: number) =>
    rewinds.some(({ copiedAtMs = 0, endedAtMs }) => atMs >= copiedAtMs - 100 && atMs <= endedAtMs + 100)
  const restoredAtMs = Math.max(0, ...rewinds.map(({ endedAtMs }) => endedAtMs))
  const plannedOf = new Map(history.tasks.map((task) => [task.op, task]))
  const accepted = new Map<string, AcceptedTask>()
  const idsOf = new Map<string, Set<string>>()
  for (const note of history.log) {
    const body = objectIn(note.body)
    const id = body && typeof body.taskId === 'string' ? body.taskId : undefined
    if (!body || id === undefined) continue
    if (note.kind === 'accepted' && !accepted.has(id)) {
      const task = acceptedFrom(note, body, { history, plannedOf, restoredAtMs })
      if (!task) continue
      accepted.set(id, task)
      const op = opOf(body)
      if (op !== undefined) idsOf.set(op, (idsOf.get(op) ?? new Set()).add(id))
    }
    accepted.get(id)?.events.push(note)
  }
  for (const note of history.handlers) {
    const task = accepted.get(note.taskId)
    // A task that went with the log and was accepted once more has had another life before.
    const isOfThisLife = task && (rewinds.length === 0 || note.atMs >= task.atMs - CLOCK_MS)
    if (isOfThisLife) task.handlers.push(note)
  }
  return { history, accepted, idsOf, plannedOf, mayBeLost, hasGoneBack: rewinds.length > 0 }
}

function acceptedFrom(
  { seq, atMs }: LogNote,
  body: Record<string, JsonValue>,
  from: { history: History; plannedOf: Map<string, PlannedTask>; restoredAtMs: number },
): AcceptedTask | undefined {
  const { taskId, deadlineMs, plan } = body
  const steps = objectIn(plan)?.steps
  // Forged ones are no tasks: they lack what a task has.
  if (typeof taskId !== 'string' || typeof deadlineMs !== 'number' || !Array.isArray(steps)) return undefined
  return {
    id: taskId,
    seq,
    atMs,
    deadlineAtMs: atMs + deadlineMs,
    steps: steps as unknown as Step[],
    planned: from.plannedOf.get(opOf(body) ?? ''),
    events: [],
    answer: from.history.answers[taskId] ?? null,
    handlers: [],
    isRewound:
      from.restoredAtMs > 0 && (atMs < from.restoredAtMs || hadLifeBefore(taskId, atMs, from.history)),
  }
}

/** It was run before the log had it: what was sent out for its first life may come in its second. */
function hadLifeBefore(taskId: string, atMs: number, { handlers }: History): boolean {
  return handlers.some((note) => note.taskId === taskId && note.atMs < atMs - CLOCK_MS)
}

function opOf(body: Record<string, JsonValue>): string | undefined {
  const op = objectIn(body.labels)?.op
  return typeof op === 'string' ? op : undefined
}

export function objectIn(value: JsonValue | undefined): Record<string, JsonValue> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? value : undefined
}

/** The answer, where it is a task. */
export function stateOf({ answer }: AcceptedTask): AnsweredTask | undefined {
  return typeof answer === 'object' && answer !== null ? answer : undefined
}

export function isOver(status: string | undefined): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled'
}
