import { Redis as Client } from 'ioredis'
import t from 'tap'
import type { TaskState } from '../../schemas/task.ts'
import { MurmurError } from '../../services/platform/errors/murmur-error.ts'
import { SERVICES } from '../../subjects/operations.ts'
import { STREAMS } from '../../subjects/streams.ts'
import { openBus, openNats } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, factsOf, startService } from '../support/services.ts'
import { until } from '../support/until.ts'

const PARTITIONS = 4
const servers = await withServers(t)
const orchestrator = await startService(t, servers, 'services/orchestrator/main.ts', {
  MURMUR_PARTITIONS: String(PARTITIONS),
  MURMUR_LOG_LEVEL: 'silent',
})
const bus = await openBus(t, servers.natsUrl)
const { jsm } = await openNats(t, servers.natsUrl)
const redis = new Client(servers.redisUrl)
t.teardown(() => redis.disconnect())
const port = factsOf(orchestrator).httpPort

const ask = (service: string, body: object) => bus.request(service, body, { timeoutMs: 5000 })
const codeOf = async (call: Promise<unknown>) =>
  call.then(
    () => 'answered',
    (error: unknown) => (error instanceof MurmurError ? error.code : String(error)),
  )
const registered = () =>
  ask(SERVICES.registerAgent, {
    type: 'idle',
    instance: 'idle-1',
    version: '1.0.0',
    capacity: 1,
  })
const submit = (idempotencyKey: string, text = 'x') =>
  ask(SERVICES.submitTask, {
    type: 'plan',
    idempotencyKey,
    input: { text },
    plan: { steps: [{ id: 'a', agent: 'idle' }] },
  }) as Promise<{ taskId: string; duplicate: boolean }>
const metric = async (name: string) => {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text()
  return text
    .split('\n')
    .filter((line) => line.startsWith(name))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}
const level = async () =>
  (
    await Promise.all(
      Array.from({ length: PARTITIONS }, (_, p) => redis.hget(`murmur:{p${p}}:position`, 'level')),
    )
  ).every((value) => value === '1')

t.test('positions are there at once, and what was never accepted is not there', async (t) => {
  await until('every partition is level', level)
  t.equal(await codeOf(ask(SERVICES.getTask, { taskId: 'nobody' })), 'TASK_NOT_FOUND')
  t.equal(await codeOf(ask(SERVICES.listTasks, {})), 'answered')
})

t.test(
  'while a partition is not level nobody says that a task is not there, and no key is decided',
  async (t) => {
    await registered()
    const { taskId } = await submit('one')
    await until('it is there', async () => (await codeOf(ask(SERVICES.getTask, { taskId }))) === 'answered')
    // Not level, at the offset that it has: nobody looks at anything but the offset.
    const positions = Array.from({ length: PARTITIONS }, (_, p) => `murmur:{p${p}}:position`)
    await Promise.all(positions.map((key) => redis.hset(key, 'level', '0')))
    for (const [service, body] of [
      [SERVICES.getTask, { taskId }],
      [SERVICES.getTask, { taskId: 'nobody' }],
      [SERVICES.cancelTask, { taskId }],
      [SERVICES.listTasks, {}],
    ] as const)
      t.equal(await codeOf(ask(service, body)), 'UNAVAILABLE', service)
    const refused = await submit('one').catch((error: unknown) => error)
    t.match(refused, { code: 'UNAVAILABLE', retryAfterMs: 1000 })
    await Promise.all(positions.map((key) => redis.hset(key, 'level', '1')))
    t.equal((await submit('one')).taskId, taskId)
    t.equal(await codeOf(submit('one', 'another body')), 'IDEMPOTENCY_CONFLICT')
  },
)

t.test('an accepted task is never denied while Redis is emptied', async (t) => {
  const ids = await Promise.all(
    Array.from({ length: 50 }, async (_, i) => (await submit(`flushed-${i}`)).taskId),
  )
  // Leases come by themselves; why an instance was chosen is in no log, so nobody claims to know it afterwards.
  const isRebuilt = (key: string) => !/:(lease|placements-since)$/.test(key)
  const keys = async () => (await redis.keys('murmur:{p*}*')).filter(isRebuilt).length
  await until('all are there', async () => (await redis.keys('murmur:{p*}:state:*')).length === 51)
  const before = await keys()
  await redis.flushall()
  const codes = new Set<string>()
  await until(
    'all are there again',
    async () => {
      const answers = await Promise.all(ids.map((taskId) => codeOf(ask(SERVICES.getTask, { taskId }))))
      for (const code of answers) codes.add(code)
      return answers.every((code) => code === 'answered')
    },
    20_000,
  )
  t.notOk(codes.has('TASK_NOT_FOUND'), [...codes].join(', '))
  await until('the same keys are there', async () => (await level()) && (await keys()) === before)
  t.equal(await metric('murmur_partition_rebuilds_total'), PARTITIONS)
  t.equal(await metric('murmur_tasks_lost_total'), 0)
})

t.test('a NATS whose streams are gone: they are made again, what is lost is told, all goes on', async (t) => {
  const names = [...Object.values(STREAMS).map(({ name }) => name)]
  for (const name of names) await jsm.streams.delete(name)
  await until('they are there again', async () => (await bus.streams.missing(names)).length === 0, 20_000)
  await until('what is lost is counted', async () => (await metric('murmur_tasks_lost_total')) === 51, 20_000)
  await registered()
  await until('tasks are taken again', async () => (await codeOf(submit('after'))) === 'answered', 20_000)
  const { taskId } = await submit('after')
  t.equal(await codeOf(ask(SERVICES.cancelTask, { taskId })), 'answered')
  t.equal((await endOfTask(bus, taskId)).status, 'cancelled')
  // The queue numbers its messages anew: those are other submissions than before.
  const body = JSON.stringify({ input: {}, plan: { steps: [{ id: 'a', agent: 'idle' }] } })
  await bus.publisher.publish('tasks.submit.plan', body, { msgId: 'queued-1' })
  await until('it is taken from the queue', async () => {
    const { tasks } = (await ask(SERVICES.listTasks, {})) as { tasks: TaskState[] }
    return tasks.length === 2
  })
  const ready = await fetch(`http://127.0.0.1:${port}/readyz`)
  t.match(await ready.json(), { ok: true, checks: { partitions: { ok: true, detail: /4 partitions move/ } } })
})

t.test('a partition that goes on with a later version is left, and shows', async (t) => {
  await bus.publisher.publish('log.2.control', JSON.stringify({ v: 3, taskId: 'a', action: 'levitate' }), {
    msgId: 'later',
  })
  await until('it is left', async () => (await metric('murmur_partitions_refused')) === 1)
  const ready = await fetch(`http://127.0.0.1:${port}/readyz`)
  t.equal(ready.status, 503)
  t.match(await ready.json(), {
    checks: { partitions: { ok: false, detail: /partition 2 is left to a later version.*version 3/ } },
  })
  await until('its lease is free', async () => (await redis.get('murmur:{p2}:lease')) === null)
  t.equal(await metric('murmur_partitions_owned'), PARTITIONS - 1)
})
