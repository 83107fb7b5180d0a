import { hash } from 'node:crypto'
import { constants, zstdCompressSync } from 'node:zlib'
import type { TaskSummary } from '#schemas/task.ts'
import type { RawEvent } from '../partition/decode-event.ts'
import { type EventFacts, encodeLine } from './event-line.ts'
import {
  type ArchivedPartition,
  type Frame,
  HISTORY_FORMAT,
  HISTORY_SCHEMA_VERSION,
  type IndexedTaskLine,
  type ManifestEntry,
  manifestKey,
  type SegmentHeader,
  segmentKey,
} from './segment-format.ts'

/** Text of one frame: a task is read by decompressing so much, a few times at most. Larger ones compress little better. */
const FRAME_BYTES = 256 * 1024
/** Level 3 is a tenth of the time of level 9, for a tenth more bytes. The checksum lets every reader notice a flipped bit. */
const ZSTD = { params: { [constants.ZSTD_c_compressionLevel]: 3, [constants.ZSTD_c_checksumFlag]: 1 } }

export interface SealedSegment {
  entry: ManifestEntry
  manifestKey: string
  data: Uint8Array
  index: Uint8Array
}

/** What is told of an event that is added, beside what stands in its line. */
export interface AddedEvent extends EventFacts {
  /** Its JSON is sound, and may stand in the line as it is. */
  isPlain: boolean
  /** Where the events before lie, of a task that this segment has nothing of yet. */
  previous?: number | undefined
  /** Of the task that ends with it. */
  summary?: TaskSummary | undefined
  /** What the summary leaves out, encrypted. */
  sealedSummary?: string | undefined
}

/** Collects events of one partition, in their order, and makes of them a segment with its index. */
export class SegmentBuilder {
  readonly fromSeq: number
  readonly #of: ArchivedPartition
  readonly #header: SegmentHeader
  readonly #frames: Frame[] = []
  readonly #compressed: Uint8Array[] = []
  readonly #tasks = new Map<string, IndexedTaskLine>()
  #lines: string[] = []
  #lineBytes = 0
  #lineSeqs: { from: number; to: number } | undefined
  #offset = 0
  #events = 0
  #rawBytes = 0
  #first: RawEvent | undefined
  #last: RawEvent | undefined

  constructor(about: ArchivedPartition & { fromSeq: number; software: string }) {
    const { log, partition, partitions, fromSeq, software } = about
    this.fromSeq = fromSeq
    this.#of = { log, partition, partitions }
    this.#header = {
      format: HISTORY_FORMAT,
      schemaVersion: HISTORY_SCHEMA_VERSION,
      ...{ software, log, partition, partitions, fromSeq },
    }
    this.#append(JSON.stringify(this.#header), undefined)
    this.#endFrame()
  }

  get events(): number {
    return this.#events
  }

  /** Of the text. */
  get rawBytes(): number {
    return this.#rawBytes
  }

  /** When the broker stored the first of them. Unix milliseconds. */
  get fromMs(): number | undefined {
    return this.#first?.storedAtMs
  }

  has(taskId: string): boolean {
    return this.#tasks.has(taskId)
  }

  /** Of a message with several results each is added by itself, one right after the other: they belong into the same segment. */
  add(raw: RawEvent, { isPlain, previous, summary, sealedSummary, ...facts }: AddedEvent): void {
    this.#append(encodeLine(raw, facts, isPlain), raw.seq)
    this.#events++
    this.#first ??= raw
    this.#last = raw
    if (facts.taskId !== undefined)
      this.#index(facts.taskId, { ...facts, previous, summary, sealedSummary, seq: raw.seq })
    if (this.#lineBytes >= FRAME_BYTES) this.#endFrame()
  }

  /** @param gap what the log did not have any more. @throws Error without events */
  seal(gap?: ManifestEntry['gap']): SealedSegment {
    if (!this.#first || !this.#last) throw new Error('a segment has an event at least')
    this.#endFrame()
    const data = Buffer.concat(this.#compressed)
    const tasks = [...this.#tasks.values()].toSorted(endedNewestFirst)
    const indexed = [{ ...this.#header, frames: this.#frames }, ...tasks]
    const index = zstdCompressSync(`${indexed.map((line) => JSON.stringify(line)).join('\n')}\n`, ZSTD)
    const created = tasks.flatMap(({ summary }) => summary?.createdAtMs ?? [])
    const range = { fromSeq: this.fromSeq, toSeq: this.#last.seq }
    const sha256 = hash('sha256', data, 'hex')
    const key = segmentKey(this.#of, range, sha256)
    const entry: ManifestEntry = {
      ...this.#header,
      toSeq: range.toSeq,
      fromMs: this.#first.storedAtMs,
      toMs: this.#last.storedAtMs,
      events: this.#events,
      tasks: tasks.length,
      ended: created.length,
      ...(created.length > 0 && { createdFromMs: created.at(-1)!, createdToMs: created[0]! }),
      rawBytes: this.#rawBytes,
      data: { key: `${key}.ndjson.zst`, bytes: data.length, sha256 },
      index: { key: `${key}.index.ndjson.zst`, bytes: index.length, sha256: hash('sha256', index, 'hex') },
      ...(gap && { gap }),
    }
    return { entry, manifestKey: manifestKey(this.#of, this.fromSeq), data, index }
  }

  #append(line: string, seq: number | undefined): void {
    const bytes = Buffer.byteLength(line) + 1
    this.#lines.push(line)
    this.#lineBytes += bytes
    this.#rawBytes += bytes
    if (seq !== undefined) this.#lineSeqs = { from: this.#lineSeqs?.from ?? seq, to: seq }
  }

  #index(
    taskId: string,
    about: Pick<AddedEvent, 'tenant' | 'previous' | 'summary' | 'sealedSummary' | 'stateHash'> & {
      seq: number
    },
  ): void {
    const frame = this.#frames.length
    let task = this.#tasks.get(taskId)
    if (!task) {
      task = {
        taskId,
        events: 0,
        frames: [],
        ...(about.previous !== undefined && { previous: about.previous }),
      }
      this.#tasks.set(taskId, task)
    }
    task.events++
    if (task.frames.at(-1) !== frame) task.frames.push(frame)
    if (about.tenant !== undefined) task.tenant = about.tenant
    if (!about.summary) return
    task.summary = about.summary
    task.endedSeq = about.seq
    delete task.stateHash
    delete task.sealed
    if (about.stateHash !== undefined) task.stateHash = about.stateHash
    if (about.sealedSummary !== undefined) task.sealed = about.sealedSummary
  }

  #endFrame(): void {
    if (this.#lines.length === 0) return
    const text = Buffer.from(`${this.#lines.join('\n')}\n`)
    const compressed = zstdCompressSync(text, ZSTD)
    const { from = 0, to = 0 } = this.#lineSeqs ?? {}
    this.#compressed.push(compressed)
    this.#frames.push({
      offset: this.#offset,
      bytes: compressed.length,
      rawBytes: text.length,
      fromSeq: from,
      toSeq: to,
    })
    this.#offset += compressed.length
    this.#lines = []
    this.#lineBytes = 0
    this.#lineSeqs = undefined
  }
}

/** Those that ended first, newest first; of the same millisecond, the larger id first: the order of lists. */
function endedNewestFirst(a: IndexedTaskLine, b: IndexedTaskLine): number {
  const [x, y] = [a.summary?.createdAtMs ?? -1, b.summary?.createdAtMs ?? -1]
  return y - x || (a.taskId < b.taskId ? 1 : -1)
}
