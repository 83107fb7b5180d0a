import type { HorizonRecord } from '#schemas/checkpoint.ts'
import type { CheckpointLog, CheckpointMessage } from './checkpoint-log.ts'
import { isOfOwner } from './checkpoint-rules.ts'
import { hashOf } from './checkpoint-state.ts'

/** What is known of the checkpoint of a task. */
export interface KnownCheckpoint {
  /** Its place in CHECKPOINTS; 0: there is no state there. */
  seq: number
  /** Of the state in it; empty where that can't be taken for what the owner has written. */
  hash: string
  /** The task may have changed since. */
  isDirty: boolean
  /** Somebody else has written it who may not. */
  isForeign: boolean
  /** The task has ended with this event of the log, and is stored still; `gone`: it is stored no more. */
  ended?: number | 'gone'
  /** Outcomes that are stored, by step and piece of its list. */
  readonly items: Map<string, number>
  parts?: { upTo: number; count: number } | undefined
}

/** The checkpoints of a partition as its owner knows them. */
export class KnownCheckpoints {
  readonly #tasks = new Map<string, KnownCheckpoint>()
  #lastSeq = 0

  get size(): number {
    return this.#tasks.size
  }

  /** The last place of CHECKPOINTS with something of this partition that is known here. */
  get lastSeq(): number {
    return this.#lastSeq
  }

  entries(): IterableIterator<[string, KnownCheckpoint]> {
    return this.#tasks.entries()
  }

  get(taskId: string): KnownCheckpoint | undefined {
    return this.#tasks.get(taskId)
  }

  /** That of a task, which there may be none of yet. */
  of(taskId: string): KnownCheckpoint {
    let known = this.#tasks.get(taskId)
    if (!known) {
      known = { seq: 0, hash: '', isDirty: true, isForeign: false, items: new Map() }
      this.#tasks.set(taskId, known)
    }
    return known
  }

  forget(taskId: string): void {
    this.#tasks.delete(taskId)
  }

  /** The task has changed. All that the way of an event costs. */
  mark(taskId: string): void {
    const known = this.#tasks.get(taskId)
    if (!known) return
    known.isDirty = true
    // It was not stored any more, or not yet: while a partition is made again what is there comes back by and by.
    if (known.ended === 'gone') delete known.ended
  }

  /** Something was stored at this place of CHECKPOINTS, by us. */
  wrote(seq: number): void {
    this.#lastSeq = Math.max(this.#lastSeq, seq)
  }

  /**
   * Reads what there is, unless nobody else has written since it was read last.
   * @param foldedTo what was written of behind it can't be taken for what was folded here
   * @throws Error when nobody answers
   */
  async refresh(
    log: Pick<CheckpointLog, 'lastSeq' | 'readLast'>,
    about: { partition: number; claims: HorizonRecord['claims']; foldedTo: number; signal: AbortSignal },
  ): Promise<void> {
    const { partition, claims, foldedTo, signal } = about
    if ((await log.lastSeq(partition)) <= this.#lastSeq) return
    let lastSeq = this.#lastSeq
    await log.readLast(
      partition,
      (message) => {
        lastSeq = Math.max(lastSeq, message.seq)
        this.#take(message, claims, foldedTo)
      },
      signal,
    )
    this.#lastSeq = lastSeq
  }

  #take(message: CheckpointMessage, claims: HorizonRecord['claims'], foldedTo: number): void {
    const { taskId, seq } = message
    const known = this.of(taskId)
    switch (message.kind) {
      case 'state': {
        if (known.seq === seq) return
        const { record } = message
        known.seq = seq
        known.isDirty = true
        known.isForeign = !isOfOwner(claims, { ...record, seq })
        const isWhole = !known.isForeign && record.upTo <= foldedTo && record.state !== undefined
        known.hash = isWhole ? hashOf(JSON.stringify(record.state)) : ''
        if (record.parts !== undefined) known.parts = { upTo: record.upTo, count: record.parts }
        return
      }
      case 'unreadable':
        if (!message.isState || known.seq === seq) return
        known.seq = seq
        known.isDirty = true
        known.isForeign = true
        known.hash = ''
        return
      case 'items':
        known.items.set(`${message.stepId} ${message.piece}`, message.items.length)
        return
      case 'part':
        return
    }
  }
}
