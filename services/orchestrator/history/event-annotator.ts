import type { PayloadCodec } from '#platform/secrets/payload-codec.ts'
import { summaryOf } from '#platform/tasks/task-summary.ts'
import type { LogEvent } from '#schemas/log-event.ts'
import { isTerminal, type TaskState } from '#schemas/task.ts'
import { logKindOf } from '#subjects/subjects.ts'
import type { DecodedPart } from '../partition/decode-message.ts'
import { type ArchiveReader, beginsWhole } from './archive-reader.ts'
import { sealEnd } from './archived-payloads.ts'
import type { AddedEvent, SegmentBuilder } from './segment-builder.ts'
import type { ArchivedPartition } from './segment-format.ts'
import { stateHash } from './state-hash.ts'
import { decidedHash, foldEvent, refold, type TaskFoldOptions } from './task-fold.ts'

/** What the states of tasks that have not ended take, of all partitions of a process together. */
export class StateBudget {
  readonly #maxBytes: number
  bytes = 0

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes
  }

  /** Segments are written before they are full, and states forgotten: the archive has them. */
  get isSpent(): boolean {
    return this.bytes > this.#maxBytes
  }
}

interface Known {
  /** The last segment that has events of it. */
  segment: number
  tenant: string | undefined
  /** Something of it is encrypted in the log. */
  isSealed: boolean
}

interface ActiveTask extends Known {
  state: TaskState | undefined
  bytes: number
}

interface EndedTask extends Known {
  finishedAtMs: number
  keepMs: number
}

export interface AnnotatorDeps {
  reader: Pick<ArchiveReader, 'findIn' | 'findEvents' | 'catalogue'>
  fold: TaskFoldOptions
  budget: StateBudget
  /** Undefined: payloads are stored as they are. */
  codec?: PayloadCodec | undefined
}

/** Tasks that ended and are remembered, so that what comes late for them is no question to the archive. */
const MAX_ENDED = 20_000

/** The event is of a later version than is known here. */
export class LaterEvent extends Error {}

/**
 * Knows of each event of one partition whose it is, what it makes of its task, and where the task's events before it lie. It folds tasks as
 * their owner does; what it has forgotten it folds again from the archive.
 */
export class EventAnnotator {
  readonly #deps: AnnotatorDeps
  readonly #of: ArchivedPartition
  readonly #active = new Map<string, ActiveTask>()
  readonly #ended = new Map<string, EndedTask>()

  constructor(deps: AnnotatorDeps, of: ArchivedPartition) {
    this.#deps = deps
    this.#of = of
  }

