import t from 'tap'
import type { PartitionEpochs } from '../../../schemas/partition-epochs.ts'
import { grown, madeWith, without } from '../../../services/orchestrator/partition-epochs/epoch-rules.ts'
import {
  KnownPartitions,
  type KnownPartitionsDeps,
} from '../../../services/orchestrator/partition-epochs/known-partitions.ts'
import { systemClock } from '../../../services/platform/clock/clock.ts'
import { STREAMS } from '../../../subjects/streams.ts'
import { SUBJECTS } from '../../../subjects/subjects.ts'
import { openBus, openNats } from '../../support/bus.ts'
import { quietLog } from '../../support/owner-fixture.ts'
import { withServers } from '../../support/servers.ts'

const MADE = 4
const LEASE_MS = 2000
const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const { jsm } = await openNats(t, servers.natsUrl)
await bus.streams.provision({ partitions: MADE, storageBytes: 1024 ** 3 })
const { name: STREAM } = STREAMS.policies
t.beforeEach(() => jsm.streams.purge(STREAM))

/** Time passes when the test says so; the broker's, and the machine's. */
class HandClock {
  ms = 1_000_000
  readonly nowMs = () => this.ms
  readonly monotonicMs = () => this.ms
  readonly sleep = systemClock.sleep
}
const open = (more: Partial<KnownPartitionsDeps> = {}) => {
  const clock = (more.clock ?? new HandClock()) as HandClock
  const deps = { bus, made: MADE, leaseMs: LEASE_MS, log: quietLog, ...more, clock } as never
  return KnownPartitions.open(deps).then((known) => ({ known, clock }))
}
const grow = (to: number, nowMs: number) => (record: PartitionEpochs) =>
  grown(record, to, { nowMs, leaseMs: LEASE_MS })
const stored = async () => {
  const message = await bus.streams.lastMessage(STREAM, SUBJECTS.partitionEpochs)
  return message && (JSON.parse(new TextDecoder().decode(message.data)) as PartitionEpochs)
}
const plain = `t${'a'.repeat(22)}`

t.test('without a record there are those that the log was made with, and nothing is written', async (t) => {
  const { known } = await open()
  t.strictSame(known.all(), [0, 1, 2, 3])
  t.equal(known.newest(), undefined)
  t.strictSame(known.elsewhere(plain), [])
  t.equal(await stored(), undefined)
})

t.test('what one writes another hears, and uses from then on', async (t) => {
  const clock = new HandClock()
  const [{ known: one }, { known: other }] = await Promise.all([
    open({ clock: clock as never }),
    open({ clock: clock as never }),
  ])
  const { epochs } = await one.change(grow(8, clock.ms))
  t.equal(one.all().length, 12)
  t.equal(other.all().length, 4, 'it has not heard')
  await other.read()
  t.equal(other.all().length, 12)
  t.strictSame(other.withTasks(), [0, 1, 2, 3], 'nothing is there yet')
  t.equal(other.newest(), undefined)
  clock.ms = epochs[1]!.fromMs
  t.throws(() => other.newest(), { code: 'UNAVAILABLE' }, 'and it has not heard for too long')
  await other.read()
  t.strictSame(other.newest(), { first: 4, count: 8 })
  t.equal(other.withTasks().length, 12)
  t.strictSame(other.elsewhere(plain), [`${plain}-4x8`])
  t.strictSame(other.elsewhere(`${plain}-4x8`), [plain])
  t.ok(other.ofName('acme.nightly') >= 4)
  t.equal(other.leading(), 0)
  await one.change((record) => without(record, { first: 0, count: 4 }, clock.ms))
  await other.read()
  t.equal(other.leading(), 4)
  t.strictSame(other.elsewhere(`${plain}-4x8`), [], 'what is not there any more is not asked')
  t.equal(await other.isLive(0), false)
  t.equal(other.isLive(4), true)
})

t.test('of two who change it at the same time both are heard, one after the other', async (t) => {
  const clock = new HandClock()
  const [{ known: one }, { known: other }] = await Promise.all([
    open({ clock: clock as never }),
    open({ clock: clock as never }),
  ])
  const results = await Promise.allSettled([one.change(grow(8, clock.ms)), other.change(grow(16, clock.ms))])
  const kept = results.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []))
  t.equal(kept.length, 1)
  t.strictSame(await stored(), kept[0])
  t.match(
    results.find(({ status }) => status === 'rejected'),
    { reason: { code: /PARTITIONS_CONFLICT|INVALID_REQUEST/ } },
  )
})

t.test('who does not hear it for the lease takes nothing, and gives no list', async (t) => {
  let answers = true
  const streams = {
    lastMessage: (...about: Parameters<typeof bus.streams.lastMessage>) =>
      answers ? bus.streams.lastMessage(...about) : Promise.reject(new Error('silence')),
  }
  const { known, clock } = await open({ bus: { ...bus, streams } as never })
  answers = false
  await t.rejects(known.read())
  clock.ms += LEASE_MS
  t.doesNotThrow(() => known.newest())
  t.match(known.check(), { ok: true, detail: '4 partitions are known' })
  clock.ms += 1
  t.match(known.check(), { ok: false, detail: /POLICIES has not said for 2 s/ })
  for (const ask of [() => known.newest(), () => known.withTasks(), () => known.assertSure()])
    t.throws(ask, { code: 'UNAVAILABLE', retryAfterMs: 1000 })
  await t.rejects(async () => known.isLive(77), { code: 'UNAVAILABLE' })
  t.strictSame(known.all(), [0, 1, 2, 3], 'what it owns it goes on with')
  answers = true
  await known.read()
  t.doesNotThrow(() => known.newest())
})

t.test('a partition that somebody made up is asked for, and is not there', async (t) => {
  const { known, clock } = await open()
  clock.ms += 1500
  t.equal(await known.isLive(9000), false)
  t.equal(known.isLive(3), true)
})

t.test('a stream that was set back gets the record again from whoever knows it', async (t) => {
  const { known, clock } = await open()
  const later = await known.change(grow(8, clock.ms))
  await jsm.streams.purge(STREAM)
  await known.read()
  t.strictSame(await stored(), later)
  const { known: fresh } = await open()
  t.equal(fresh.all().length, 12)
})

t.test('a record of another log, of a later version, or that is none, is not gone by', async (t) => {
  const write = (record: object) =>
    bus.publisher.publish(SUBJECTS.partitionEpochs, JSON.stringify(record), { msgId: crypto.randomUUID() })
  await write(madeWith(16))
  await t.rejects(open(), { code: 'STREAM_MISMATCH' })
  await write({ ...madeWith(MADE), v: 2 })
  await t.rejects(open(), { code: 'UNAVAILABLE', message: /later version/ })
})

t.test('what somebody wrote who may not is taken back by whoever knows what stood there', async (t) => {
  let refuses = false
  const streams = {
    lastMessage: async (...about: Parameters<typeof bus.streams.lastMessage>) => {
      const message = await bus.streams.lastMessage(...about)
      return message && refuses ? { ...message, data: new Uint8Array(), refused: 'no seal' } : message
    },
  }
  const guarded = { publisher: bus.publisher, streams } as never
  const { known, clock } = await open({ bus: guarded })
  const record = await known.change(grow(8, clock.ms))
  await bus.publisher.publish(SUBJECTS.partitionEpochs, '{}', { msgId: 'forged' })
  refuses = true
  await t.rejects(open({ bus: guarded }), { code: 'UNAVAILABLE', message: /not written by the platform/ })
  await t.rejects(known.read(), { code: 'UNAVAILABLE' })
  t.strictSame(await stored(), record)
})
