import { messageOf } from '#platform/errors/murmur-error.ts'
import { isSameTime } from '#platform/nats/log-place.ts'
import { keyMissing } from '#platform/secrets/payload-codec.ts'
import type { CheckpointRecord, HorizonRecord } from '#schemas/checkpoint.ts'
import type { TaskState } from '#schemas/task.ts'
import type { KeptItem } from '#workflow/decide/commands.ts'
import type { RestoredTask } from '../partition/fold-batch.ts'
import { LaterState } from '../partition/stored-task.ts'
import type { CheckpointLog, CheckpointMessage, ItemOutcomes } from './checkpoint-log.ts'
import { isOfOwner } from './checkpoint-rules.ts'
import { decodeParts, openLists, stateIn } from './checkpoint-state.ts'
import { resolved } from './claim-checkpoints.ts'

export interface CheckpointReaderDeps {
  partition: number
  checkpoints: Pick<CheckpointLog, 'readLast' | 'readTask'>
  /** That there is now. */
  log: { firstSeq: number; lastSeq: number }
  record: HorizonRecord
  signal: AbortSignal
  /** When the broker stored a message of the log. Unix ms; undefined: it is not there. */
  storedAt: (seq: number) => Promise<number | undefined>
  onTask: (task: RestoredTask, bytes: number) => Promise<void>
  onUnreadable: (taskId: string, why: string) => void
}

type StateMessage = CheckpointMessage & { kind: 'state' }

/** About what a state takes, for batches. Bytes. */
const STATE_BYTES = 2048
/** Messages that wait for their tasks to be taken, at most: then reading goes on from where it was. */
const AT_ONCE = 64

/**
 * Reads the checkpoints of a partition. Of each task the last one counts that its owner has written and that the log agrees with: where that
 * is not the last of all, the log is folded from where it was written on, so the offset comes out lower.
 */
export class CheckpointReader {
  readonly #deps: CheckpointReaderDeps
  /** Whether the log is as it was when they were written, by the place that says it. */
  readonly #verified = new Map<number, Promise<boolean>>()
  #trusted = 0
  #offset: number
  #keyMissing: string | undefined

  constructor(deps: CheckpointReaderDeps) {
    this.#deps = deps
    this.#offset = deps.record.horizon
  }

