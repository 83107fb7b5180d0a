import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis as Client } from 'ioredis'
import t from 'tap'
import type { SubmissionReceipt } from '../../schemas/submission.ts'
import { STREAMS } from '../../subjects/streams.ts'
import { SUBJECTS } from '../../subjects/subjects.ts'
import { rangeOf } from '../../subjects/task-partition.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, startService } from '../support/services.ts'
import { until } from '../support/until.ts'

// Partitions that nothing is left of are not used any more, on real servers, with a log that is purged.

t.setTimeout(300_000)
const MADE = 2
// The archive of new partitions is seen by its readers within a minute; until then the log is not purged.
const WAIT_MS = 100_000
const folder = mkdtempSync(join(tmpdir(), 'murmur-archive-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const servers = await withServers(t)
await startService(t, servers, 'services/orchestrator/main.ts', {
  MURMUR_PARTITIONS: String(MADE),
  MURMUR_EPOCH_LEASE_MS: '2000',
  MURMUR_ARCHIVE: folder,
  MURMUR_ARCHIVE_SEGMENT_MS: '200',
  MURMUR_CHECKPOINTS: 'yes',
  MURMUR_CHECKPOINT_MS: '100',
  MURMUR_LOG_MARGIN_MS: '1000',
  MURMUR_LOG_LEVEL: 'fatal',
})
await startService(t, servers, 'loadtest/bench/noop-agents.ts')
const bus = await openBus(t, servers.natsUrl)
const redis = new Client(servers.redisUrl)
t.teardown(() => redis.disconnect())

const submit = (idempotencyKey: string) =>
  bus.call('submitTask', {
    type: 'plan',
    idempotencyKey,
    plan: { steps: [{ id: 'a', agent: 'noop-a', input: { payload: 'x' } }] },
  } as never) as Promise<SubmissionReceipt>
const ranges = async () =>
  (await bus.call('getPartitions', {})).epochs.map(({ first, count, state }) => `${first}x${count} ${state}`)
/** What of the log the old partitions have, but marks of what was purged. */
const leftInLog = async () => {
  const fills = [0, 1].map((partition) =>
    bus.streams.fill(STREAMS.log.name, SUBJECTS.logOfPartition(partition)),
  )
  const subjects = (await Promise.all(fills)).flatMap((fill) => [...fill.subjects.keys()])
  return subjects.filter((subject) => !/^log\.\d+\.horizon$/.test(subject))
}
let tasks = 0
const turn = async () => endOfTask(bus, (await submit(`turn ${tasks++}`)).taskId)

t.test('while a finished task of them may be read they stay, and the log of them is purged', async (t) => {
  const { taskId } = await submit('before')
  t.equal((await endOfTask(bus, taskId)).status, 'completed')
  await bus.call('growPartitions', { to: 3 })
  await until('the new ones are used', async () => rangeOf((await turn()).id) !== undefined, WAIT_MS)
  await until(
    'the log of the old ones is purged',
    async () => {
      await turn()
      return (await leftInLog()).length === 0
    },
    WAIT_MS,
  )
  t.strictSame(await ranges(), ['0x2 ending', '2x3 current'])
  t.match(await submit('before'), { taskId, duplicate: true }, 'its key counts')
  t.equal((await bus.call('getTask', { taskId })).task.status, 'completed')

  // As if their time was over.
  const left = await redis.keys('murmur:{p[01]}:*')
  await redis.del(
    ...left.filter((key) => key.includes(':state:') || key.includes(':task') || key.endsWith(':index')),
  )
  await until('they have gone', async () => (await ranges()).join() === '2x3 current', WAIT_MS)
  await until(
    'nobody owns them',
    async () => (await redis.exists('murmur:{p0}:lease', 'murmur:{p1}:lease')) === 0,
  )
  t.equal((await bus.call('getTask', { taskId })).task.status, 'completed', 'the archive has it')
  await t.rejects(bus.call('getTask', { taskId: `t${'x'.repeat(22)}` }), { code: 'TASK_NOT_FOUND' })
})
