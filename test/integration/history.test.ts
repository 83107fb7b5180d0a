import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis as Client } from 'ioredis'
import t from 'tap'
import type { Plan } from '../../schemas/plan.ts'
import type { TaskState, TaskSummary } from '../../schemas/task.ts'
import { ArchiveReader } from '../../services/orchestrator/history/archive-reader.ts'
import { readSegment } from '../../services/orchestrator/history/segment-reader.ts'
import { refold } from '../../services/orchestrator/history/task-fold.ts'
import { systemClock } from '../../services/platform/clock/clock.ts'
import type { MurmurError } from '../../services/platform/errors/murmur-error.ts'
import { FolderStore } from '../../services/platform/storage/folder-store.ts'
import { subjectOf } from '../../subjects/operations.ts'
import { startAgents } from '../support/agent-process.ts'
import { archiveLevel } from '../support/archive-level.ts'
import { openBus, openNats } from '../support/bus.ts'
import { planAgents } from '../support/plan-agents.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, factsOf, startService } from '../support/services.ts'
import { until } from '../support/until.ts'

const PARTITIONS = 4
const folder = mkdtempSync(join(tmpdir(), 'murmur-archive-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const servers = await withServers(t)
const startOrchestrator = () =>
  startService(t, servers, 'services/orchestrator/main.ts', {
    MURMUR_PARTITIONS: String(PARTITIONS),
    MURMUR_ARCHIVE: folder,
    MURMUR_ARCHIVE_SEGMENT_MS: '300',
    MURMUR_LOG_LEVEL: 'error',
  })
const first = await startOrchestrator()
const edge = await startService(t, servers, 'services/edge/main.ts')
const bus = await openBus(t, servers.natsUrl)
const { jsm } = await openNats(t, servers.natsUrl)
const redis = new Client(servers.redisUrl)
t.teardown(() => redis.disconnect())
await startAgents(t, servers.natsUrl, planAgents({ undone: [], runs: new Map() }), { instance: 'history' })

const store = new FolderStore(folder)
const plan: Plan = {
  steps: [
    { id: 'one', agent: 'double', input: { n: 1 } },
    { id: 'two', agent: 'double', needs: ['one'], input: { n: { $ref: 'steps.one.output.n' } as never } },
  ],
}
const simple: Plan = { steps: [{ id: 'one', agent: 'double', input: { n: 3 } }] }
const failing: Plan = { steps: [{ id: 'bad', agent: 'double', input: { n: -1 } }] }
let submitted = 0
const submit = async (of: Plan, tenant = 'default'): Promise<string> => {
  const labels = { turn: String(submitted % 3) }
  const request = { type: 'plan', idempotencyKey: `k${submitted++}`, plan: of, labels }
  const subject = subjectOf('submitTask', { tenant })
  const ask = () => bus.request(subject, request, { timeoutMs: 2000 })
  // An orchestrator may be killed over it: under the same key it is the same task.
  return ((await ask().catch(ask)) as { taskId: string }).taskId
}
const get = async (taskId: string, tenant = 'default') =>
  (
    (await bus.request(subjectOf('getTask', { tenant }), { taskId }, { timeoutMs: 5000 })) as {
      task: TaskState
    }
  ).task
const page = async (request: object, tenant = 'default') =>
  (await bus.request(subjectOf('listTasks', { tenant }), request, { timeoutMs: 5000 })) as {
    tasks: TaskSummary[]
    nextCursor?: string
  }
const listAll = async (request: object, tenant = 'default') => {
  const tasks: TaskSummary[] = []
  let cursor: string | undefined
  do {
    const part = await page({ ...request, ...(cursor && { cursor }) }, tenant)
    tasks.push(...part.tasks)
    cursor = part.nextCursor
  } while (cursor !== undefined)
  return tasks
}
/** Why an instance was chosen is in no log. */
const plain = (task: TaskState): TaskState => ({
  ...task,
  steps: Object.fromEntries(
    Object.entries(task.steps).map(([id, { placement: _placement, ...step }]) => [id, step]),
  ),
})
const allArchived = async () => (await archiveLevel(bus, store, PARTITIONS)).isAll
const purgeArchived = async () => {
  for (const [partition, seq] of (await archiveLevel(bus, store, PARTITIONS)).upTo.entries())
    await jsm.streams.purge('LOG', { filter: `log.${partition}.>`, seq: seq + 1 })
}

let states: TaskState[] = []
let lists: TaskSummary[] = []

t.test('tasks that have gone from Redis and from the log are answered from the archive', async (t) => {
  const runs = [
    ...Array.from({ length: 24 }, () => submit(simple)),
    submit(plan).catch(() => submit(simple)),
    submit(failing),
  ]
  const ids = await Promise.all(runs)
  const foreign = await submit(simple, 'north')
  await Promise.all(ids.map((id) => endOfTask(bus, id)))
  await endOfTask(bus, foreign, 30_000, 'north')
  states = (await Promise.all(ids.map((id) => get(id)))).map(plain)
  lists = await listAll({ limit: 500 })
  t.equal(lists.length, 26)
  await until('all is archived', allArchived, 20_000)
  t.strictSame(await listAll({ limit: 500 }), lists, 'what is in both is told once')
  await purgeArchived()
  t.equal((await jsm.streams.info('LOG')).state.messages, 0, 'the log is empty')
  await redis.flushall()
  // Each partition is made again by itself.
  await until('all partitions are level again', async () =>
    Promise.all(ids.map((id) => get(id))).then(
      () => true,
      () => false,
    ),
  )
  t.equal((await redis.keys('murmur:{p*}:state:*')).length, 0, 'Redis has no task')
  for (const state of states) t.strictSame(plain(await get(state.id)), state)
  t.match(await get(foreign, 'north'), { id: foreign, tenant: 'north', status: 'completed' })
  const denied = await get(foreign).catch((error: unknown) => (error as MurmurError).code)
  t.equal(denied, 'TASK_NOT_FOUND', 'another tenant does not see it')
})

t.test('lists, with filters and page by page', async (t) => {
  t.strictSame(await listAll({ limit: 500 }), lists)
  t.strictSame(await listAll({ limit: 3 }), lists, 'in pages of three')
  const failed = await listAll({ limit: 500, status: 'failed' })
  t.strictSame(
    failed,
    lists.filter(({ status }) => status === 'failed'),
  )
  t.ok(failed.length > 0)
  const labelled = await listAll({ limit: 2, labels: { turn: '1' } })
  t.strictSame(
    labelled,
    lists.filter(({ labels }) => labels?.turn === '1'),
  )
  const middle = lists[10]!.createdAtMs
  t.strictSame(
    await listAll({ limit: 4, createdFromMs: middle }),
    lists.filter(({ createdAtMs }) => createdAtMs >= middle),
  )
  t.strictSame(await listAll({ limit: 500, status: 'running' }), [])
  t.equal((await listAll({ limit: 500 }, 'north')).length, 1)
  t.equal((await listAll({ limit: 500 }, 'south')).length, 0)
})

t.test('REST answers the same', async (t) => {
  const url = `http://127.0.0.1:${factsOf(edge).restPort ?? factsOf(edge).httpPort}`
  const [state] = states
  const answer = await fetch(`${url}/v1/tasks/${state!.id}`)
  t.equal(answer.status, 200)
  t.strictSame(plain(((await answer.json()) as { task: TaskState }).task), state)
  const listed = (await (await fetch(`${url}/v1/tasks?limit=500`)).json()) as { tasks: TaskSummary[] }
  t.strictSame(listed.tasks, lists)
})

t.test(
  'an owner dies within a segment: the next one goes on, nothing is missing and nothing twice',
  async (t) => {
    const second = await startOrchestrator()
    const ids: string[] = []
    for (let round = 0; round < 6; round++) {
      ids.push(...(await Promise.all(Array.from({ length: 10 }, () => submit(simple)))))
      if (round === 3) first.kill('SIGKILL')
    }
    await Promise.all(ids.map((id) => endOfTask(bus, id)))
    const events: { seq: number; index: number | undefined }[] = []
    await until('all is archived', allArchived, 20_000)
    const reader = new ArchiveReader({ store, clock: systemClock, keepFinishedMs: 1 })
    await reader.catalogue.refresh()
    for (const chain of reader.catalogue.chains())
      for (const entry of chain) {
        const { events: found } = readSegment((await store.read(entry.data.key))!)
        events.push(...found.map(({ seq, index }) => ({ seq, index })))
      }
    const names = events.map(({ seq, index }) => `${seq} ${index}`)
    t.equal(new Set(names).size, names.length, 'none is there twice')
    t.strictSame(
      [...new Set(events.map(({ seq }) => seq))].toSorted((a, b) => a - b),
      Array.from({ length: (await bus.streams.facts('LOG')).lastSeq }, (_, i) => i + 1),
      'every sequence number of the log is there',
    )
    for (const id of ids) {
      const { ends } = refold((await reader.findEvents(id))!.events, { keepFinishedMs: 86_400_000 })
      t.equal(ends.length, 1)
      t.equal(ends[0]!.recorded, ends[0]!.today)
    }
    t.ok(second.exitCode === null)
  },
)
