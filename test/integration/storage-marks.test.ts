import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis as Client } from 'ioredis'
import t from 'tap'
import type { StorageChange, StorageLevel } from '../../schemas/storage.ts'
import type { SystemStatus } from '../../schemas/system-status.ts'
import type { TaskState, TaskSummary } from '../../schemas/task.ts'
import { MurmurError } from '../../services/platform/errors/murmur-error.ts'
import { subjectOf } from '../../subjects/operations.ts'
import { openBus, openNats } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, factsOf, startService } from '../support/services.ts'
import { until } from '../support/until.ts'

t.setTimeout(240_000)
const MIB = 1024 * 1024
const folder = mkdtempSync(join(tmpdir(), 'murmur-archive-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const servers = await withServers(t)
const orchestrator = await startService(t, servers, 'services/orchestrator/main.ts', {
  MURMUR_PARTITIONS: '4',
  MURMUR_STORAGE_GIB: '0.6',
  MURMUR_ARCHIVE: folder,
  MURMUR_LOG_LEVEL: 'error',
})
const [edge] = await Promise.all([
  startService(t, servers, 'services/edge/main.ts'),
  startService(t, servers, 'test/support/chaos-agent.ts'),
])
const bus = await openBus(t, servers.natsUrl)
const { jsm } = await openNats(t, servers.natsUrl)
const redis = new Client(servers.redisUrl)
t.teardown(() => redis.disconnect())

const TIMEOUT = { timeoutMs: 10_000 }
const ask = (operation: Parameters<typeof subjectOf>[0], body: object) =>
  bus.request(subjectOf(operation, { tenant: 'default' }), body, TIMEOUT)
const submit = async (idempotencyKey: string, padding = 10) => {
  const input = { value: 1, times: 2, plus: 1, workMs: 0, padding }
  const plan = { steps: [{ id: 'a', agent: 'chaos', input }] }
  return (await ask('submitTask', { type: 'plan', idempotencyKey, plan })) as {
    taskId: string
    duplicate: boolean
  }
}
const get = async (taskId: string) => ((await ask('getTask', { taskId })) as { task: TaskState }).task
const levelOf = async (resource: string) => {
  const { storage } = (await ask('listStorage', {})) as { storage: StorageLevel[] }
  return storage.find((level) => level.resource === resource)
}
const metric = async (name: string) => {
  const text = await (await fetch(`http://127.0.0.1:${factsOf(orchestrator).httpPort}/metrics`)).text()
  const lines = text.split('\n').filter((line) => line.startsWith(name))
  return lines.length === 0 ? undefined : Math.max(...lines.map((line) => Number(line.split(' ').at(-1))))
}
const isRefused = (work: Promise<unknown>) =>
  work.then(
    () => false,
    (error: unknown) => {
      if (error instanceof MurmurError && error.code === 'OVERLOADED') return true
      throw error
    },
  )

t.test('marks are told by events, status and metrics, up and down; refused above the first', async (t) => {
  const told: StorageChange[] = []
  t.teardown(
    bus.subscribe('system.storage.log', ({ data }) => {
      told.push(JSON.parse(Buffer.from(data).toString()))
    }),
  )
  const { config } = await jsm.streams.info('LOG')
  const fillUp = async (share: number) => {
    for (let i = 0; ; i++) {
      const { state } = await jsm.streams.info('LOG')
      if (state.bytes >= share * config.max_bytes) return
      await bus.publisher.publish('log.99.timer', Buffer.alloc(900_000), { msgId: `${share}-${i}` })
    }
  }
  await until('it is known', async () => (await levelOf('log'))?.mark === 0)
  await fillUp(0.87)
  await until('the first mark is told', () => told.length === 1)
  t.match(told[0], { v: 1, resource: 'log', mark: 1, before: 0 })
  await until('new tasks are refused', () => isRefused(submit('refused')))
  const status = (await ask('getStatus', {})) as SystemStatus
  t.match(status.storage?.[0], { resource: 'log', mark: 1, refuses: true, marks: [0.85, 0.92, 0.97] })
  const url = `http://127.0.0.1:${factsOf(edge).restPort ?? factsOf(edge).httpPort}/v1/status`
  t.match(((await (await fetch(url)).json()) as SystemStatus).storage?.[0], { resource: 'log', mark: 1 })
  t.equal(await metric('murmur_storage_mark{resource="log"}'), 1)
  await fillUp(0.98)
  await until('so are the others', () => told.at(-1)?.mark === 3)
  await jsm.streams.purge('LOG', { filter: 'log.99.timer' })
  await until('that there is room again, too', () => told.at(-1)?.mark === 0)
  await until('new tasks come in', async () => !(await isRefused(submit('again'))))
})

t.test('how far the archive is behind is told', async (t) => {
  await submit('lagging')
  await until(
    'events that are not archived',
    async () => ((await metric('murmur_archive_lag_events')) ?? 0) > 0,
  )
  await until('their age', async () => ((await metric('murmur_archive_lag_seconds')) ?? 0) > 0, 20_000)
  t.ok((await metric('murmur_archive_lag_bytes'))! > 0)
})

t.test(
  'Redis holds far less than what is done: what has ended leaves for the archive, and it goes on by itself',
  async (t) => {
    const used = async () => Number(/^used_memory:(\d+)/m.exec(await redis.info('memory'))?.[1])
    const before = await used()
    const room = 10 * MIB
    await redis.config('SET', 'maxmemory', String(before + room))
    // What is there is a part of the limit, too: the marks are where they would be with as much room again.
    const padding = 15_000
    const count = Math.ceil((3 * room) / padding)
    const ids: string[] = []
    let fullest = 0
    for (let i = 0; i < count; i += 50) {
      const keys = Array.from({ length: Math.min(50, count - i) }, (_, j) => `done-${i + j}`)
      const taken = await Promise.all(
        keys.map(async (key) => {
          let receipt: { taskId: string } | undefined
          await until(
            'it is let in',
            async () =>
              !(await isRefused(
                submit(key, padding).then((found) => {
                  receipt = found
                }),
              )),
            60_000,
          )
          return receipt!.taskId
        }),
      )
      ids.push(...taken)
      await Promise.all(taken.map((id) => endOfTask(bus, id, 60_000)))
      fullest = Math.max(fullest, (await used()) / (before + room))
    }
    t.equal(new Set(ids).size, count)
    await until('it is where new tasks come in', async () => (await levelOf('redis'))?.mark === 0, 20_000)
    t.comment(`at most ${Math.round(100 * fullest)} % full`)
    t.ok((await metric('murmur_tasks_left_total'))! > count / 3, 'most have left')
    const first = await get(ids[0]!)
    t.match(first, { status: 'completed' })
    t.match(first.steps.a?.output, { value: 3 }, 'read from the archive')
    t.equal(await redis.exists(...[0, 1, 2, 3].map((p) => `murmur:{p${p}}:state:${ids[0]}`)), 0)
    const some = ids.filter((_, i) => i % 50 === 0)
    for (const id of some) t.equal((await get(id)).status, 'completed')
    t.match(await submit('done-0', padding), { taskId: ids[0], duplicate: true }, 'its key is known')
    const other = await submit('done-0', 1).catch((error: unknown) => (error as MurmurError).code)
    t.equal(other, 'IDEMPOTENCY_CONFLICT')
    const listed: string[] = []
    let cursor: string | undefined
    do {
      const page = (await ask('listTasks', { limit: 500, ...(cursor && { cursor }) })) as {
        tasks: TaskSummary[]
        nextCursor?: string
      }
      listed.push(...page.tasks.map(({ id }) => id))
      cursor = page.nextCursor
    } while (cursor !== undefined)
    t.equal(new Set(listed).size, listed.length, 'none is listed twice')
    t.ok(ids.every((id) => listed.includes(id)))
    const late = await ask('cancelTask', { taskId: ids[0] }).catch(
      (error: unknown) => (error as MurmurError).code,
    )
    t.equal(late, 'TASK_ALREADY_FINISHED')
    await redis.config('SET', 'maxmemory', '0')
  },
)
