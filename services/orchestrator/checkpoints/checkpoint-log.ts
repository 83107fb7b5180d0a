import { randomUUID } from 'node:crypto'
import { readMessage } from '#platform/json/read-message.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { LogMessage } from '#platform/nats/log-session.ts'
import { publishAfter } from '#platform/nats/publish-after.ts'
import {
  type CheckpointRecord,
  checkpointItemsSchema,
  checkpointPartSchema,
  checkpointSchema,
  type HorizonRecord,
  horizonSchema,
} from '#schemas/checkpoint.ts'
import { STREAMS } from '#subjects/streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import type { KeptItem } from '#workflow/decide/commands.ts'

export interface StoredHorizon {
  record: HorizonRecord
  /** Its place in CHECKPOINTS. */
  seq: number
}

/** What a partition has of horizons: the last one that can be read, and where whatever was written last stands. */
export interface Horizons {
  stored: StoredHorizon | undefined
  lastSeq: number
}

export type ItemOutcomes = [index: number, outcome: KeptItem['outcome']][]

/** One message of CHECKPOINTS about a task. `seq`: its place there. */
export type CheckpointMessage = { taskId: string; seq: number } & (
  | { kind: 'state'; record: CheckpointRecord }
  | { kind: 'part'; upTo: number; part: number; data: string }
  | { kind: 'items'; stepId: string; piece: number; items: ItemOutcomes }
  /** It can't be read: somebody else has written it (`isForeign`), it is of a later version, or its key is missing (`keyMissing`). */
  | { kind: 'unreadable'; isState: boolean; isForeign: boolean; why: string; keyMissing?: string }
)

/** Whose payload it is: it is stored encrypted where there are keys for that. */
export interface TaskOf {
  tenant: string
  taskId: string
}

/** Where checkpoints of partitions are kept: the last two messages of each subject. */
export interface CheckpointLog {
  /** @throws Error when nobody answers */
  horizons(partition: number): Promise<Horizons>
  /** Stores it if the last one is that at `afterSeq` (0: there is none). @returns its place; undefined: another one is there */
  writeHorizon(partition: number, record: HorizonRecord, afterSeq: number): Promise<number | undefined>
  /** The same for a state. @returns its place, or that of what somebody else has written */
  writeState(
    partition: number,
    record: CheckpointRecord,
    about: { tenant: string; afterSeq: number },
  ): Promise<{ seq: number } | { takenBy: number }>
  /** What a state needs beside it: to be written before it. @returns its place */
  writePart(
    partition: number,
    of: TaskOf,
    part: { upTo: number; part: number; data: string },
  ): Promise<number>
  writeItems(
    partition: number,
    of: TaskOf,
    piece: { stepId: string; piece: number; items: ItemOutcomes },
  ): Promise<number>
  /** Takes everything of a task away up to a place, so that nothing goes that somebody else has written since. */
  remove(partition: number, taskId: string, upToSeq: number): Promise<void>
  /** Takes everything of a partition's tasks away. */
  removeAll(partition: number): Promise<void>
  /** Takes the parts of one state away. */
  removeParts(partition: number, taskId: string, upTo: number, parts: number): Promise<void>
  /** Hands over the last message of each subject of the partition. @throws Error when it was cut short: to be begun again */
  readLast(
    partition: number,
    onMessage: (message: CheckpointMessage) => void,
    signal?: AbortSignal,
  ): Promise<void>
  /** Everything that there is of one task, the oldest first. */
  readTask(partition: number, taskId: string): Promise<CheckpointMessage[]>
  /** The place of the last message of a partition's tasks; 0: none. */
  lastSeq(partition: number): Promise<number>
}

const { name: STREAM } = STREAMS.checkpoints
const PUBLISH_TIMEOUT_MS = 5000

/** In the stream CHECKPOINTS. What is written is sealed and looked at like all records of the platform. */
export class NatsCheckpointLog implements CheckpointLog {
  readonly #bus: Pick<Bus, 'publisher' | 'streams' | 'consumers'>

  constructor(bus: Pick<Bus, 'publisher' | 'streams' | 'consumers'>) {
    this.#bus = bus
  }

