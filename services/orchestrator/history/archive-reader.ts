import type { PayloadCodec } from '#platform/secrets/payload-codec.ts'
import type { FileStore } from '#platform/storage/file-store.ts'
import type { TaskState } from '#schemas/task.ts'
import { partitionOf } from '#subjects/subjects.ts'
import { ArchiveCatalogue, type CatalogueDeps } from './archive-catalogue.ts'
import { lineOpener, type OpenLine } from './archived-payloads.ts'
import type { ArchivedEvent } from './event-line.ts'
import { IndexCache } from './index-cache.ts'
import type { ArchivedPartition, IndexedTaskLine, ManifestEntry } from './segment-format.ts'
import { readFrame, SegmentIndex } from './segment-reader.ts'
import { refold } from './task-fold.ts'

export interface ArchiveReaderDeps extends CatalogueDeps {
  store: FileStore
  /** For tasks that don't say how long they are kept: what may begin anew under its id. Milliseconds. */
  keepFinishedMs: number
  cacheBytes?: number
  /** Opens what is encrypted; undefined: that can't be read here. */
  codec?: PayloadCodec | undefined
}

/** Everything that the archive has of one task. */
export interface ArchivedTask {
  of: ArchivedPartition
  events: ArchivedEvent[]
  /** `fromSeq` of the last segment with events of it. */
  lastSegment: number
  /** Its first events are not kept any more. */
  isCut: boolean
}

/** A task, and when it was accepted and ended. Unix milliseconds. */
export interface EndedTimes {
  id: string
  createdAtMs: number
  finishedAtMs: number
}

/** Of indexes in memory: two hundred thousand tasks. */
const CACHE_BYTES = 64 * 1024 * 1024
/** Segments that one task may lie in: one that lives for 30 days, with an event in each. */
const MAX_SEGMENTS = 4096

/** Reads tasks out of the archive. */
export class ArchiveReader {
  readonly catalogue: ArchiveCatalogue
  readonly codec: PayloadCodec | undefined
  readonly #open: OpenLine
  readonly #deps: ArchiveReaderDeps
  readonly #indexes: IndexCache

  constructor(deps: ArchiveReaderDeps) {
    this.#deps = deps
    this.catalogue = new ArchiveCatalogue(deps)
    this.codec = deps.codec
    this.#open = lineOpener(deps.codec)
    this.#indexes = new IndexCache(deps.cacheBytes ?? CACHE_BYTES)
  }

  /**
   * A task that ended, folded from its events with the code of today; undefined when the archive does not have it whole, or it has not ended
   * there. @throws MurmurError UNAVAILABLE; PAYLOAD_KEY_MISSING, PAYLOAD_UNREADABLE for one that is encrypted
   */
  async findTask(taskId: string): Promise<TaskState | undefined> {
    const found = await this.findEvents(taskId)
    return !found || found.isCut ? undefined : this.#endOf(found)
  }

  #endOf({ events }: ArchivedTask): TaskState | undefined {
    const { state } = refold(events, this.#deps)
    return state?.finishedAtMs === undefined ? undefined : state
  }

  /**
   * The same for one that ended since a moment (Unix ms): its end is looked for in no segment of before. Also in those of a log before: a
   * copy that was restored is another log. @throws as `findTask` does
   */
  async findEnded(taskId: string, sinceMs: number): Promise<TaskState | undefined> {
    await this.catalogue.refresh()
    const chains = this.catalogue.chains().filter((chain) => isOfTask(chain[0]!, taskId))
    for (const chain of chains)
      for (const entry of chain.filter(({ toMs }) => toMs >= sinceMs).toReversed()) {
        const index = await this.indexOf(entry)
        const line = index?.find(taskId)
        if (!index || !line) continue
        const { log, partition, partitions } = entry
        const found = await this.#collect(chain, { of: { log, partition, partitions }, entry, index, line })
        return beginsWhole(found) ? this.#endOf(found) : this.findTask(taskId)
      }
    return undefined
  }

  /**
   * Whether a task that has ended is here, whole, so that it can be read when nobody else has it. Of those that lie in one segment, as nearly
   * all do, no event is read. @throws as `findTask` does
   */
  async hasEnded({ id, createdAtMs, finishedAtMs }: EndedTimes): Promise<boolean> {
    await this.catalogue.refresh()
    for (const chain of this.catalogue.chains()) {
      if (!isOfTask(chain[0]!, id)) continue
      for (const entry of chain) {
        if (entry.fromMs > finishedAtMs || entry.toMs < finishedAtMs) continue
        const line = (await this.indexOf(entry))?.find(id)
        if (!line?.summary) continue
        const isInOne = line.previous === undefined && entry.fromMs <= createdAtMs
        return isInOne || (await this.findTask(id)) !== undefined
      }
    }
    return false
  }

