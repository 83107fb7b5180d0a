import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import type { PayloadCodec } from '#platform/secrets/payload-codec.ts'
import { LIMITS } from '#schemas/limits.ts'
import { type Priority, STEP_KINDS } from '#schemas/plan.ts'
import { STEP_STATUSES, TASK_STATUSES, type TaskState } from '#schemas/task.ts'
import { PRIORITIES } from '#subjects/subjects.ts'
import { CommitRefused, type TaskWrite, type UnreadableTask } from './partition-store.ts'
import { openText, sealedTenant, sealText } from './state-sealing.ts'

/** A task as it is stored. What never changes is most of a small task, and a task is written at each of its events. */
export interface StoredTask {
  state: string
  /** Empty when it is stored already. */
  definition: string
}

/** An event or a state of a later version, or one whose key is not here: a process that can't read it must not go past it, nor write it. */
export class LaterState extends Error {
  /** It is a key of payloads that is missing, and no other version. */
  get needsKey(): boolean {
    return this.cause instanceof MurmurError
  }
}

/** @throws CommitRefused when it can't be stored: too large, too deep, with numbers that are none; LaterState without a key for its tenant */
export function encodeTask({ state, isNew, dueMs, keepMs }: TaskWrite, codec?: PayloadCodec): StoredTask {
  const isTimed = Number.isFinite(typeof dueMs === 'number' ? dueMs : 0) && Number.isFinite(keepMs ?? 0)
  if (!isTimed || !Number.isFinite(state.createdAtMs))
    throw refused(state.id, 'one of its times is no number')
  let stored: StoredTask
  try {
    stored = {
      state: JSON.stringify(changingOf(state)),
      definition: isNew ? JSON.stringify(fixedOf(state)) : '',
    }
  } catch (cause) {
    throw refused(state.id, `its state can't be written as JSON: ${messageOf(cause)}`, cause)
  }
  const characters = stored.state.length + stored.definition.length
  // A character takes three bytes at most, so most states need no counting.
  if (characters * 3 <= LIMITS.stateBytes) return sealed(stored, state, codec)
  const bytes = Buffer.byteLength(stored.state) + Buffer.byteLength(stored.definition)
  if (bytes <= LIMITS.stateBytes) return sealed(stored, state, codec)
  throw refused(state.id, `its state has ${bytes} bytes, at most ${LIMITS.stateBytes} are stored`)
}

function sealed(
  { state, definition }: StoredTask,
  { id, tenant }: TaskState,
  codec: PayloadCodec | undefined,
): StoredTask {
  if (!codec) return { state, definition }
  try {
    return {
      state: sealText(codec, tenant, `state\n${id}`, state),
      definition: sealText(codec, tenant, `definition\n${id}`, definition),
    }
  } catch (error) {
    // It is the key that is missing, and nothing of the task: another orchestrator may have it.
    throw new LaterState(messageOf(error), { cause: error })
  }
}

/** What changes of a task: written at each of its events. */
function changingOf(state: TaskState) {
  const { status, rev, seq, deadlineAtMs, finishedAtMs, steps, output, error } = state
  const { pausedAtMs, pauseReason, signals, seenSignals, buried, endsAs } = state
  return {
    ...{ status, rev, seq, deadlineAtMs, finishedAtMs, steps, output, error },
    ...{ pausedAtMs, pauseReason, signals, seenSignals, buried, endsAs },
  }
}

/** All else: written once. */
function fixedOf(state: TaskState) {
  const { status, rev, seq, deadlineAtMs, finishedAtMs, steps, output, error, ...rest } = state
  const { pausedAtMs, pauseReason, signals, seenSignals, buried, endsAs, ...fixed } = rest
  return fixed
}

