import t from 'tap'
import {
  ArchiveCatalogue,
  archivedUpTo,
  chainOf,
} from '../../../services/orchestrator/history/archive-catalogue.ts'
import { SegmentBuilder } from '../../../services/orchestrator/history/segment-builder.ts'
import { type ManifestEntry, manifestKey } from '../../../services/orchestrator/history/segment-format.ts'
import { MemoryFileStore } from '../../support/memory-file-store.ts'

const OF = { log: 'l1', partition: 0, partitions: 1 }

function entryOf(fromSeq: number, toSeq: number, of = OF): ManifestEntry {
  const builder = new SegmentBuilder({ ...of, fromSeq, software: 'x' })
  builder.add(
    { subject: 'log.0.timer', data: Buffer.from('{}'), seq: toSeq, storedAtMs: toSeq },
    { kind: 'timer', isPlain: true },
  )
  return builder.seal().entry
}
const put = (store: MemoryFileStore, entry: ManifestEntry) =>
  store.create(manifestKey(entry, entry.fromSeq), Buffer.from(JSON.stringify(entry)))
const ranges = (chain: readonly ManifestEntry[]) => chain.map(({ fromSeq, toSeq }) => [fromSeq, toSeq])

t.test('a chain has no gap: what lies before one, or overlaps, is none of it', async (t) => {
  const entries = [entryOf(1, 4), entryOf(5, 9), entryOf(7, 12), entryOf(20, 25), entryOf(26, 30)]
  const chain = (some: ManifestEntry[]) =>
    ranges(chainOf(new Map(some.map((entry, i) => [String(i), entry]))))
  t.strictSame(chain(entries), [
    [20, 25],
    [26, 30],
  ])
  t.strictSame(chain(entries.slice(0, 2).toReversed()), [
    [1, 4],
    [5, 9],
  ])
  t.strictSame(chain([]), [])
})

t.test(
  'what has come is seen a moment later, what has gone a minute later or when it is missed',
  async (t) => {
    const store = new MemoryFileStore()
    let nowMs = 0
    const unreadable: string[] = []
    const catalogue = new ArchiveCatalogue({
      store,
      clock: { monotonicMs: () => nowMs },
      onUnreadable: (key, why) => unreadable.push(`${key}: ${why}`),
    })
    await put(store, entryOf(1, 4))
    await catalogue.refresh()
    await put(store, entryOf(5, 9))
    await put(store, entryOf(1, 3, { ...OF, log: 'l2' }))
    await catalogue.refresh()
    t.strictSame(ranges(catalogue.chain(OF)), [[1, 4]], 'looked at just now')
    nowMs = 2500
    await catalogue.refresh()
    t.strictSame(ranges(catalogue.chain(OF)), [
      [1, 4],
      [5, 9],
    ])
    t.strictSame(
      ranges(catalogue.chain({ ...OF, log: 'l2' })),
      [[1, 3]],
      'also where there was nothing before: the first segment of a partition',
    )
    store.files.delete(manifestKey(OF, 1))
    nowMs = 61_000
    await catalogue.refresh()
    t.strictSame(catalogue.chains().map(ranges), [[[1, 3]], [[5, 9]]], 'the last log first')
    await store.write(manifestKey(OF, 10), Buffer.from('{"schemaVersion":2}'))
    await store.write(manifestKey(OF, 11), Buffer.from('nonsense'))
    catalogue.forget()
    await catalogue.refresh()
    t.match(unreadable.toSorted(), [/0000010.json is of version 2/, /0000011.json/])
    t.equal(catalogue.all().length, 2)
  },
)

t.test('up to where a partition is archived is what its manifest says', async (t) => {
  const store = new MemoryFileStore()
  t.equal(await archivedUpTo(store, OF), 0)
  await put(store, entryOf(1, 4))
  await put(store, entryOf(5, 9))
  t.equal(await archivedUpTo(store, OF), 9)
  t.equal(await archivedUpTo(store, { ...OF, log: 'l2' }), 0)
})
