import fc from 'fast-check'
import t from 'tap'
import { isTerminal } from '#schemas/task.ts'
import { archivedUpTo } from '../../../services/orchestrator/history/archive-catalogue.ts'
import { StateBudget } from '../../../services/orchestrator/history/event-annotator.ts'
import { stateHash } from '../../../services/orchestrator/history/state-hash.ts'
import type { RawEvent } from '../../../services/orchestrator/partition/decode-event.ts'
import { ArchivableLog, archived, LOG_NAME, startArchiver, statesOf } from '../../support/archived-log.ts'
import { MemoryFileStore } from '../../support/memory-file-store.ts'
import { logArbitrary, rawOf } from '../../support/random-log.ts'
import { acceptedTask } from '../../support/random-plan.ts'

const KEEP_MS = 86_400_000
const OF = { log: LOG_NAME, partition: 0, partitions: 1 }

const bare = ({ subject, data, seq, storedAtMs }: RawEvent) => ({
  subject,
  data: Buffer.from(data),
  seq,
  storedAtMs,
})

t.test(
  'any log: the archive has every event once, and its tasks are what the log made of them',
  async (t) => {
    await fc.assert(
      fc.asyncProperty(logArbitrary, fc.integer({ min: 1, max: 30 }), async (messages, maxEvents) => {
        const store = new MemoryFileStore()
        const log = new ArchivableLog()
        log.push(...messages)
        const { archiver, upTo } = startArchiver(log, store, { limits: { maxEvents } })
        await upTo(messages.at(-1)!.seq)
        await archiver.stop()
        const { events, chain, reader } = await archived(store, KEEP_MS)
        t.strictSame(events.map(bare), messages.map(bare))
        t.equal(await archivedUpTo(store, OF), messages.at(-1)!.seq)
        for (const [i, entry] of chain.entries())
          t.equal(entry.fromSeq, i === 0 ? 1 : chain[i - 1]!.toSeq + 1)
        for (const [id, state] of statesOf(messages, KEEP_MS)) {
          const found = await reader.findTask(id)
          if (state && isTerminal(state.status)) t.equal(found && stateHash(found), stateHash(state))
          else t.equal(found, undefined)
          const ends = events.filter(({ taskId, ends }) => taskId === id && ends !== undefined)
          if (state && isTerminal(state.status)) t.match(ends, [{ stateHash: stateHash(state) }])
        }
      }),
      { numRuns: 25 },
    )
  },
)

t.test('a crash at any write leaves neither a gap nor a double, and the next owner goes on', async (t) => {
  await fc.assert(
    fc.asyncProperty(logArbitrary, fc.integer({ min: 1, max: 20 }), async (messages, maxEvents) => {
      const store = new MemoryFileStore()
      const log = new ArchivableLog()
      log.push(...messages)
      // Every write in turn is the last one of a process; three of them make a segment.
      for (let crashes = 1; ; crashes++) {
        store.writes = 0
        store.failAt = crashes < 12 ? 1 + (crashes % 4) : Number.POSITIVE_INFINITY
        const { archiver, upTo } = startArchiver(log, store, { limits: { maxEvents } })
        const died = new Promise<void>((resolve) => {
          const timer = setInterval(() => {
            if (store.writes < store.failAt) return
            clearInterval(timer)
            resolve()
          }, 1)
          timer.unref()
        })
        await Promise.race([upTo(messages.at(-1)!.seq), died])
        await archiver.stop()
        if (store.writes < store.failAt) break
      }
      const { events } = await archived(store, KEEP_MS)
      t.strictSame(events.map(bare), messages.map(bare))
    }),
    { numRuns: 6 },
  )
})

t.test('two that write the same partition at the same time: one archive, nothing twice', async (t) => {
  await fc.assert(
    fc.asyncProperty(logArbitrary, async (messages) => {
      const store = new MemoryFileStore()
      const log = new ArchivableLog()
      const half = messages.length >> 1
      log.push(...messages.slice(0, half))
      const one = startArchiver(log, store, { limits: { maxEvents: 7 } })
      const other = startArchiver(log, store, { limits: { maxEvents: 5 } })
      log.push(...messages.slice(half))
      await Promise.all([one.upTo(messages.at(-1)!.seq), other.upTo(messages.at(-1)!.seq)])
      await Promise.all([one.archiver.stop(), other.archiver.stop()])
      const { events } = await archived(store, KEEP_MS)
      t.strictSame(events.map(bare), messages.map(bare))
    }),
    { numRuns: 6 },
  )
})