/** What stands in the store as a task; undefined: nothing. @throws LaterState */
export function decodeTask(
  id: string,
  state: string | null | undefined,
  definition: string | null | undefined,
  codec?: PayloadCodec,
): TaskState | UnreadableTask | undefined {
  if (state == null && definition == null) return undefined
  const sealedFor = definition ? sealedTenant(definition) : undefined
  let fixed: Record<string, unknown> | undefined
  let changing: Record<string, unknown> | undefined
  try {
    fixed = parsed(definition && openText(codec, `definition\n${id}`, definition))
    changing = parsed(state && openText(codec, `state\n${id}`, state))
  } catch (error) {
    if (!(error instanceof MurmurError)) throw error
    const keyMissing = error.code === 'PAYLOAD_KEY_MISSING' && { keyMissing: error }
    const known = knownOf(fixed)
    // The tenant stands beside what can't be opened: it may see how its task has ended.
    if (sealedFor !== undefined) known.tenant ??= sealedFor
    return { id, why: error.message, known, ...keyMissing }
  }
  const found = checkTask(id, { ...fixed, ...changing })
  const why =
    !fixed || !changing
      ? `its ${fixed ? 'state' : 'definition'} is no JSON object`
      : 'why' in found && found.why
  return why === false ? (found as TaskState) : { id, why, known: knownOf(fixed) }
}

/** Whether an object is a state that decisions can be made on, and why not. @throws LaterState */
export function checkTask(id: string, value: Record<string, unknown>): TaskState | { why: string } {
  if (typeof value.v === 'number' && value.v > 1)
    throw new LaterState(`the state of task ${id} is of version ${value.v}`)
  const why = fault(id, value as unknown as TaskState)
  return why === undefined ? (value as unknown as TaskState) : { why }
}

export function isUnreadable(found: TaskState | UnreadableTask | undefined): found is UnreadableTask {
  return found !== undefined && 'why' in found
}

function parsed(text: string | null | undefined): Record<string, unknown> | undefined {
  if (text == null) return undefined
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined
  } catch {
    return undefined
  }
}

/** What decisions rely on, and no more: a state of a release before must stay readable. */
function fault(id: string, task: TaskState): string | undefined {
  if (task.id !== id) return 'it is of another task'
  if (!TASK_STATUSES.includes(task.status)) return 'its status is none'
  const numbers = [task.rev, task.seq, task.createdAtMs, task.startAtMs, task.deadlineAtMs]
  if (!numbers.every(Number.isFinite)) return 'one of its times and counts is no number'
  if (typeof task.tenant !== 'string' || typeof task.type !== 'string') return 'it has no tenant or no type'
  if (!isRecord(task.input) || !isRecord(task.steps)) return 'it has no input or no steps'
  if (!isRecord(task.plan) || !Array.isArray(task.plan.steps)) return 'it has no plan'
  for (const step of task.plan.steps as unknown[]) {
    if (!isRecord(step) || typeof step.id !== 'string' || !hasKind(step))
      return 'its plan has a step without a name or anything to do'
    if (step.needs !== undefined && !Array.isArray(step.needs))
      return `step ${step.id} needs no list of steps`
    const current = Object.hasOwn(task.steps, step.id) ? task.steps[step.id] : undefined
    if (!isRecord(current) || !STEP_STATUSES.includes(current.status)) return `step ${step.id} has no state`
    if (!Number.isInteger(current.attempt)) return `step ${step.id} has no attempt`
  }
  return undefined
}

function hasKind(step: Record<string, unknown>): boolean {
  return typeof step.agent === 'string' || STEP_KINDS.some((kind) => isRecord(step[kind]))
}

function knownOf(fixed: Record<string, unknown> | undefined): UnreadableTask['known'] {
  const { tenant, type, createdAtMs, priority } = fixed ?? {}
  return {
    ...(typeof tenant === 'string' && { tenant }),
    ...(typeof type === 'string' && { type }),
    ...(Number.isFinite(createdAtMs) && { createdAtMs: createdAtMs as number }),
    ...(isPriority(priority) && { priority }),
  }
}

function isPriority(value: unknown): value is Priority {
  return PRIORITIES.includes(value as Priority)
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function refused(taskId: string, message: string, cause?: unknown): CommitRefused {
  return new CommitRefused(message, { taskId, cause })
}
