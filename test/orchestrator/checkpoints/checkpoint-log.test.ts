import t from 'tap'
import type { CheckpointRecord } from '#schemas/checkpoint.ts'
import { STREAMS } from '#subjects/streams.ts'
import {
  type CheckpointLog,
  type CheckpointMessage,
  NatsCheckpointLog,
} from '../../../services/orchestrator/checkpoints/checkpoint-log.ts'
import { firstHorizon } from '../../../services/orchestrator/checkpoints/claim-checkpoints.ts'
import { PlatformKeys } from '../../../services/platform/config/platform-keys.ts'
import { SealedRecords } from '../../../services/platform/nats/sealed-records.ts'
import { openBus } from '../../support/bus.ts'
import { MemoryCheckpointLog } from '../../support/memory-checkpoint-log.ts'
import { withServers } from '../../support/servers.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
await bus.streams.provision({ partitions: 4, storageBytes: 1024 ** 3 })
const { name: STREAM } = STREAMS.checkpoints

const stateOf = (taskId: string, upTo: number): CheckpointRecord => ({
  ...{ v: 1, taskId, claim: 'me', foldedTo: upTo, upTo, upToMs: 1 },
  state: { id: taskId, n: upTo },
})
const of = (taskId: string) => ({ tenant: 'default', taskId })

/** What both have to do. */
function conformance(name: string, log: CheckpointLog, partition: number): void {
  const last = async () => {
    const found: CheckpointMessage[] = []
    await log.readLast(partition, (message) => void found.push(message))
    return found
  }

  t.test(`${name}: a horizon is written behind the one that was read, or not at all`, async (t) => {
    t.strictSame(await log.horizons(partition), { stored: undefined, lastSeq: 0 })
    const first = firstHorizon('me', 'born-1')
    const seq = await log.writeHorizon(partition, first, 0)
    t.equal(await log.writeHorizon(partition, first, 0), undefined, 'somebody else was faster')
    t.match(await log.horizons(partition), { stored: { record: first, seq }, lastSeq: seq })
    const next = { ...first, horizon: 7, horizonMs: 70 }
    const then = await log.writeHorizon(partition, next, seq!)
    t.match(await log.horizons(partition), { stored: { record: next, seq: then } })
  })

  t.test(`${name}: the last two of each state; of two writers one is told where the other is`, async (t) => {
    t.strictSame(await last(), [])
    t.equal(await log.lastSeq(partition), 0)
    let afterSeq = 0
    for (const upTo of [1, 2, 3]) {
      const done = await log.writeState(partition, stateOf('a', upTo), { tenant: 'default', afterSeq })
      afterSeq = (done as { seq: number }).seq
    }
    const late = await log.writeState(partition, stateOf('a', 9), { tenant: 'default', afterSeq: 0 })
    t.strictSame(late, { takenBy: afterSeq })
    t.match(await last(), [{ kind: 'state', taskId: 'a', seq: afterSeq, record: stateOf('a', 3) }])
    const all = await log.readTask(partition, 'a')
    t.strictSame(
      all.map((one) => one.kind === 'state' && one.record.upTo),
      [2, 3],
    )
    t.equal(await log.lastSeq(partition), afterSeq)
  })

  t.test(`${name}: parts and items stand beside a state, and go with it`, async (t) => {
    await log.writePart(partition, of('a'), { upTo: 3, part: 0, data: 'x' })
    await log.writePart(partition, of('a'), { upTo: 3, part: 1, data: 'y' })
    await log.writeItems(partition, of('a'), { stepId: 's', piece: 2, items: [[130, { output: 'z' }]] })
    await log.writeState(partition, stateOf('ab', 1), { tenant: 'default', afterSeq: 0 })
    t.match(
      (await last()).filter(({ taskId }) => taskId === 'a'),
      [
        { kind: 'state' },
        { kind: 'part', upTo: 3, part: 0, data: 'x' },
        { kind: 'part', upTo: 3, part: 1, data: 'y' },
        { kind: 'items', stepId: 's', piece: 2, items: [[130, { output: 'z' }]] },
      ],
    )
    await log.removeParts(partition, 'a', 3, 2)
    t.equal((await log.readTask(partition, 'a')).filter(({ kind }) => kind === 'part').length, 0)
    await log.remove(partition, 'a', 1)
    t.ok(
      (await last()).some(({ taskId }) => taskId === 'a'),
      'what was written since stays',
    )
    await log.remove(partition, 'a', Number.MAX_SAFE_INTEGER)
    t.match(await last(), [{ kind: 'state', taskId: 'ab' }], 'and nothing of another task')
    await log.removeAll(partition)
    t.strictSame(await last(), [])
    t.ok((await log.horizons(partition)).stored, 'the horizon stays')
  })
}

conformance('in memory', new MemoryCheckpointLog(), 1)
conformance('NATS', new NatsCheckpointLog(bus), 1)

t.test('what is none, or was written by somebody else, is told as that', async (t) => {
  const keys = new PlatformKeys(['a'.repeat(43)], 0)
  const sealedBus = await openBus(t, servers.natsUrl)
  sealedBus.guardRecords(new SealedRecords({ keys, codec: undefined }))
  const sealed = new NatsCheckpointLog(sealedBus)
  await sealed.writeState(2, stateOf('mine', 1), { tenant: 'default', afterSeq: 0 })
  const plain = new NatsCheckpointLog(bus)
  await plain.writeState(2, stateOf('theirs', 1), { tenant: 'default', afterSeq: 0 })
  await bus.publisher.publish('checkpoints.2.broken', 'no JSON', { msgId: 'broken' })
  await bus.publisher.publish('checkpoints.2.later.of.another.kind', '{}', { msgId: 'later' })
  const read = async (log: CheckpointLog) => {
    const found = new Map<string, CheckpointMessage>()
    await log.readLast(2, (message) => void found.set(message.taskId, message))
    return found
  }
  const seen = await read(sealed)
  t.match(seen.get('mine'), { kind: 'state' })
  t.match(seen.get('theirs'), { kind: 'unreadable', isState: true, isForeign: true })
  t.match((await read(plain)).get('broken'), { kind: 'unreadable', isState: true, isForeign: false })
  t.notOk(seen.has('later'))
  await plain.writeHorizon(2, firstHorizon('me', 'born-1'), 0)
  t.match(await sealed.horizons(2), { stored: undefined, lastSeq: Number })
})

t.test('many are read to their end, and a read can be cut short', async (t) => {
  const log = new NatsCheckpointLog(bus)
  const ids = Array.from({ length: 3000 }, (_, i) => `task-${i}`)
  await Promise.all(ids.map((id) => log.writeState(3, stateOf(id, 1), { tenant: 'default', afterSeq: 0 })))
  const found = new Set<string>()
  await log.readLast(3, ({ taskId }) => void found.add(taskId))
  t.equal(found.size, ids.length)
  await t.rejects(
    log.readLast(3, () => {}, AbortSignal.abort(new Error('stopped'))),
    /stopped/,
  )
  await bus.streams.purgeSubject(STREAM, 'checkpoints.3.>')
  t.equal(await log.lastSeq(3), 0)
})