  async horizons(partition: number): Promise<Horizons> {
    const subject = SUBJECTS.horizon(partition)
    const last = await this.#bus.streams.lastMessage(STREAM, subject)
    if (!last) return { stored: undefined, lastSeq: 0 }
    const record = horizonOf(last)
    if (record) return { stored: { record, seq: last.seq }, lastSeq: last.seq }
    let stored: StoredHorizon | undefined
    await this.#bus.consumers.readStored({
      ...{ stream: STREAM, filterSubject: subject },
      onMessage: (message) => {
        const found = horizonOf(message)
        if (found) stored = { record: found, seq: message.seq }
      },
    })
    return { stored, lastSeq: last.seq }
  }

  async writeHorizon(
    partition: number,
    record: HorizonRecord,
    afterSeq: number,
  ): Promise<number | undefined> {
    const subject = SUBJECTS.horizon(partition)
    const about = { stream: STREAM, subject, data: JSON.stringify(record), afterSeq }
    const published = await publishAfter(this.#bus, about)
    return 'seq' in published ? published.seq : undefined
  }

  async writeState(
    partition: number,
    record: CheckpointRecord,
    { tenant, afterSeq }: { tenant: string; afterSeq: number },
  ): Promise<{ seq: number } | { takenBy: number }> {
    const { taskId } = record
    const published = await publishAfter(this.#bus, {
      ...{ stream: STREAM, subject: SUBJECTS.checkpoint(partition, taskId), data: JSON.stringify(record) },
      ...{ afterSeq, payload: { tenant, taskId } },
    })
    return 'seq' in published ? published : { takenBy: published.last?.seq ?? 0 }
  }

  writePart(
    partition: number,
    of: TaskOf,
    { upTo, part, data }: { upTo: number; part: number; data: string },
  ): Promise<number> {
    const subject = SUBJECTS.checkpointPart(partition, of.taskId, upTo, part)
    return this.#write(subject, of, { v: 1, taskId: of.taskId, data })
  }

  writeItems(
    partition: number,
    of: TaskOf,
    { stepId, piece, items }: { stepId: string; piece: number; items: ItemOutcomes },
  ): Promise<number> {
    const subject = SUBJECTS.checkpointItems(partition, of.taskId, stepId, piece)
    return this.#write(subject, of, { v: 1, taskId: of.taskId, stepId, items })
  }

  async remove(partition: number, taskId: string, upToSeq: number): Promise<void> {
    const { streams } = this.#bus
    // The state first: without it nobody looks for what stands beside it.
    await streams.purgeSubject(STREAM, SUBJECTS.checkpoint(partition, taskId), upToSeq)
    await streams.purgeSubject(STREAM, SUBJECTS.checkpointPieces(partition, taskId), upToSeq)
  }

  async removeAll(partition: number): Promise<void> {
    await this.#bus.streams.purgeSubject(STREAM, SUBJECTS.checkpointsOf(partition))
  }

  async removeParts(partition: number, taskId: string, upTo: number, parts: number): Promise<void> {
    const subjects = Array.from({ length: parts }, (_, part) =>
      SUBJECTS.checkpointPart(partition, taskId, upTo, part),
    )
    await Promise.all(subjects.map((subject) => this.#bus.streams.purgeSubject(STREAM, subject)))
  }

  async readLast(
    partition: number,
    onMessage: (message: CheckpointMessage) => void,
    signal?: AbortSignal,
  ): Promise<void> {
    await this.#bus.consumers.readStored({
      ...{ stream: STREAM, filterSubject: SUBJECTS.checkpointsOf(partition), lastOnly: true },
      onMessage: (message) => {
        const read = messageOf(message)
        if (read) onMessage(read)
      },
      ...(signal && { signal }),
    })
  }

  async readTask(partition: number, taskId: string): Promise<CheckpointMessage[]> {
    const found: CheckpointMessage[] = []
    const onMessage = (message: LogMessage) => {
      const read = messageOf(message)
      if (read) found.push(read)
    }
    const filters = [SUBJECTS.checkpoint(partition, taskId), SUBJECTS.checkpointPieces(partition, taskId)]
    for (const filterSubject of filters)
      await this.#bus.consumers.readStored({ stream: STREAM, filterSubject, onMessage })
    return found.toSorted((a, b) => a.seq - b.seq)
  }

  lastSeq(partition: number): Promise<number> {
    return this.#bus.streams.lastSeq(STREAM, SUBJECTS.checkpointsOf(partition))
  }

  async #write(subject: string, payload: TaskOf, body: object): Promise<number> {
    const { seq } = await this.#bus.publisher.publish(subject, JSON.stringify(body), {
      ...{ msgId: randomUUID(), giveUpAfterMs: PUBLISH_TIMEOUT_MS, refuseWhenFull: true, payload },
    })
    return seq
  }
}

function horizonOf({ data, refused }: LogMessage): HorizonRecord | undefined {
  return refused === undefined ? readMessage(data, horizonSchema) : undefined
}

/** A message as what it says; undefined: its subject is none that is known here. */
export function messageOf(message: LogMessage): CheckpointMessage | undefined {
  const [, , taskId = '', kind, ...rest] = message.subject.split('.')
  const { seq, data, refused, unopened } = message
  const about = { taskId, seq }
  if (kind !== undefined && kind !== 'part' && kind !== 'items') return undefined
  const isState = kind === undefined
  if (unopened !== undefined)
    return { ...about, kind: 'unreadable', isState, isForeign: false, why: unopened, keyMissing: unopened }
  const why = refused ?? 'it is not of a form that is known here'
  const isForeign = refused !== undefined
  const unreadable = { ...about, kind: 'unreadable', isState, isForeign, why } as const
  if (isForeign) return unreadable
  if (isState) {
    const record = readMessage(data, checkpointSchema)
    return record?.taskId === taskId ? { ...about, kind: 'state', record } : unreadable
  }
  const place = Number(rest[1])
  if (kind === 'part') {
    const found = readMessage(data, checkpointPartSchema)
    const upTo = Number(rest[0])
    return found?.taskId === taskId
      ? { ...about, kind: 'part', upTo, part: place, data: found.data }
      : unreadable
  }
  const found = readMessage(data, checkpointItemsSchema)
  return found?.taskId === taskId
    ? { ...about, kind: 'items', stepId: found.stepId, piece: place, items: found.items as ItemOutcomes }
    : unreadable
}