  /**
   * All events of a task, of the last log that has any. A copy of the log that was restored is another one, with the same numbers: of what it
   * did not have any more, the archive of the log before has the beginning.
   * @throws MurmurError UNAVAILABLE, PAYLOAD_KEY_MISSING, PAYLOAD_UNREADABLE
   */
  async findEvents(taskId: string): Promise<ArchivedTask | undefined> {
    await this.catalogue.refresh()
    let known: ArchivedTask | undefined
    for (const chain of this.catalogue.chains()) {
      if (!isOfTask(chain[0]!, taskId)) continue
      const { log, partition, partitions } = chain[0]!
      const found = await this.findIn(chain, { log, partition, partitions }, taskId)
      if (!found) continue
      known = known ? joined(found, known) : found
      if (known.isCut || beginsWhole(known)) break
    }
    return known
  }

  /**
   * The events of a task in the segments of one partition, the newest of which that has any is looked for first.
   * @param knownSinceMs looks only where the index is in memory, and only at segments with events since then. Unix milliseconds
   */
  async findIn(
    chain: readonly ManifestEntry[],
    of: ArchivedPartition,
    taskId: string,
    knownSinceMs?: number,
  ): Promise<ArchivedTask | undefined> {
    for (let i = chain.length - 1; i >= 0; i--) {
      const entry = chain[i]!
      if (knownSinceMs !== undefined && entry.toMs < knownSinceMs) break
      const index =
        knownSinceMs !== undefined ? this.#indexes.get(entry.index.key) : await this.indexOf(entry)
      const line = index?.find(taskId)
      if (index && line) return this.#collect(chain, { of, entry, index, line })
    }
    return undefined
  }

  /** The index of a segment; undefined when retention has taken it. @throws MurmurError UNAVAILABLE */
  async indexOf(entry: ManifestEntry): Promise<SegmentIndex | undefined> {
    return this.#indexes.load(entry.index.key, async () => {
      const bytes = await this.#deps.store.read(entry.index.key)
      if (bytes) return new SegmentIndex(bytes, entry.index.key)
      this.catalogue.forget()
      return undefined
    })
  }

  /** A segment has been written here: what is known of it need not be read. */
  add(manifestKey: string, entry: ManifestEntry, index: Uint8Array): void {
    this.catalogue.add(manifestKey, entry)
    this.#indexes.put(entry.index.key, new SegmentIndex(index, entry.index.key))
  }

  /** From the last segment that has events of it back to the first. */
  async #collect(
    chain: readonly ManifestEntry[],
    last: { of: ArchivedPartition; entry: ManifestEntry; index: SegmentIndex; line: IndexedTaskLine },
  ): Promise<ArchivedTask> {
    const byFromSeq = new Map(chain.map((entry) => [entry.fromSeq, entry]))
    const parts: ArchivedEvent[][] = []
    let isCut = false
    let { entry, index, line } = last
    for (let i = 0; i < MAX_SEGMENTS; i++) {
      const part = await this.#eventsIn(entry, index, line)
      if (part) parts.push(part)
      else isCut = true
      if (line.previous === undefined || isCut) break
      const before = byFromSeq.get(line.previous)
      const found = before && (await this.indexOf(before))
      const itsLine = found?.find(line.taskId)
      if (!before || !found || !itsLine) {
        isCut = true
        break
      }
      entry = before
      index = found
      line = itsLine
    }
    return { of: last.of, events: parts.toReversed().flat(), lastSegment: last.entry.fromSeq, isCut }
  }

  async #eventsIn(
    entry: ManifestEntry,
    index: SegmentIndex,
    { taskId, frames }: IndexedTaskLine,
  ): Promise<ArchivedEvent[] | undefined> {
    const wanted = frames.flatMap((place) => index.frames[place] ?? [])
    const parts = await Promise.all(
      wanted.map(async (frame) => {
        const bytes = await this.#deps.store.read(entry.data.key, { from: frame.offset, bytes: frame.bytes })
        return bytes && readFrame(bytes, taskId, frame, this.#open)
      }),
    )
    const there = parts.filter((part) => part !== undefined)
    return there.length < parts.length ? undefined : there.flat()
  }
}

/** Its first event is here: what comes before it is nothing. */
export function beginsWhole({ events }: Pick<ArchivedTask, 'events'>): boolean {
  return events[0]?.kind === 'accepted'
}

/** What the log of before has of it, then what the one of after has. */
function joined(before: ArchivedTask, after: ArchivedTask): ArchivedTask {
  const fromSeq = after.events[0]?.seq ?? Number.POSITIVE_INFINITY
  const events = [...before.events.filter(({ seq }) => seq < fromSeq), ...after.events]
  return { ...after, events, isCut: before.isCut }
}

function isOfTask({ partition, partitions }: ManifestEntry, taskId: string): boolean {
  return partitionOf(taskId, partitions) === partition
}
