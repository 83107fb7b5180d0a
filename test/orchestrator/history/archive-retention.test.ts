import t from 'tap'
import { ArchiveCatalogue } from '../../../services/orchestrator/history/archive-catalogue.ts'
import { applyRetention, isNearlyFull } from '../../../services/orchestrator/history/archive-retention.ts'
import { SegmentBuilder } from '../../../services/orchestrator/history/segment-builder.ts'
import type { ManifestEntry } from '../../../services/orchestrator/history/segment-format.ts'
import { MemoryFileStore } from '../../support/memory-file-store.ts'

const DAY = 86_400_000

/** A store with three segments in each of two partitions, an event a day, the last on day 3 (partition 0) and 4. */
async function filled() {
  const store = new MemoryFileStore()
  const entries: ManifestEntry[] = []
  for (const partition of [0, 1])
    for (let seq = 1; seq <= 3; seq++) {
      const builder = new SegmentBuilder({ log: 'l1', partition, partitions: 2, fromSeq: seq, software: 'x' })
      const raw = {
        subject: `log.${partition}.timer`,
        data: Buffer.from('{}'),
        seq,
        storedAtMs: (seq + partition) * DAY,
      }
      builder.add(raw, { kind: 'timer', isPlain: true })
      const { entry, manifestKey, data, index } = builder.seal()
      await Promise.all([store.write(entry.data.key, data), store.write(entry.index.key, index)])
      await store.create(manifestKey, Buffer.from(JSON.stringify(entry)))
      entries.push(entry)
    }
  const catalogue = new ArchiveCatalogue({ store, clock: { monotonicMs: () => performance.now() } })
  return { store, entries, catalogue }
}

const left = (store: MemoryFileStore) =>
  [...store.files.keys()].filter((key) => key.startsWith('manifest/')).map((key) => key.slice(-21, -5))

t.test('what is too old goes, oldest first; the newest of each partition stays', async (t) => {
  const { store, catalogue } = await filled()
  const limits = { maxAgeMs: 2.5 * DAY, maxBytes: 1e9, keepFinishedMs: DAY }
  t.match(await applyRetention(store, catalogue, limits, 5 * DAY), { segments: 3, orphans: 0 })
  t.strictSame(
    catalogue.chain({ log: 'l1', partition: 0, partitions: 2 }).map(({ fromSeq }) => fromSeq),
    [3],
  )
  t.strictSame(
    catalogue.chain({ log: 'l1', partition: 1, partitions: 2 }).map(({ fromSeq }) => fromSeq),
    [2, 3],
  )
  t.equal(store.files.size, 9, 'with all files of theirs')
  t.match(await applyRetention(store, catalogue, { ...limits, maxAgeMs: 1 }, 50 * DAY), { segments: 1 })
  t.equal(left(store).length, 2, 'up to where it is archived is known for ever')
})

t.test('what is too much goes, oldest first', async (t) => {
  const { store, catalogue, entries } = await filled()
  const bytes = entries.reduce((sum, { data, index }) => sum + data.bytes + index.bytes, 0)
  const limits = { maxAgeMs: 1000 * DAY, maxBytes: bytes - 1, keepFinishedMs: DAY }
  t.match(await applyRetention(store, catalogue, limits, 5 * DAY), { segments: 1 })
  t.notOk(store.files.has(entries[0]!.data.key))
  t.match(await applyRetention(store, catalogue, limits, 5 * DAY), { segments: 0 })
})

t.test('the archive of a log that is no more goes as a whole', async (t) => {
  const { store, catalogue, entries } = await filled()
  const newer = { ...entries[0]!, log: 'l2' }
  await store.create('manifest/l2/p0of2/0000000000000001.json', Buffer.from(JSON.stringify(newer)))
  const limits = { maxAgeMs: 1, maxBytes: 1e9, keepFinishedMs: DAY }
  t.match(await applyRetention(store, catalogue, limits, 90 * DAY), { segments: 6 })
})

t.test('what no entry names goes after a day, and not before', async (t) => {
  const { store, catalogue } = await filled()
  for (const file of store.files.values()) file.modifiedAtMs = 10 * DAY
  store.nowMs = 10 * DAY
  await store.write('segments/l1/p0of2/left-behind.ndjson.zst', Buffer.from('x'))
  const limits = { maxAgeMs: 1000 * DAY, maxBytes: 1e9, keepFinishedMs: DAY }
  t.match(await applyRetention(store, catalogue, limits, 10.5 * DAY), { orphans: 0 })
  t.match(await applyRetention(store, catalogue, limits, 11.5 * DAY), { segments: 0, orphans: 1 })
  t.equal(store.files.size, 18)
})

t.test('a disk that is nearly full gets room, oldest first; what may be read still stays', async (t) => {
  const { store, catalogue, entries } = await filled()
  const bytes = entries.reduce((sum, { data, index }) => sum + data.bytes + index.bytes, 0)
  const each = bytes / entries.length
  const limits = { maxAgeMs: 1000 * DAY, maxBytes: 1e9, keepFinishedMs: 2.5 * DAY }
  const fullTo = (share: number) => {
    store.disk = { totalBytes: 100 * each, freeBytes: (1 - share) * 100 * each }
    return isNearlyFull(store.disk)
  }
  t.notOk(isNearlyFull(undefined), 'of an object store nobody knows')
  t.notOk(fullTo(0.95))
  t.match(await applyRetention(store, catalogue, limits, 5 * DAY), { segments: 0 })
  t.ok(fullTo(0.955))
  t.match(
    await applyRetention(store, catalogue, limits, 5 * DAY),
    { segments: 3 },
    'for 93 %, two and a half; of the two of day 2 both',
  )
  t.ok(fullTo(1))
  t.match(
    await applyRetention(store, catalogue, limits, 5 * DAY),
    { segments: 0 },
    'the others may have tasks that can be read',
  )
  t.equal(left(store).length, 3)
})
