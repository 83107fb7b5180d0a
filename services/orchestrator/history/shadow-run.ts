import type { Clock } from '#platform/clock/clock.ts'
import type { FileStore } from '#platform/storage/file-store.ts'
import type { ArchiveReader } from './archive-reader.ts'
import type { OpenLine } from './archived-payloads.ts'
import type { ArchivedEvent } from './event-line.ts'
import { type Replay, replayTasks, wholeTasks } from './replay.ts'
import type { ManifestEntry } from './segment-format.ts'
import { readSegment } from './segment-reader.ts'
import type { TaskFoldOptions } from './task-fold.ts'

export interface ShadowRunDeps {
  reader: ArchiveReader
  store: Pick<FileStore, 'read'>
  open: OpenLine
  clock: Pick<Clock, 'sleep'>
  fold: TaskFoldOptions
  /** Ends it. */
  signal: AbortSignal
  /** Also what is in the archive already; otherwise what comes from now on. */
  fromStart?: boolean
}

/** Of one segment. */
export interface ShadowedSegment extends Replay {
  key: string
  events: number
  tasks: number
  /** Tasks of which the archive has no more than the end: nothing can be said of them. */
  cut: number
}

/** Between two looks whether there is a new segment. Milliseconds. */
const LOOK_INTERVAL_MS = 2000
/** Tasks that began in an earlier segment, read at the same time. */
const READS_IN_FLIGHT = 16

/**
 * Follows the archive of a running stack with the code of this process: folds each event as it comes, sends nothing, writes nothing, and
 * says where it comes to another end or to other commands than the version did that runs. It is as far behind as segments are old when they
 * are written.
 * @throws MurmurError UNAVAILABLE, PAYLOAD_KEY_MISSING, PAYLOAD_UNREADABLE
 */
export async function* shadowRun(deps: ShadowRunDeps): AsyncGenerator<ShadowedSegment> {
  const { reader, clock, signal } = deps
  const seen = new Set<string>()
  await reader.catalogue.refresh()
  if (!deps.fromStart) for (const { data } of reader.catalogue.chains().flat()) seen.add(data.key)
  for (;;) {
    for (const entry of reader.catalogue.chains().flat().toSorted(byTime)) {
      if (signal.aborted) return
      if (seen.has(entry.data.key)) continue
      seen.add(entry.data.key)
      const segment = await compareSegment(deps, entry)
      if (segment) yield segment
    }
    await clock.sleep(LOOK_INTERVAL_MS, signal)
    if (signal.aborted) return
    await reader.catalogue.refresh()
  }
}

const byTime = (a: ManifestEntry, b: ManifestEntry) => a.toMs - b.toMs

/** Undefined when retention has taken it meanwhile. */
async function compareSegment(
  { reader, store, open, fold }: ShadowRunDeps,
  entry: ManifestEntry,
): Promise<ShadowedSegment | undefined> {
  const bytes = await store.read(entry.data.key)
  if (!bytes) return undefined
  const { events } = readSegment(bytes, entry.data.key, open)
  const { whole } = wholeTasks(events)
  const begunHere = new Set(whole.map(([first]) => first!.taskId))
  const ids = new Set(events.flatMap(({ taskId }) => taskId ?? []))
  const earlier = [...ids].filter((id) => !begunHere.has(id))
  const found: (ArchivedEvent[] | undefined)[] = []
  for (let i = 0; i < earlier.length; i += READS_IN_FLIGHT) {
    const ids = earlier.slice(i, i + READS_IN_FLIGHT)
    found.push(...(await Promise.all(ids.map((id) => eventsUpTo(reader, entry, id)))))
  }
  const there = found.filter((one) => one !== undefined)
  return {
    ...replayTasks([...whole, ...there], { ...fold, fromSeq: entry.fromSeq }),
    ...{ key: entry.data.key, events: events.length, tasks: ids.size, cut: found.length - there.length },
  }
}

/** All events of a task up to the end of a segment. */
async function eventsUpTo(
  reader: ArchiveReader,
  entry: ManifestEntry,
  taskId: string,
): Promise<ArchivedEvent[] | undefined> {
  const chain = reader.catalogue.chain(entry).filter(({ fromSeq }) => fromSeq <= entry.fromSeq)
  const found = await reader.findIn(chain, entry, taskId)
  return found && !found.isCut ? found.events : undefined
}