  /**
   * @returns from where on the log has to be folded
   * @throws LaterState; Error when somebody does not answer
   */
  async read(): Promise<number> {
    const { partition, checkpoints, record, signal } = this.#deps
    const states: StateMessage[] = []
    const tricky = new Set<string>()
    if (await this.#isAsWritten(record.offset, record.offsetMs)) this.#trusted = record.offset
    await checkpoints.readLast(
      partition,
      (message) => {
        if (message.kind === 'state') states.push(message)
        else if (message.kind === 'unreadable') {
          if (message.keyMissing !== undefined) this.#keyMissing ??= message.keyMissing
          if (message.isState) tricky.add(message.taskId)
        }
      },
      signal,
    )
    if (this.#keyMissing !== undefined) throw waitsForKey(this.#keyMissing)
    for (let i = 0; i < states.length; i++) {
      const message = states[i]!
      // What was read is not held longer than it is needed.
      ;(states as unknown[])[i] = undefined
      const state = await this.#plain(message)
      if (state) await this.#deps.onTask({ state, kept: [] }, STATE_BYTES)
      else tricky.add(message.taskId)
    }
    const open = [...tricky]
    for (let i = 0; i < open.length; i += AT_ONCE) {
      const found = await Promise.all(open.slice(i, i + AT_ONCE).map((taskId) => this.#readOne(taskId)))
      for (const task of found) if (task) await this.#deps.onTask(task, 4 * STATE_BYTES)
    }
    return this.#offset
  }

  /** The state in the last message of a task, if nothing stands beside it and there is no doubt about it. */
  async #plain({ taskId, seq, record }: StateMessage): Promise<TaskState | undefined> {
    if (!record.state || !(await this.#counts(record, seq))) return undefined
    const state = stateIn(taskId, record.state)
    return 'why' in state || openLists(state).length > 0 ? undefined : state
  }

  /** Everything that there is of one task, looked at from its end. */
  async #readOne(taskId: string): Promise<RestoredTask | undefined> {
    const { partition, checkpoints, log, record, onUnreadable } = this.#deps
    const messages = await checkpoints.readTask(partition, taskId)
    // Of one that only a former owner has written, too late, nothing is owed: whatever it is about is elsewhere.
    let why: string | undefined
    // Its owner has written a later one, which counts for nothing.
    let isEarlier = false
    for (const message of messages.toReversed()) {
      if (message.kind === 'unreadable' && message.keyMissing !== undefined)
        throw waitsForKey(message.keyMissing)
      if (message.kind === 'unreadable' && message.isState) {
        why = message.why
        isEarlier ||= !message.isForeign
      }
      if (message.kind !== 'state') continue
      const { foldedTo } = message.record
      if (!isOfOwner(record.claims, { ...message.record, seq: message.seq })) continue
      const isOf = await this.#counts(message.record, message.seq)
      const found = isOf ? await assemble(message, messages) : { why: 'it was made from another log' }
      if ('why' in found) why = found.why
      else if (isEarlier && foldedTo < Math.min(record.horizon, log.firstSeq - 1))
        why = `${why}, and the log has no more what came behind the one before`
      else {
        if (isEarlier) this.#offset = Math.min(this.#offset, foldedTo)
        return found
      }
      isEarlier = true
    }
    if (why !== undefined) onUnreadable(taskId, why)
    return undefined
  }

  /** It was written by its owner, and the log is the one that it was made from. */
  async #counts(record: CheckpointRecord, seq: number): Promise<boolean> {
    const { upTo, upToMs } = record
    if (!isOfOwner(this.#deps.record.claims, { ...record, seq })) return false
    if (upTo <= this.#trusted) return true
    let verified = this.#verified.get(upTo)
    if (!verified) {
      verified = this.#isAsWritten(upTo, upToMs)
      this.#verified.set(upTo, verified)
    }
    if (!(await verified)) return false
    this.#trusted = Math.max(this.#trusted, upTo)
    return true
  }

  async #isAsWritten(seq: number, storedAtMs: number): Promise<boolean> {
    const { log, storedAt } = this.#deps
    if (seq === 0) return true
    if (seq > log.lastSeq) return false
    if (seq < log.firstSeq) return true
    const found = await storedAt(seq)
    return found === undefined || storedAtMs === 0 || isSameTime(found, storedAtMs)
  }
}

/**
 * The last state of a task that was written; undefined: there is none that can be read. Without what stands beside it.
 * @throws Error when nobody answers
 */
export async function lastStateOf(
  checkpoints: Pick<CheckpointLog, 'readTask' | 'horizons'>,
  partition: number,
  taskId: string,
): Promise<TaskState | undefined> {
  const { stored } = await checkpoints.horizons(partition)
  if (!stored) return undefined
  const { claims } = resolved(stored)
  const messages = await checkpoints.readTask(partition, taskId)
  for (const message of messages.toReversed()) {
    if (message.kind !== 'state') continue
    if (!isOfOwner(claims, { ...message.record, seq: message.seq })) continue
    const found = await stateOf(message, messages)
    if (!('why' in found)) return found
  }
  return undefined
}

function waitsForKey(why: string): LaterState {
  return new LaterState(`a checkpoint waits for its key: ${why}`, { cause: keyMissing(why) })
}

/** A state with what stands beside it. What was written of a list later than the state is more of the same. */
async function assemble(
  message: StateMessage,
  messages: readonly CheckpointMessage[],
): Promise<RestoredTask | { why: string }> {
  const { taskId } = message
  const state = await stateOf(message, messages)
  if ('why' in state) return state
  const kept: KeptItem[] = []
  for (const { stepId, begun, completed } of openLists(state)) {
    const outcomes = new Map<number, ItemOutcomes[number][1]>()
    for (const one of messages)
      if (one.kind === 'items' && one.stepId === stepId)
        for (const [index, outcome] of one.items) if (index < begun) outcomes.set(index, outcome)
    const outputs = [...outcomes.values()].filter((outcome) => 'output' in outcome).length
    if (outputs < completed)
      return { why: `${completed - outputs} outputs of the list of step ${stepId} are missing` }
    for (const [index, outcome] of outcomes) kept.push({ taskId, stepId, index, outcome })
  }
  return { state, kept }
}

/** By itself, or from its parts. @throws LaterState */
async function stateOf(
  { taskId, record }: StateMessage,
  messages: readonly CheckpointMessage[],
): Promise<TaskState | { why: string }> {
  if (record.state) return stateIn(taskId, record.state)
  const parts = Array.from({ length: record.parts ?? 0 }, (_, place) =>
    messages.findLast((one) => one.kind === 'part' && one.upTo === record.upTo && one.part === place),
  )
  try {
    const value = await decodeParts(parts.map((part) => (part as { data: string }).data))
    return stateIn(taskId, value)
  } catch (error) {
    if (error instanceof LaterState) throw error
    return { why: `its parts are none of a state: ${messageOf(error)}` }
  }
}
