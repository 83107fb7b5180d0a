import t from 'tap'
import { systemClock } from '#platform/clock/clock.ts'
import type { SubmissionKey } from '#schemas/submission-key.ts'
import {
  SubmissionKeyStore,
  subjectOfKey,
} from '../../../services/orchestrator/submission-keys/submission-key-store.ts'
import { KEY_MEMORY_MS } from '../../../services/workflow/submission-keys/decide-key.ts'
import { openBus, openNats } from '../../support/bus.ts'
import { quietLog } from '../../support/owner-fixture.ts'
import { withServers } from '../../support/servers.ts'
import { until } from '../../support/until.ts'

const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const { jsm } = await openNats(t, servers.natsUrl)
const provision = () => bus.streams.provision({ partitions: 1, storageBytes: 1024 ** 3 })
await provision()
async function open(): Promise<SubmissionKeyStore> {
  const store = new SubmissionKeyStore({ bus, clock: systemClock, log: quietLog })
  await store.start()
  t.teardown(() => store.stop())
  return store
}
const record = (key: string, more: Partial<SubmissionKey> = {}): SubmissionKey => ({
  ...{ v: 1, tenant: 'acme', kind: 'singleton', key, updatedAtMs: Date.now(), recent: [] },
  ...more,
})
const subjectOf = (key: string) => subjectOfKey({ tenant: 'acme', kind: 'singleton', key })
const [one, other] = await Promise.all([open(), open()])

t.test('what one has written, the other knows and counts', async (t) => {
  for (const key of ['a', 'b', 'any text: *.> ü']) await one.write(subjectOf(key), record(key), 0)
  await other.settled()
  t.strictSame([other.count(), other.count('acme'), other.count('else')], [3, 3, 0])
  t.match(await other.read(subjectOf('a')), { record: { key: 'a' } })
  t.equal(await other.read(subjectOf('c')), undefined)
})

t.test('of two who write after the same message, one is told no', async (t) => {
  const { seq } = (await one.read(subjectOf('a')))!
  const writes = await Promise.all(
    [one, other].map((store, i) => store.write(subjectOf('a'), record('a', { updatedAtMs: i }), seq)),
  )
  t.equal(writes.filter((write) => write !== undefined).length, 1)
  t.equal(await one.write(subjectOf('a'), record('a'), 0), undefined, 'nor after none')
})

t.test('what is forgotten is free; not what was written meanwhile', async (t) => {
  const { seq } = (await one.read(subjectOf('b')))!
  const next = await other.write(subjectOf('b'), record('b'), seq)
  await one.forget(subjectOf('b'), seq)
  t.match(await one.read(subjectOf('b')), { seq: next })
  await one.forget(subjectOf('b'), next!)
  t.equal(await one.read(subjectOf('b')), undefined)
  t.ok(await other.write(subjectOf('b'), record('b'), 0))
})

t.test('what rests for so long that its owner has forgotten it is dropped from memory', async (t) => {
  const old = Date.now() - 4 * KEY_MEMORY_MS
  await one.write(subjectOf('old'), record('old', { updatedAtMs: old }), 0)
  await one.write(subjectOf('busy'), record('busy', { updatedAtMs: old, unpublished: true }), 0)
  const before = one.count('acme')
  const known = [...one.known()].map(({ subject }) => subject)
  t.notOk(known.includes(subjectOf('old')))
  t.ok(known.includes(subjectOf('busy')), 'what is to be done is not')
  t.ok(one.count('acme') < before)
})

t.test('one of a later version is left alone, and nobody decides about it', async (t) => {
  await jsm.streams.info('SUBMISSION_KEYS')
  await bus.publisher.publish(subjectOf('later'), '{"v":2}', { msgId: 'later' })
  await other.settled()
  await t.rejects(other.read(subjectOf('later')), { code: 'UNAVAILABLE' })
})

t.test('a stream that is made anew has none of them', async (t) => {
  await jsm.streams.delete('SUBMISSION_KEYS')
  await provision()
  t.equal(await one.read(subjectOf('a')), undefined)
  await one.write(subjectOf('new'), record('new'), 0)
  await until('the other one knows it alone', () => other.count() === 1, 30_000)
})
