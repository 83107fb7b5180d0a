import type { Streams } from '#platform/nats/streams.ts'
import type { FileStore } from '#platform/storage/file-store.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { STREAMS } from '#subjects/streams.ts'
import type { ArchiveCatalogue } from './archive-catalogue.ts'
import { type ManifestEntry, manifestKey } from './segment-format.ts'

export interface LostSegmentsDeps {
  streams: Pick<Streams, 'findBreak'>
  store: Pick<FileStore, 'delete'>
  catalogue: Pick<ArchiveCatalogue, 'remove'>
  log: Pick<Log, 'warn'>
}

/**
 * Gives up what the archive has of a log that was set back and has gone on in another way: a server that lost power may have lost its last
 * seconds, after they were archived. What never was would stand in the way of what came in its place. Files stay a day, without an entry.
 * @param created when the LOG stream was made that these are segments of
 * @returns the segments that agree with the log, the oldest first
 * @throws Error when nobody can say; MurmurError UNAVAILABLE
 */
export async function withoutLost(
  { streams, store, catalogue, log }: LostSegmentsDeps,
  chain: readonly ManifestEntry[],
  created: string,
): Promise<ManifestEntry[]> {
  let kept = chain.length
  // One after the other from the end: nearly always the first one agrees.
  for (; kept > 0; kept--) {
    const { toSeq, toMs } = chain[kept - 1]!
    const place = { stream: created, seq: toSeq, storedAtMs: toMs }
    const how = await streams.findBreak(STREAMS.log.name, place)
    if (how === 'other-stream') throw new Error('the log was made anew')
    if (how === undefined) break
  }
  const lost = chain.slice(kept)
  for (const entry of lost.toReversed()) {
    const key = manifestKey(entry, entry.fromSeq)
    await store.delete(key)
    catalogue.remove(key)
  }
  const [first, last] = [lost[0], lost.at(-1)]
  if (first && last)
    log.warn(
      { partition: first.partition, fromSeq: first.fromSeq, toSeq: last.toSeq },
      'the log has lost events that were archived: what the archive had of them is given up',
    )
  return chain.slice(0, kept)
}
