import t from 'tap'
import { ArchiveReader } from '../../../services/orchestrator/history/archive-reader.ts'
import { ArchivableLog, LOG_NAME, startArchiver } from '../../support/archived-log.ts'
import { MemoryFileStore } from '../../support/memory-file-store.ts'
import { rawOf } from '../../support/random-log.ts'
import { acceptedTask } from '../../support/random-plan.ts'

const KEEP_MS = 86_400_000
const plan = { steps: [{ id: 'a', agent: 'x' }] }
const accepted = (atMs: number, seq: number) =>
  rawOf({ kind: 'accepted', body: acceptedTask({ plan }), atMs, seq }, seq)
const cancel = (atMs: number, seq: number) =>
  rawOf({ kind: 'control', body: { v: 1, taskId: 'task-1', action: 'cancel' }, atMs, seq }, seq)
const read = (store: MemoryFileStore) =>
  new ArchiveReader({ store, clock: { monotonicMs: () => performance.now() }, keepFinishedMs: KEEP_MS })
const times = { id: 'task-1', createdAtMs: 1000, finishedAtMs: 2000 }

t.test('whether a task that ended is there, whole', async (t) => {
  const store = new MemoryFileStore()
  const log = new ArchivableLog()
  log.push(accepted(1000, 1), cancel(2000, 2))
  const { archiver, upTo } = startArchiver(log, store)
  await upTo(2)
  await archiver.stop()
  const reader = read(store)
  t.equal(await reader.hasEnded(times), true)
  const before = store.reads
  t.equal(await reader.hasEnded(times), true)
  t.equal(store.reads, before, 'of one that lies in one segment, from the index')
  t.equal(await reader.hasEnded({ ...times, id: 'other' }), false)
  t.equal(await reader.hasEnded({ ...times, finishedAtMs: 9000 }), false, 'another end of it is not there')
})

t.test('one that lies in several segments is there as long as all of them are', async (t) => {
  const store = new MemoryFileStore()
  const log = new ArchivableLog()
  log.push(accepted(1000, 1), cancel(2000, 2))
  const { archiver, upTo } = startArchiver(log, store, { limits: { maxEvents: 1 } })
  await upTo(2)
  await archiver.stop()
  t.equal(await read(store).hasEnded(times), true)
  const first = [...store.files.keys()].filter((key) => key.includes('0000000000000001'))
  for (const key of first) await store.delete(key)
  t.equal(await read(store).hasEnded(times), false)
  t.equal(await read(store).findTask('task-1'), undefined)
})

t.test('what lived through a restore is read from the archives of both logs', async (t) => {
  const store = new MemoryFileStore()
  const log = new ArchivableLog()
  log.push(accepted(1000, 1))
  const first = startArchiver(log, store)
  await first.upTo(1)
  await first.archiver.stop()
  t.equal(await read(store).findTask('task-1'), undefined, 'it has not ended')

  // The copy has not its beginning any more, and the same numbers.
  const copy = new ArchivableLog()
  copy.created = '2026-11-30T10:00:00Z'
  copy.firstSeq = 2
  copy.push(cancel(2000, 2))
  const second = startArchiver(copy, store)
  await second.upTo(2)
  await second.archiver.stop()
  const reader = read(store)
  t.match(await reader.findTask('task-1'), { status: 'cancelled', createdAtMs: 1000, finishedAtMs: 2000 })
  t.match(await reader.findEnded('task-1', 1500), { status: 'cancelled' })
  t.equal(await reader.findEnded('task-1', 2500), undefined)
  t.equal(await reader.hasEnded(times), true)
  t.strictSame(
    (await reader.findEvents('task-1'))!.events.map(({ seq, ends }) => [seq, ends]),
    [
      [1, undefined],
      [2, 'cancelled'],
    ],
    'its end was known as one when it was archived',
  )
  for (const key of [...store.files.keys()].filter((key) => key.includes(LOG_NAME))) await store.delete(key)
  t.equal(await read(store).findTask('task-1'), undefined, 'without its beginning it is not there')
  t.equal(await read(store).hasEnded(times), false)
})
