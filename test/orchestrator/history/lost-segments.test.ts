import t from 'tap'
import type { LogBreak } from '#platform/nats/log-place.ts'
import { withoutLost } from '../../../services/orchestrator/history/lost-segments.ts'
import type { ManifestEntry } from '../../../services/orchestrator/history/segment-format.ts'

const of = { log: 'born1', partition: 2, partitions: 4 }
const chain = [1, 11, 21, 31].map(
  (fromSeq) => ({ ...of, fromSeq, toSeq: fromSeq + 9, toMs: fromSeq * 10 }) as ManifestEntry,
)

/** A log in which places say what they are. */
function world(breaks: Record<number, LogBreak>) {
  const gone: string[] = []
  const forgotten: string[] = []
  const warned: object[] = []
  const asked: object[] = []
  const deps = {
    streams: {
      findBreak: async (_: string, place: { seq: number }) => {
        asked.push(place)
        return breaks[place.seq]
      },
    },
    store: { delete: async (key: string) => void gone.push(key) },
    catalogue: { remove: (key: string) => void forgotten.push(key) },
    log: { warn: (about: object) => void warned.push(about) } as never,
  }
  return { deps, gone, forgotten, warned, asked }
}

t.test('what agrees with the log stays, and costs one question', async (t) => {
  const { deps, gone, warned, asked } = world({})
  t.strictSame(await withoutLost(deps, chain, 'born-1'), chain)
  t.strictSame(asked, [{ stream: 'born-1', seq: 40, storedAtMs: 310 }])
  t.strictSame([gone, warned], [[], []])
  t.strictSame(await withoutLost(deps, [], 'born-1'), [])
})

t.test('what the log has lost is given up, from the end back to where both agree', async (t) => {
  const { deps, gone, forgotten, warned } = world({ 40: 'log-behind', 30: 'other-history' })
  t.strictSame(await withoutLost(deps, chain, 'born-1'), chain.slice(0, 2))
  const keys = [31, 21].map((seq) => `manifest/born1/p2of4/${String(seq).padStart(16, '0')}.json`)
  t.strictSame(gone, keys)
  t.strictSame(forgotten, keys)
  t.strictSame(warned, [{ partition: 2, fromSeq: 21, toSeq: 40 }])
})

t.test('of a log that was made anew nothing is said, and nothing taken away', async (t) => {
  const { deps, gone } = world({ 40: 'other-stream' })
  await t.rejects(withoutLost(deps, chain, 'born-1'), /made anew/)
  t.strictSame(gone, [])
})
