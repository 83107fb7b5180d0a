import type { LogEvent } from '#schemas/log-event.ts'
import type { StepMessage } from '#schemas/step-message.ts'
import { STREAMS } from '#subjects/streams.ts'
import type { Timeline } from './timeline.ts'

type WithoutPlace<Event> = Event extends LogEvent ? Omit<Event, 'atMs' | 'seq'> : never
/** What is written into a log, before it has its place there. */
export type Unplaced = WithoutPlace<LogEvent>

export interface Ack {
  seq: number
  duplicate: boolean
}

/** A message of the queues of steps, or of the dead letters. */
export interface Stored<Message> {
  id: string
  atMs: number
  message: Message
}

/** Logs, queues and dead letters; each forgets message ids after the window of its stream. */
export class SimulatedBroker {
  /** Events in their order; those of one message have the same number. */
  readonly logs: LogEvent[][]
  readonly steps: Stored<StepMessage>[] = []
  readonly dead: Stored<string>[] = []
  onLogged: (partition: number) => void = () => {}
  onQueued: (message: StepMessage) => void = () => {}
  readonly #timeline: Timeline
  readonly #knowsIds: boolean
  readonly #known = new Map<string, { seq: number; atMs: number }>()

  /** @param knowsIds whether a second message of the same id is dropped */
  constructor(timeline: Timeline, { partitions, knowsIds }: { partitions: number; knowsIds: boolean }) {
    this.#timeline = timeline
    this.#knowsIds = knowsIds
    this.logs = Array.from({ length: partitions }, () => [])
  }

  append(partition: number, event: Unplaced, msgId: string): Ack {
    return this.appendBatch(partition, [event], msgId)
  }

  /** Several events as one message. */
  appendBatch(partition: number, events: readonly Unplaced[], msgId: string): Ack {
    const log = this.logs[partition]!
    return this.#once(`log ${partition} ${msgId}`, STREAMS.log.duplicateWindowMs, () => {
      const seq = this.lastSeq(partition) + 1
      const place = { seq, atMs: this.#timeline.nowMs }
      for (const event of events) log.push({ ...structuredClone(event), ...place } as LogEvent)
      this.onLogged(partition)
      return seq
    })
  }

  /** Of a log; 0 when it is empty. */
  lastSeq(partition: number): number {
    return this.logs[partition]!.at(-1)?.seq ?? 0
  }

  /** Events of the next messages behind a place in a log, so many messages at most. */
  after(partition: number, offset: number, messages: number): LogEvent[] {
    return this.logs[partition]!.filter(({ seq }) => seq > offset && seq <= offset + messages)
  }

  queue(message: StepMessage, id: string, msgId: string): Ack {
    return this.#once(`steps ${msgId}`, STREAMS.steps.duplicateWindowMs, () => {
      this.steps.push({ id, atMs: this.#timeline.nowMs, message })
      this.onQueued(message)
      return this.steps.length
    })
  }

  bury(id: string, msgId: string): Ack {
    return this.#once(`dead ${msgId}`, STREAMS.dead.duplicateWindowMs, () => {
      this.dead.push({ id, atMs: this.#timeline.nowMs, message: id })
      return this.dead.length
    })
  }

  #once(id: string, windowMs: number, store: () => number): Ack {
    const { nowMs } = this.#timeline
    const known = this.#known.get(id)
    if (this.#knowsIds && known && nowMs - known.atMs < windowMs) return { seq: known.seq, duplicate: true }
    const seq = store()
    this.#known.set(id, { seq, atMs: nowMs })
    return { seq, duplicate: false }
  }
}
