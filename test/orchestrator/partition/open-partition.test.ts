import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import type { Bus } from '#platform/nats/bus.ts'
import type { LogBreak } from '#platform/nats/log-place.ts'
import { openPartition } from '../../../services/orchestrator/partition/open-partition.ts'
import { PositionLost } from '../../../services/orchestrator/partition/partition-fold.ts'
import { PositionUnreadable } from '../../../services/orchestrator/partition/partition-store.ts'
import { MemoryPartitionStore } from '../../support/memory-partition-store.ts'
import { quietLog, quietObserver } from '../../support/owner-fixture.ts'
import { commitOf, taskState, write } from '../../support/task-states.ts'

const NOW = 1_800_000_000_000
const LOG = { stream: 'born-1', storedAtMs: 70 }

/** Partition 3 of a log that ends at `lastSeq` of 20, by a broker whose clock says NOW. */
function world(
  about: { lastSeq?: number; lastOfLog?: number; broken?: LogBreak; store?: MemoryPartitionStore } = {},
) {
  const store = about.store ?? new MemoryPartitionStore()
  const rebuilds: string[] = []
  const asked: object[] = []
  const clock = createManualClock()
  const bus = {
    streams: {
      facts: async () => ({
        created: 'born-1',
        firstSeq: 1,
        lastSeq: about.lastOfLog ?? 20,
        nowMs: NOW,
      }),
      lastLogSeq: async () => about.lastSeq ?? 15,
      async findBreak(_: string, place: object) {
        asked.push(place)
        return about.broken
      },
      nextMessage: async (_: string, __: string, seq: number) => ({ seq, storedAtMs: 1000 + seq }),
    },
  } as unknown as Bus
  const observer = {
    ...quietObserver,
    onRebuild: (partition: number, reason: string) => void rebuilds.push(`${partition} ${reason}`),
  }
  const rest = { options: { keepFinishedMs: 60_000 }, log: quietLog, signal: new AbortController().signal }
  const open = (forced?: 'unreadable-store') =>
    openPartition({ partition: 3, bus, store, observer, clock, ...rest }, forced)
  return { store, open, rebuilds, asked, clock }
}

t.test('where nothing is stored it begins at the log’s start, and says so', async (t) => {
  const { store, open, rebuilds, clock } = world()
  const opened = await open()
  t.match(opened, {
    offset: 0,
    emitted: 0,
    level: false,
    levelAt: 15,
    stream: 'born-1',
    resetAtMs: undefined,
  })
  t.match(await store.position(3), { offset: 0, level: false, log: { stream: 'born-1' } })
  t.strictSame(rebuilds, ['3 nothing-stored'])
  await clock.advance(5)
  t.equal(opened.brokerNowMs(), NOW + 5, 'the time goes on as it was at the broker')
})

t.test('an empty partition is level at once', async (t) => {
  const { store, open, rebuilds } = world({ lastSeq: 0 })
  t.match(await open(), { offset: 0, level: true, levelAt: 0 })
  t.match(await store.position(3), { level: true })
  t.strictSame(rebuilds, [])
})

t.test('it goes on where it was in the log that it was written for', async (t) => {
  const { store, open, rebuilds, asked } = world()
  await store.commit(3, commitOf([undefined, 7], { emitted: 5, log: LOG }))
  t.match(await open(), { offset: 7, emitted: 5, level: true, storedAtMs: 70, levelAt: 15 })
  t.strictSame(asked, [{ stream: 'born-1', storedAtMs: 70, seq: 7 }])
  t.strictSame(rebuilds, [])
})

t.test('in another log everything is built anew, from what there is', async (t) => {
  for (const broken of ['other-stream', 'log-behind', 'other-history'] as const) {
    const { store, open, rebuilds } = world({ broken })
    const writes = [write(taskState('t'), { isNew: true })]
    await store.commit(3, commitOf([undefined, 7], { emitted: 7, writes, log: LOG }))
    t.match(await open(), { offset: 0, emitted: 0, level: false, resetAtMs: NOW }, broken)
    t.strictSame(await store.readTasks(3, ['t']), [undefined])
    t.strictSame(await store.settleReset(3), { count: 1, examples: ['t'] }, 'and what is lost can be told')
    t.strictSame(rebuilds, [`3 ${broken}`])
  }
})

t.test(
  'a position of an earlier version is taken to be of the log that is there, if it reaches so far',
  async (t) => {
    const old = { offset: 7, emitted: 7, level: true, log: undefined }
    class OldStore extends MemoryPartitionStore {
      override position = async () => (this.commits > 0 ? super.position(3) : old)
      commits = 0
      override async commit(): Promise<boolean> {
        this.commits++
        return true
      }
      override async reset(): Promise<boolean> {
        return true
      }
    }
    const adopted = world({ store: new OldStore() })
    t.match(await adopted.open(), { offset: 7, level: true, storedAtMs: 1007, stream: 'born-1' })
    t.strictSame(adopted.rebuilds, [])
    const behind = world({ store: new OldStore(), lastOfLog: 6 })
    t.match(await behind.open(), { offset: 0, level: false })
    t.strictSame(behind.rebuilds, ['3 log-behind'])
  },
)

t.test('what can not be read, or takes nothing any more, is made again', async (t) => {
  class Unreadable extends MemoryPartitionStore {
    override async position(): Promise<never> {
      throw new PositionUnreadable('a reset was cut short')
    }
  }
  const unreadable = world({ store: new Unreadable() })
  t.match(await unreadable.open(), { offset: 0, level: false, resetAtMs: NOW })
  t.strictSame(unreadable.rebuilds, ['3 unreadable-store'])
  const forced = world()
  await forced.store.commit(3, commitOf([undefined, 7], { log: LOG }))
  t.match(await forced.open('unreadable-store'), { offset: 0, level: false })
})

t.test('somebody else is at it', async (t) => {
  class Refusing extends MemoryPartitionStore {
    override commit = async () => false
    override reset = async () => false
  }
  for (const forced of [undefined, 'unreadable-store'] as const) {
    const error = await world({ store: new Refusing() })
      .open(forced)
      .catch((thrown: unknown) => thrown)
    t.type(error, PositionLost)
  }
})
