import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis as Client } from 'ioredis'
import t, { type Test } from 'tap'
import type { SubmissionReceipt } from '../../schemas/submission.ts'
import type { TaskState, TaskSummary } from '../../schemas/task.ts'
import { archivedUpTo } from '../../services/orchestrator/history/archive-catalogue.ts'
import { ArchiveReader } from '../../services/orchestrator/history/archive-reader.ts'
import { logName } from '../../services/orchestrator/history/segment-format.ts'
import { systemClock } from '../../services/platform/clock/clock.ts'
import { MurmurError } from '../../services/platform/errors/murmur-error.ts'
import { FolderStore } from '../../services/platform/storage/folder-store.ts'
import { STREAMS } from '../../subjects/streams.ts'
import { partitionOf, SUBJECTS } from '../../subjects/subjects.ts'
import { rangeOf } from '../../subjects/task-partition.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, startService } from '../support/services.ts'
import { until } from '../support/until.ts'

// The log gets more partitions while tasks come in, on real servers, with two orchestrators.

t.setTimeout(240_000)
const MADE = 4
const LEASE_MS = 2000
const WAIT_MS = 60_000
const folder = mkdtempSync(join(tmpdir(), 'murmur-archive-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const servers = await withServers(t)
const startOrchestrator = () =>
  startService(t, servers, 'services/orchestrator/main.ts', {
    MURMUR_PARTITIONS: String(MADE),
    MURMUR_EPOCH_LEASE_MS: String(LEASE_MS),
    MURMUR_ARCHIVE: folder,
    MURMUR_ARCHIVE_SEGMENT_MS: '200',
    MURMUR_LOG_LEVEL: 'fatal',
  })
const [, second] = await Promise.all([startOrchestrator(), startOrchestrator()])
await startService(t, servers, 'loadtest/bench/noop-agents.ts')
const bus = await openBus(t, servers.natsUrl)
const redis = new Client(servers.redisUrl)
t.teardown(() => redis.disconnect())

const quick = (key: string, more: object = {}) => ({
  type: 'plan',
  idempotencyKey: key,
  labels: { test: 'partitions' },
  plan: { steps: [{ id: 'a', agent: 'noop-a', input: { payload: 'x' } }] },
  ...more,
})
const waiting = (key: string) => ({
  ...quick(key, { labels: { test: 'waiting' } }),
  plan: {
    steps: [
      { id: 'go', waitFor: { signal: 'go' } },
      { id: 'child', needs: ['go'], task: { type: 'plan', plan: quick('').plan } },
    ],
  },
})
/** While nobody can say, or one stands still, it is asked again. */
async function patiently<T>(ask: () => Promise<T>): Promise<T> {
  const untilMs = performance.now() + WAIT_MS
  for (;;) {
    try {
      return await ask()
    } catch (error) {
      const mayPass = error instanceof MurmurError && error.code === 'UNAVAILABLE'
      if (!mayPass || performance.now() > untilMs) throw error
    }
  }
}
const submit = (submission: object) =>
  patiently(
    () => bus.call('submitTask', submission as never, { timeoutMs: 2000 }) as Promise<SubmissionReceipt>,
  )
const grow = (to: number, more: object = {}) => bus.call('growPartitions', { to, ...more })
const taskOf = async (taskId: string): Promise<TaskState> => (await bus.call('getTask', { taskId })).task
/** Where they lie. */
const places = (ids: readonly string[]) => [...new Set(ids.map((id) => partitionOf(id, MADE)))]
async function listed(name: string): Promise<TaskSummary[]> {
  const found: TaskSummary[] = []
  for (let cursor: string | undefined; ; ) {
    const page = await bus.call('listTasks', {
      labels: { test: name },
      limit: 100,
      ...(cursor && { cursor }),
    })
    found.push(...page.tasks)
    cursor = page.nextCursor
    if (cursor === undefined) return found
  }
}

/** By key. */
const tasks = new Map<string, string>()
const held: string[] = []
const keysOf = (isLater: boolean) =>
  [...tasks].filter(([, id]) => (rangeOf(id) !== undefined) === isLater).map(([key]) => key)
let keys = 0
const submitNext = async () => {
  const key = `key ${++keys}`
  const { taskId, duplicate } = await submit(quick(key))
  if (duplicate) throw new Error(`${key} is new`)
  tasks.set(key, taskId)
}

t.test(
  'partitions grow from 4 to 8 while tasks come in: each ends in the partitions of its time',
  async (t) => {
    for (let i = 0; i < 6; i++) held.push((await submit(waiting(`held ${i}`))).taskId)
    for (let i = 0; i < 20; i++) await submitNext()
    t.match(await bus.call('getPartitions', {}), {
      partitions: 4,
      epochs: [{ first: 0, count: 4, state: 'current' }],
      orchestrators: 2,
      unaware: [],
    })
    await t.rejects(grow(2), { code: 'INVALID_REQUEST', issues: [{ path: 'to' }] })
    await t.rejects(grow(257), { code: 'INVALID_REQUEST' })
    t.match(await grow(8, { dryRun: true }), {
      partitions: 4,
      epochs: [{}, { first: 4, count: 8, state: 'next' }],
    })
    t.equal((await bus.call('getPartitions', {})).epochs.length, 1, 'nothing has changed')
    const [grew, again] = await Promise.all([grow(8), grow(8)])
    t.match(grew, { partitions: 4, epochs: [{ state: 'current' }, { first: 4, count: 8, state: 'next' }] })
    t.equal(grew.epochs[1]!.fromMs, again.epochs[1]!.fromMs, 'two who ask for the same are one')
    await t.rejects(grow(16), { code: 'PARTITIONS_CONFLICT' })
    await until(
      'new tasks are in the new partitions',
      async () => {
        await submitNext()
        return keysOf(true).length >= 40
      },
      WAIT_MS,
    )
    t.ok(keysOf(false).length >= 20)
    t.match(await bus.call('getPartitions', {}), {
      partitions: 8,
      epochs: [{ state: 'ending' }, { first: 4, count: 8, state: 'current' }],
    })
    const ends = await Promise.all([...tasks.values()].map((taskId) => endOfTask(bus, taskId)))
    t.strictSame(new Set(ends.map(({ status }) => status)), new Set(['completed']))
    const before = places(keysOf(false).map((key) => tasks.get(key)!))
    const after = places(keysOf(true).map((key) => tasks.get(key)!))
    t.ok(before.every((partition) => partition < 4))
    t.ok(after.every((partition) => partition >= 4 && partition < 12))
    t.ok(after.length > 4, 'they are spread')
  },
)

/** What came before and what came after, the first and the last of both. */
const some = () => {
  const [before, after] = [keysOf(false), keysOf(true)]
  return [before.slice(0, 4), before.slice(-4), after.slice(0, 4), after.slice(-4)].flat()
}
const knowsKeys = async (t: Test, why: string) => {
  const again = await Promise.all(some().map((key) => submit(quick(key))))
  t.strictSame(
    again.map(({ taskId, duplicate }) => [taskId, duplicate]),
    some().map((key) => [tasks.get(key), true]),
    why,
  )
}

t.test('a key is one task’s on both sides of the change', async (t) => {
  await knowsKeys(t, 'the same body')
  const key = keysOf(false)[0]!
  await t.rejects(submit(quick(key, { priority: 3 })), {
    code: 'IDEMPOTENCY_CONFLICT',
    taskId: tasks.get(key),
  })
})

t.test('messages of the intake, too: under the id of the message, and where it lies', async (t) => {
  const body = JSON.stringify({ ...quick('x'), idempotencyKey: undefined })
  const options = { msgId: 'by message', giveUpAfterMs: 5000 }
  await bus.publisher.publish(SUBJECTS.submit('plan'), body, options)
  let taskId = ''
  await until('it is accepted', async () => {
    const found = await bus.call('getSubmission', { messageId: 'by message' })
    if (found.status === 'accepted') taskId = found.taskId
    return found.status === 'accepted'
  })
  t.ok(rangeOf(taskId))
})

t.test('tasks of before go on, with their children, in the old partitions', async (t) => {
  await Promise.all(
    held.map((taskId) => bus.call('signalTask', { taskId, name: 'go', id: 'go', payload: 1 } as never)),
  )
  const ends = await Promise.all(held.map((taskId) => endOfTask(bus, taskId)))
  t.strictSame(
    ends.map(({ status }) => status),
    held.map(() => 'completed'),
  )
  t.ok(places(held).every((partition) => partition < 4))
})

t.test('lists find both', async (t) => {
  const ids = new Set((await listed('partitions')).map(({ id }) => id))
  t.ok([...tasks.values()].every((id) => ids.has(id)))
  const waited = (await listed('waiting')).map(({ id }) => id)
  t.equal(waited.length, 2 * held.length, 'with their children, which have their labels')
  t.ok(held.every((id) => waited.includes(id)))
  t.ok(places(waited).every((partition) => partition < 4))
})

t.test('Redis is emptied: both are there again, and so are their keys', async (t) => {
  await redis.flushall()
  await until(
    'all are there again',
    async () => {
      const found = await Promise.all([...tasks.values(), ...held].map((id) => taskOf(id).catch(() => {})))
      return found.every((task) => task?.status === 'completed')
    },
    WAIT_MS,
  )
  await knowsKeys(t, 'as before')
  t.equal((await listed('waiting')).length, 2 * held.length)
  const { epochs } = await bus.call('getPartitions', {})
  t.strictSame(
    epochs.map(({ first, count }) => [first, count]),
    [
      [0, 4],
      [4, 8],
    ],
  )
})

t.test('the archive has both', async (t) => {
  const store = new FolderStore(folder)
  const log = logName((await bus.streams.facts(STREAMS.log.name)).created)
  const each = Array.from({ length: 12 }, (_, partition) => partition)
  await until(
    'all of them are archived',
    async () => {
      const ends = await Promise.all(each.map((p) => bus.streams.lastLogSeq(STREAMS.log.name, p)))
      const upTo = await Promise.all(
        each.map((partition) => archivedUpTo(store, { log, partition, partitions: MADE })),
      )
      return ends.every((end, partition) => upTo[partition] === end)
    },
    WAIT_MS,
  )
  const reader = new ArchiveReader({ store, clock: systemClock, keepFinishedMs: 1 })
  for (const id of [...some().map((key) => tasks.get(key)!), ...held])
    t.match(await reader.findTask(id), { id, status: 'completed' })
})

t.test('what no partition is named by is not there; what was made up does no harm', async (t) => {
  const [id] = tasks.values()
  const plain = id!.slice(0, 23)
  for (const made of [`${plain}-9000x3`, `${plain}-0x4`, `${plain}-4x9999`, `${plain}-12x8`])
    await t.rejects(taskOf(made), { code: 'TASK_NOT_FOUND' }, made)
})

t.test('one that stood still over the change takes nothing twice', async (t) => {
  second.kill('SIGSTOP')
  t.teardown(() => second.kill('SIGCONT'))
  const stillKeys = Array.from({ length: 12 }, (_, i) => `still ${i}`)
  // Half of what is asked is asked of the one that stands still.
  const { epochs } = await patiently(() => bus.call('growPartitions', { to: 16 }, { timeoutMs: 2000 }))
  const { count, fromMs = 0 } = epochs.at(-1)!
  t.equal(count, 16)
  await until('the next partitions are used', () => bus.brokerClock.nowMs() > fromMs, WAIT_MS)
  // Some of these are asked of the one that stands still, and lie with it.
  const first = await Promise.all(stillKeys.map((key) => submit(quick(key))))
  second.kill('SIGCONT')
  const again = await Promise.all([...stillKeys, ...stillKeys].map((key) => submit(quick(key))))
  t.strictSame(
    again.map(({ taskId }) => taskId),
    [...first, ...first].map(({ taskId }) => taskId),
  )
  await Promise.all(first.map(({ taskId }) => endOfTask(bus, taskId)))
  const found = (await listed('partitions')).filter(({ id }) => rangeOf(id)?.first === 12)
  t.equal(found.length, stillKeys.length, 'each is one task')
  t.ok(first.every(({ taskId }) => rangeOf(taskId)?.count === 16))
})
