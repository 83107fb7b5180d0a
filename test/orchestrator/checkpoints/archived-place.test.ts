import t from 'tap'
import type { LogBreak } from '#platform/nats/log-place.ts'
import { archivedPlace } from '../../../services/orchestrator/checkpoints/archived-place.ts'
import type { ArchiveReader } from '../../../services/orchestrator/history/archive-reader.ts'
import type { ManifestEntry } from '../../../services/orchestrator/history/segment-format.ts'

const of = { log: 'born1', partition: 2, partitions: 4 }
const entry = (toSeq: number) => ({ ...of, toSeq, toMs: toSeq * 10 }) as ManifestEntry

function placeIn(about: { known: ManifestEntry[]; there?: ManifestEntry[]; broken?: LogBreak }) {
  const catalogue = {
    refresh: async () => {},
    chain: () => about.known,
    readChain: async () => about.there ?? about.known,
  }
  const streams = {
    findBreak: async (_: string, { seq, storedAtMs }: { seq: number; storedAtMs: number }) => {
      t.equal(storedAtMs, seq * 10)
      return about.broken
    },
  }
  const reader = { catalogue } as unknown as Pick<ArchiveReader, 'catalogue'>
  return archivedPlace(reader, streams, of, 'born-1')
}

t.test('up to the end of the last segment, in the log that it is of', async (t) => {
  t.equal(await placeIn({ known: [entry(10), entry(30)] }), 30)
  t.equal(await placeIn({ known: [] }), 0)
  t.equal(await placeIn({ known: [], there: [entry(5)] }), 5, 'a partition that was not known yet')
  for (const broken of ['log-behind', 'other-history', 'other-stream'] as const)
    t.equal(await placeIn({ known: [entry(10)], broken }), 0, broken)
})
