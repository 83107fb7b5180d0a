import type { LogEvent } from '#schemas/log-event.ts'
import type { TaskState } from '#schemas/task.ts'
import { decide } from '#workflow/decide/decide.ts'
import { type AttemptRecord, AttemptRecords } from './attempts.ts'
import { changesOf, type Moment } from './task-history.ts'

/** As the orchestrators have it by default; it matters for tasks that were forgotten only. */
const OPTIONS = { keepFinishedMs: 7 * 86_400_000 }
/** Moments that are kept, and made again, together. */
export const CHUNK = 500
/** Chunks that are kept: those used longest ago go first. */
export const MAX_CHUNKS = 8
/** States that chunks are made again from. More: every second one goes, and a chunk is made from one further back. */
const MAX_SNAPSHOTS = 128
/** So far a log is replayed. */
export const MAX_EVENTS = 250_000

/** A state that the log can be replayed from. */
interface Snapshot {
  /** Events before it. */
  readonly index: number
  /** The place of the last of them in the log; undefined: there is none. */
  readonly seq: number | undefined
  readonly state: TaskState | undefined
}

interface Chunk {
  readonly moments: Moment[]
  usedAt: number
}

/**
 * Replays the log of a task with the very function that orchestrators decide by: pure, so the same events give the same states here. Results that
 * did not count there (a wrong token) count here, since tokens are not told. A log of any length is gone through once; what happened is kept for some
 * thousands of events, and made again for others from a state that was kept before them. Knows nothing of the network.
 */
export class TaskReplay {
  readonly #attempts = new AttemptRecords()
  readonly #chunks = new Map<number, Chunk>()
  #snapshots: Snapshot[] = [{ index: 0, seq: undefined, state: undefined }]
  /** Chunks from one snapshot to the next. */
  #stride = 1
  #count = 0
  #seq: number | undefined
  #state: TaskState | undefined
  #uses = 0

  /** Events that have been replayed. */
  get count(): number {
    return this.#count
  }

  /** The place of the last of them in the log: what is behind it comes next. */
  get lastSeq(): number | undefined {
    return this.#seq
  }

  /** Whether it goes no further. */
  get isFull(): boolean {
    return this.#count >= MAX_EVENTS
  }

  /** Every attempt of every run, by the run. */
  get attempts(): ReadonlyMap<string, readonly AttemptRecord[]> {
    return this.#attempts.byRun
  }

  /**
   * Goes on with what comes next in the log.
   * @param isTimeUp asked after each event
   * @returns how many events it has taken: fewer where the time was up, or it goes no further
   */
  advance(events: readonly LogEvent[], isTimeUp: () => boolean): number {
    for (const [taken, event] of events.entries()) {
      if (this.isFull) return taken
      const before = this.#state
      const number = Math.floor(this.#count / CHUNK)
      const moment = momentOf(this.#count, before, event)
      this.#chunk(number).moments.push(moment)
      this.#attempts.add(before, moment.state, event)
      this.#state = moment.state
      this.#seq = event.seq
      this.#count++
      if (this.#count % (CHUNK * this.#stride) === 0) this.#snap()
      if (isTimeUp()) return taken + 1
    }
    return events.length
  }

  /** Undefined: it was given up, or has not been replayed. */
  at(index: number): Moment | undefined {
    const chunk = this.#chunks.get(Math.floor(index / CHUNK))
    if (chunk) chunk.usedAt = ++this.#uses
    return chunk?.moments[index % CHUNK]
  }

  /** What is kept around a moment, without a hole. */
  around(index: number): readonly Moment[] {
    let first = Math.floor(index / CHUNK)
    if (!this.#chunks.has(first)) return []
    let last = first
    while (this.#chunks.has(first - 1)) first--
    while (this.#chunks.has(last + 1)) last++
    return Array.from({ length: last - first + 1 }, (_, n) => this.#chunks.get(first + n)!.moments).flat()
  }

  /**
   * How the moments around one are made again that were given up.
   * @returns undefined where they are there; else behind which place events are needed, and how many
   */
  missing(index: number): { afterSeq: number | undefined; events: number } | undefined {
    const number = Math.floor(index / CHUNK)
    if (index < 0 || index >= this.#count || this.#chunks.has(number)) return undefined
    const from = this.#snapshotBefore(number * CHUNK)
    return { afterSeq: from.seq, events: Math.min(this.#count, (number + 1) * CHUNK) - from.index }
  }

  /** Makes the moments around one again. @param events as many as `missing` says, or more */
  restore(index: number, events: readonly LogEvent[]): void {
    const number = Math.floor(index / CHUNK)
    const from = this.#snapshotBefore(number * CHUNK)
    const end = Math.min(this.#count, (number + 1) * CHUNK) - from.index
    if (events.length < end) return
    const moments: Moment[] = []
    let { state } = from
    for (const [n, event] of events.slice(0, end).entries()) {
      const at = from.index + n
      if (at < number * CHUNK) state = decide(state, event, OPTIONS).state
      else {
        const moment = momentOf(at, state, event)
        moments.push(moment)
        state = moment.state
      }
    }
    this.#keep(number, { moments, usedAt: ++this.#uses })
  }

  #chunk(number: number): Chunk {
    const known = this.#chunks.get(number)
    if (known) {
      known.usedAt = ++this.#uses
      return known
    }
    return this.#keep(number, { moments: [], usedAt: ++this.#uses })
  }

  #keep(number: number, chunk: Chunk): Chunk {
    this.#chunks.set(number, chunk)
    if (this.#chunks.size > MAX_CHUNKS) {
      // The one at the end stays: the log may go on.
      const newest = Math.floor(this.#count / CHUNK)
      const others = [...this.#chunks].filter(([each]) => each !== number && each !== newest)
      const [[oldest]] = others.toSorted(([, a], [, b]) => a.usedAt - b.usedAt) as [[number, Chunk]]
      this.#chunks.delete(oldest)
    }
    return chunk
  }

  #snap(): void {
    this.#snapshots.push({ index: this.#count, seq: this.#seq, state: this.#state })
    if (this.#snapshots.length <= MAX_SNAPSHOTS) return
    this.#stride *= 2
    this.#snapshots = this.#snapshots.filter(({ index }) => index % (CHUNK * this.#stride) === 0)
  }

  #snapshotBefore(index: number): Snapshot {
    return this.#snapshots.findLast((snapshot) => snapshot.index <= index)!
  }
}

function momentOf(index: number, before: TaskState | undefined, event: LogEvent): Moment {
  const { state, commands } = decide(before, event, OPTIONS)
  return { index, event, state, changes: changesOf(before, state, event, commands) }
}
