import { Redis as Client } from 'ioredis'
import t from 'tap'
import type { SubmissionReceipt } from '../../schemas/submission.ts'
import { rangeOf } from '../../subjects/task-partition.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, factsOf, startService } from '../support/services.ts'
import { until } from '../support/until.ts'

// Partitions that nothing is left of are not used any more, on real servers.

const WAIT_MS = 30_000
const servers = await withServers(t)
const startOrchestrator = () =>
  startService(t, servers, 'services/orchestrator/main.ts', {
    MURMUR_PARTITIONS: '2',
    MURMUR_EPOCH_LEASE_MS: '2000',
    MURMUR_LOG_LEVEL: 'fatal',
  })
const orchestrator = await startOrchestrator()
await startService(t, servers, 'loadtest/bench/noop-agents.ts')
const bus = await openBus(t, servers.natsUrl)
const redis = new Client(servers.redisUrl)
t.teardown(() => redis.disconnect())

let keys = 0
const submit = async (): Promise<SubmissionReceipt> => {
  const plan = { steps: [{ id: 'a', agent: 'noop-a', input: { payload: 'x' } }] }
  const submission = { type: 'plan', idempotencyKey: `key ${++keys}`, plan }
  return (await bus.call('submitTask', submission as never)) as SubmissionReceipt
}
const ranges = async () =>
  (await bus.call('getPartitions', {})).epochs.map(({ first, count, state }) => `${first}x${count} ${state}`)

t.test('partitions that have nothing have no owner once there are others', async (t) => {
  await bus.call('growPartitions', { to: 3 })
  t.strictSame(await ranges(), ['0x2 current', '2x3 next'])
  await until('they are gone', async () => (await ranges()).join() === '2x3 current', WAIT_MS)
  await until(
    'nobody owns them',
    async () => (await redis.exists('murmur:{p0}:lease', 'murmur:{p1}:lease')) === 0,
  )
  const { taskId } = await submit()
  t.strictSame(rangeOf(taskId), { first: 2, count: 3 })
  t.equal((await endOfTask(bus, taskId)).status, 'completed')
  await t.rejects(bus.call('getTask', { taskId: `t${'x'.repeat(22)}` }), { code: 'TASK_NOT_FOUND' })
  t.equal((await bus.call('listTasks', {})).tasks.length, 1)
})

t.test('all goes on without them: also when everything starts anew, and there are more again', async (t) => {
  orchestrator.kill('SIGKILL')
  await redis.flushall()
  t.equal(factsOf(await startOrchestrator()).partitions, 3)
  let taskId = ''
  await until(
    'it takes tasks',
    () =>
      submit().then(
        (receipt) => {
          taskId = receipt.taskId
          return true
        },
        () => false,
      ),
    WAIT_MS,
  )
  t.equal((await endOfTask(bus, taskId)).status, 'completed')
  t.strictSame(await ranges(), ['2x3 current'])
  t.match((await bus.call('growPartitions', { to: 4 })).epochs, [
    { first: 2, count: 3, state: 'current' },
    { first: 5, count: 4, state: 'next' },
  ])
})