  /** @throws LaterEvent; MurmurError UNAVAILABLE, PAYLOAD_KEY_MISSING */
  async annotate(
    { raw, decoded }: DecodedPart,
    builder: Pick<SegmentBuilder, 'fromSeq' | 'has'>,
  ): Promise<AddedEvent> {
    if ('later' in decoded) throw new LaterEvent(decoded.later)
    const kind = logKindOf(raw.subject) ?? raw.subject.split('.')[2] ?? 'unknown'
    if (!('event' in decoded)) return { kind, isPlain: false }
    const { event } = decoded
    const { taskId } = event.body
    const isPlain = decoded.fault === undefined
    const found = this.#active.get(taskId) ?? this.#ended.get(taskId)
    const known = found ?? (builder.has(taskId) ? undefined : await this.#restore(event, builder.fromSeq))
    const previous = known && known.segment !== builder.fromSeq ? known.segment : undefined
    const shared = { kind, taskId, isPlain, ...(previous !== undefined && { previous }) }
    if (known && 'finishedAtMs' in known) {
      known.segment = builder.fromSeq
      if (!beginsAnew(event, known)) return { ...shared, tenant: known.tenant }
      this.#ended.delete(taskId)
    }
    const before: ActiveTask =
      known && 'state' in known
        ? known
        : { state: undefined, bytes: 0, segment: 0, tenant: undefined, isSealed: false }
    const isSealed = before.isSealed || raw.stored !== undefined
    return { ...shared, ...this.#fold(event, { ...before, isSealed }, builder.fromSeq) }
  }

  /** The segment is written: what is not needed to go on may be forgotten. */
  onWritten(): void {
    for (const id of this.#ended.keys()) {
      if (this.#ended.size <= MAX_ENDED) break
      this.#ended.delete(id)
    }
    const { budget } = this.#deps
    if (!budget.isSpent) return
    // Those that came first have not ended in all the time since: they are the last that an event is to be expected of.
    const many = Math.ceil(this.#active.size / 2)
    for (const id of [...this.#active.keys()].slice(0, many)) this.#forget(id)
  }

  clear(): void {
    for (const id of [...this.#active.keys()]) this.#forget(id)
    this.#ended.clear()
  }

  #fold(event: LogEvent, before: ActiveTask, segment: number): Omit<AddedEvent, 'kind' | 'isPlain'> {
    const { taskId } = event.body
    const { state, bytes, unproven, commands: decided } = foldEvent(before, event, this.#deps.fold)
    this.#forget(taskId)
    const tenant = state?.tenant
    const { isSealed } = before
    const commands = decidedHash(state, decided, isSealed)
    const facts = { tenant, commands, ...(unproven && { unproven }) }
    if (state && isTerminal(state.status)) {
      const keepMs = state.keepFinishedMs ?? this.#deps.fold.keepFinishedMs
      const finishedAtMs = state.finishedAtMs ?? event.atMs
      this.#ended.set(taskId, { segment, tenant, isSealed, finishedAtMs, keepMs })
      const end = { stateHash: stateHash(state), summary: summaryOf(state) }
      const sealed = isSealed ? sealEnd(this.#deps.codec, { ...end, seq: event.seq }) : end
      return { ...facts, ends: state.status, ...sealed }
    }
    this.#active.set(taskId, { state, bytes, segment, tenant, isSealed })
    this.#deps.budget.bytes += bytes
    return facts
  }

  #forget(taskId: string): void {
    const task = this.#active.get(taskId)
    if (!task) return
    this.#active.delete(taskId)
    this.#deps.budget.bytes -= task.bytes
  }

  /** What the archive knows of a task; a submission is a new one, as far as is known without reading. */
  async #restore(event: LogEvent, fromSeq: number): Promise<ActiveTask | EndedTask | undefined> {
    const { reader, fold, budget } = this.#deps
    const { taskId } = event.body
    const chain = reader.catalogue.chain(this.#of)
    const sinceMs = event.kind === 'accepted' ? event.atMs - fold.keepFinishedMs : undefined
    let found = await reader.findIn(chain, this.#of, taskId, sinceMs)
    if (event.kind !== 'accepted' && !(found && (found.isCut || beginsWhole(found))))
      // It began in a log before, of which this one was restored.
      found = (await reader.findEvents(taskId)) ?? found
    if (!found) return undefined
    const { state } = refold(found.events, fold)
    const isSealed = found.events.some(({ stored }) => stored !== undefined)
    const segment = found.of.log === this.#of.log ? found.lastSegment : fromSeq
    const known = { segment, tenant: state?.tenant, isSealed }
    if (state?.finishedAtMs !== undefined) {
      const ended = {
        ...known,
        finishedAtMs: state.finishedAtMs,
        keepMs: state.keepFinishedMs ?? fold.keepFinishedMs,
      }
      this.#ended.set(taskId, ended)
      return ended
    }
    const bytes = found.events.reduce((sum, { data }) => sum + data.length, 0)
    const active = { ...known, state, bytes }
    this.#active.set(taskId, active)
    budget.bytes += bytes
    return active
  }
}

/** A task that ended is no more after a while: a submission under its id is another one. The same rule as in `decide`. */
function beginsAnew(event: LogEvent, { finishedAtMs, keepMs }: EndedTask): boolean {
  return event.kind === 'accepted' && event.atMs - finishedAtMs > keepMs
}
