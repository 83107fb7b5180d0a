import type { CheckpointRecord, HorizonRecord } from '#schemas/checkpoint.ts'
import type {
  CheckpointLog,
  CheckpointMessage,
  Horizons,
  ItemOutcomes,
  TaskOf,
} from '../../services/orchestrator/checkpoints/checkpoint-log.ts'

interface Stored {
  subject: string
  seq: number
  message?: CheckpointMessage
  horizon?: HorizonRecord
}

/** What a stream of checkpoints does, for one partition, in memory: the last two messages of each subject. */
export class MemoryCheckpointLog implements CheckpointLog {
  #messages: Stored[] = []
  #seq = 0
  /** Told before each write: it may throw, as when a process ends there. */
  onWrite: (what: string) => void = () => {}
  /** What is about to write a state now waits for this: its process stands still. */
  gate: Promise<void> | undefined

  async horizons(partition: number): Promise<Horizons> {
    const last = this.#lastOf(`h.${partition}`)
    if (!last) return { stored: undefined, lastSeq: 0 }
    return { stored: { record: structuredClone(last.horizon!), seq: last.seq }, lastSeq: last.seq }
  }

  async writeHorizon(
    partition: number,
    record: HorizonRecord,
    afterSeq: number,
  ): Promise<number | undefined> {
    this.onWrite('horizon')
    const subject = `h.${partition}`
    if ((this.#lastOf(subject)?.seq ?? 0) !== afterSeq) return undefined
    return this.#add({ subject, horizon: structuredClone(record) })
  }

  async writeState(
    _partition: number,
    record: CheckpointRecord,
    { afterSeq }: { tenant: string; afterSeq: number },
  ): Promise<{ seq: number } | { takenBy: number }> {
    this.onWrite('state')
    await this.gate
    const subject = `c.${record.taskId}`
    const lastSeq = this.#lastOf(subject)?.seq ?? 0
    if (lastSeq !== afterSeq) return { takenBy: lastSeq }
    const body = structuredClone(record)
    return { seq: this.#add({ subject }, { kind: 'state', taskId: record.taskId, seq: 0, record: body }) }
  }

  async writePart(
    _partition: number,
    { taskId }: TaskOf,
    part: { upTo: number; part: number; data: string },
  ): Promise<number> {
    this.onWrite('part')
    const subject = `c.${taskId}.part.${part.upTo}.${part.part}`
    return this.#add({ subject }, { kind: 'part', taskId, seq: 0, ...part })
  }

  async writeItems(
    _partition: number,
    { taskId }: TaskOf,
    piece: { stepId: string; piece: number; items: ItemOutcomes },
  ): Promise<number> {
    this.onWrite('items')
    const subject = `c.${taskId}.items.${piece.stepId}.${piece.piece}`
    return this.#add({ subject }, { kind: 'items', taskId, seq: 0, ...structuredClone(piece) })
  }

  async remove(_partition: number, taskId: string, upToSeq: number): Promise<void> {
    this.onWrite('remove')
    const isIts = ({ subject, seq }: Stored) =>
      seq <= upToSeq && (subject === `c.${taskId}` || subject.startsWith(`c.${taskId}.`))
    this.#messages = this.#messages.filter((one) => !isIts(one))
  }

  async removeAll(): Promise<void> {
    this.#messages = this.#messages.filter(({ horizon }) => horizon !== undefined)
  }

  async removeParts(_partition: number, taskId: string, upTo: number): Promise<void> {
    const start = `c.${taskId}.part.${upTo}.`
    this.#messages = this.#messages.filter(({ subject }) => !subject.startsWith(start))
  }

  async readLast(_partition: number, onMessage: (message: CheckpointMessage) => void): Promise<void> {
    const last = new Map(this.#messages.map((one) => [one.subject, one]))
    for (const one of this.#messages)
      if (one.message && last.get(one.subject) === one) onMessage(structuredClone(one.message))
  }

  async readTask(_partition: number, taskId: string): Promise<CheckpointMessage[]> {
    return structuredClone(
      this.#messages.flatMap(({ message }) => (message?.taskId === taskId ? [message] : [])),
    )
  }

  async lastSeq(): Promise<number> {
    return this.#messages.findLast(({ message }) => message)?.seq ?? 0
  }

  /** What is stored of tasks, for tests that change it behind everybody's back. */
  get messages(): CheckpointMessage[] {
    return this.#messages.flatMap(({ message }) => message ?? [])
  }

  /** The last message of a task becomes something that can't be read. */
  spoil(taskId: string, isForeign: boolean): void {
    const last = this.#lastOf(`c.${taskId}`)
    if (!last) return
    const { seq } = last
    last.message = { kind: 'unreadable', taskId, seq, isState: true, isForeign, why: 'it was spoilt' }
  }

  #lastOf(subject: string): Stored | undefined {
    return this.#messages.findLast((one) => one.subject === subject)
  }

  #add(about: { subject: string; horizon?: HorizonRecord }, message?: CheckpointMessage): number {
    const seq = ++this.#seq
    this.#messages.push({ ...about, seq, ...(message && { message: { ...message, seq } }) })
    const same = this.#messages.filter(({ subject }) => subject === about.subject)
    if (same.length > 2) this.#messages.splice(this.#messages.indexOf(same[0]!), 1)
    return seq
  }
}
