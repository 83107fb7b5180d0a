import type { Streams } from '#platform/nats/streams.ts'
import { STREAMS } from '#subjects/streams.ts'
import type { ArchiveReader } from '../history/archive-reader.ts'
import type { ArchivedPartition } from '../history/segment-format.ts'

/**
 * Up to which sequence number of the log a partition is archived durably; 0: nothing, or of a log that has gone on in another way since: then
 * its archiver begins again where both agree.
 * @param created when the LOG stream was made
 * @throws Error when nobody answers; MurmurError UNAVAILABLE
 */
export async function archivedPlace(
  { catalogue }: Pick<ArchiveReader, 'catalogue'>,
  streams: Pick<Streams, 'findBreak'>,
  of: ArchivedPartition,
  created: string,
): Promise<number> {
  await catalogue.refresh()
  const known = catalogue.chain(of).at(-1)
  // Of a partition that is archived for the first time it may not be known for a minute.
  const last = known ?? (await catalogue.readChain(of)).at(-1)
  if (!last) return 0
  const place = { stream: created, seq: last.toSeq, storedAtMs: last.toMs }
  return (await streams.findBreak(STREAMS.log.name, place)) === undefined ? last.toSeq : 0
}