t.test(
  'a log that lost its end after that was archived: the archive has what came in its place',
  async (t) => {
    await fc.assert(
      fc.asyncProperty(logArbitrary, fc.double({ min: 0, max: 1, noNaN: true }), async (messages, share) => {
        const store = new MemoryFileStore()
        const log = new ArchivableLog()
        log.push(...messages)
        const last = messages.at(-1)!.seq
        const before = startArchiver(log, store, { limits: { maxEvents: 5 } })
        await before.upTo(last)
        const kept = messages.filter(({ seq }) => seq <= last * share)
        // The same numbers, later, and one more.
        const anew = messages
          .slice(kept.length)
          .map((one) => ({ ...one, storedAtMs: one.storedAtMs + 5_000_000 }))
        anew.push({ ...messages.at(-1)!, seq: last + 1, storedAtMs: messages.at(-1)!.storedAtMs + 5_000_001 })
        log.setBack(kept.at(-1)?.seq ?? 0, ...anew)
        await before.upTo(last + 1)
        await before.archiver.stop()
        const { events } = await archived(store, KEEP_MS)
        t.strictSame(events.map(bare), [...kept, ...anew].map(bare))
      }),
      { numRuns: 15 },
    )
  },
)

t.test('states that find no room are forgotten and folded again from the archive', async (t) => {
  await fc.assert(
    fc.asyncProperty(logArbitrary, async (messages) => {
      const store = new MemoryFileStore()
      const log = new ArchivableLog()
      log.push(...messages)
      const { archiver, upTo } = startArchiver(log, store, { budget: new StateBudget(500) })
      await upTo(messages.at(-1)!.seq)
      await archiver.stop()
      const { events, reader } = await archived(store, KEEP_MS)
      t.strictSame(events.map(bare), messages.map(bare))
      for (const [id, state] of statesOf(messages, KEEP_MS))
        if (state && isTerminal(state.status))
          t.equal(stateHash((await reader.findTask(id))!), stateHash(state))
    }),
    { numRuns: 6 },
  )
})

t.test('what had gone from the log before it was archived is told in the manifest', async (t) => {
  const store = new MemoryFileStore()
  const log = new ArchivableLog()
  log.firstSeq = 5
  const plan = { steps: [{ id: 'a', agent: 'x' }] }
  log.push(rawOf({ kind: 'accepted', body: acceptedTask({ plan }), atMs: 1000, seq: 9 }, 9))
  const { archiver, upTo } = startArchiver(log, store)
  await upTo(9)
  await archiver.stop()
  const { chain } = await archived(store, KEEP_MS)
  t.match(chain, [{ fromSeq: 1, toSeq: 9, gap: { fromSeq: 1, toSeq: 4 } }])
})

t.test('what was purged because it is archived, or none of the partition’s, is no gap', async (t) => {
  const plan = { steps: [{ id: 'a', agent: 'x' }] }
  for (const [purged, gap] of [
    [4, undefined],
    [2, { fromSeq: 3, toSeq: 4 }],
  ] as const) {
    const store = new MemoryFileStore()
    const log = new ArchivableLog()
    log.firstSeq = 5
    log.push(rawOf({ kind: 'accepted', body: acceptedTask({ plan }), atMs: 1000, seq: 9 }, 9))
    const { archiver, upTo } = startArchiver(log, store, { purgedUpTo: async () => purged })
    await upTo(9)
    await archiver.stop()
    const { chain } = await archived(store, KEEP_MS)
    t.strictSame(chain[0]?.gap, gap)
  }
})

t.test('a task under the id of one that was forgotten is another one', async (t) => {
  const store = new MemoryFileStore()
  const log = new ArchivableLog()
  const plan = { steps: [{ id: 'a', agent: 'x' }] }
  const accepted = (atMs: number, seq: number, labels: Record<string, string>) =>
    rawOf({ kind: 'accepted', body: acceptedTask({ plan, labels }), atMs, seq }, seq)
  const cancel = (atMs: number, seq: number) =>
    rawOf({ kind: 'control', body: { v: 1, taskId: 'task-1', action: 'cancel' }, atMs, seq }, seq)
  log.push(accepted(1000, 1, { turn: 'first' }), cancel(2000, 2), accepted(3000, 3, { turn: 'doubled' }))
  const late = 3000 + KEEP_MS
  log.push(accepted(late, 4, { turn: 'second' }), cancel(late + 1, 5))
  const { archiver, upTo, reader } = startArchiver(log, store, { limits: { maxEvents: 1 } })
  await upTo(5)
  await archiver.stop()
  t.match(await reader.findTask('task-1'), { labels: { turn: 'second' }, finishedAtMs: late + 1 })
  const { events } = await archived(store, KEEP_MS)
  t.strictSame(
    events.filter(({ ends }) => ends).map(({ seq }) => seq),
    [2, 5],
  )
})
