import { archivedUpTo } from '../../services/orchestrator/history/archive-catalogue.ts'
import { logName } from '../../services/orchestrator/history/segment-format.ts'
import type { Bus } from '../../services/platform/nats/bus.ts'
import type { FileStore } from '../../services/platform/storage/file-store.ts'
import { STREAMS } from '../../subjects/streams.ts'

/** Up to where each partition of the log is archived, and whether that is all of it. */
export async function archiveLevel(
  bus: Bus,
  store: FileStore,
  partitions: number,
): Promise<{ upTo: number[]; isAll: boolean }> {
  const log = logName((await bus.streams.facts(STREAMS.log.name)).created)
  const each = Array.from({ length: partitions }, (_, partition) => partition)
  const [ends, upTo] = await Promise.all([
    Promise.all(each.map((partition) => bus.streams.lastLogSeq(STREAMS.log.name, partition))),
    Promise.all(each.map((partition) => archivedUpTo(store, { log, partition, partitions }))),
  ])
  return { upTo, isAll: ends.every((end, partition) => upTo[partition] === end) }
}
