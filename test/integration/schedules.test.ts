import { Redis as Client } from 'ioredis'
import t from 'tap'
import type { Schedule } from '../../schemas/schedule.ts'
import type { TaskSummary } from '../../schemas/task.ts'
import type { RequestInput } from '../../subjects/operations.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { factsOf, startService } from '../support/services.ts'
import { startSteered } from '../support/steered-process.ts'
import { until } from '../support/until.ts'

// Schedules on real servers, with orchestrators that are killed and stores that are emptied.

const SECOND = 1000
const EVENTS_MS = 40_000
const servers = await withServers(t)
const startOrchestrator = () =>
  startService(t, servers, 'services/orchestrator/main.ts', {
    MURMUR_PARTITIONS: '4',
    MURMUR_LOG_LEVEL: 'fatal',
  })
const [first, second] = await Promise.all([startOrchestrator(), startOrchestrator()])
await startService(t, servers, 'loadtest/bench/noop-agents.ts')
const steered = await startSteered(t, servers)
const bus = await openBus(t, servers.natsUrl)
const redis = new Client(servers.redisUrl)
t.teardown(() => redis.disconnect())

const plan = (agent: string, input: object) => ({
  type: 'plan',
  plan: { steps: [{ id: 'a', agent, input }] },
})
const put = (name: string, more: Partial<RequestInput<'putSchedule'>> = {}) =>
  bus.call('putSchedule', {
    name,
    everyMs: SECOND,
    overlap: 'allow',
    catchUp: { policy: 'all' },
    submission: plan('noop-a', { payload: 'x' }) as never,
    ...more,
  })
const get = async (name: string): Promise<Schedule> => (await bus.call('getSchedule', { name })).schedule
/** Once it can be said: after a kill or a flush it takes a moment. */
const started = async (name: string) => (await get(name).catch(() => undefined))?.counts.started ?? 0
const tasksOf = async (name: string): Promise<TaskSummary[]> =>
  (await bus.call('listTasks', { labels: { 'murmur.schedule': name }, limit: 500 })).tasks
/** Occurrences that have tasks, one for each task, in seconds from the first. */
const secondsOf = (tasks: readonly TaskSummary[]) => {
  const times = tasks
    .map(({ labels }) => Date.parse(labels?.['murmur.scheduled-at'] ?? ''))
    .sort((a, b) => a - b)
  return times.map((atMs) => (atMs - times[0]!) / SECOND)
}
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f']

t.test('every second one task: two orchestrators, one of them is killed', async (t) => {
  t.ok(first && second)
  await Promise.all(NAMES.map((name) => put(name)))
  const all = (count: number) => async () =>
    (await Promise.all(NAMES.map(started))).every((runs) => runs >= count)
  await until('all run', all(3), EVENTS_MS)
  first.kill('SIGKILL')
  await until('all go on', all(10), EVENTS_MS)
  await Promise.all(NAMES.map((name) => bus.call('pauseSchedule', { name })))
  for (const name of NAMES) {
    const { counts } = await get(name)
    let tasks: TaskSummary[] = []
    await until(`all tasks of ${name} are listed`, async () => {
      tasks = await tasksOf(name).catch(() => [])
      return tasks.length >= counts.started
    })
    const wanted = Array.from({ length: counts.started }, (_, i) => i)
    t.strictSame(secondsOf(tasks), wanted, `${name}: none is missing and none there twice`)
    t.match(counts, { missed: 0, refused: 0, overlap: 0 })
  }
})

t.test('a Redis that is emptied: each occurrence is one task, before and after', async (t) => {
  await put('flushed')
  await until('it runs', async () => (await started('flushed')) >= 3, EVENTS_MS)
  await redis.flushall()
  const before = 3
  await until('it goes on', async () => (await started('flushed')) >= before + 4, EVENTS_MS)
  await bus.call('pauseSchedule', { name: 'flushed' })
  const { counts } = await get('flushed')
  let tasks: TaskSummary[] = []
  await until('all are there', async () => {
    tasks = await tasksOf('flushed').catch(() => [])
    return tasks.length >= counts.started
  })
  t.strictSame(
    secondsOf(tasks),
    Array.from({ length: counts.started }, (_, i) => i),
  )
})

t.test('paused: nothing starts while another one does, and nothing storms when it goes on', async (t) => {
  await put('paused')
  await until('it runs', async () => (await started('paused')) >= 1, EVENTS_MS)
  const { schedule } = await bus.call('pauseSchedule', { name: 'paused', reason: 'maintenance' })
  await put('beside')
  await until('the other one runs', async () => (await started('beside')) >= 4, EVENTS_MS)
  const still = await get('paused')
  t.ok(still.counts.started <= schedule.counts.started + 1, 'what was decided goes, nothing else')
  t.strictSame(still.nextRuns, [])
  t.match(still.paused, { reason: 'maintenance' })
  const resumed = await bus.call('resumeSchedule', { name: 'paused' })
  t.ok(resumed.schedule.counts.paused >= 3)
  await until('it goes on', async () => (await started('paused')) > still.counts.started, EVENTS_MS)
  const { counts } = await get('paused')
  t.ok(counts.started - still.counts.started <= 3, 'with what comes from then on')
  await Promise.all(['paused', 'beside'].map((name) => bus.call('deleteSchedule', { name })))
})

t.test('overlap cancel-running: the one before is cancelled, and the next runs', async (t) => {
  await put('cancels', {
    overlap: 'cancel-running',
    submission: plan('steered', { mode: 'heed' }) as never,
  })
  await until('two have run', async () => (await started('cancels')) >= 2, EVENTS_MS)
  await bus.call('deleteSchedule', { name: 'cancels' })
  const tasks = await tasksOf('cancels')
  t.ok(tasks.some(({ status }) => status === 'cancelled'))
  t.ok(tasks.filter(({ status }) => status === 'running').length <= 1)
  await Promise.all(tasks.map(({ id }) => bus.call('cancelTask', { taskId: id }).catch(() => undefined)))
})

t.test('overlap skip: while the first one runs, no other does', async (t) => {
  await put('slow', { overlap: 'skip', submission: plan('steered', { mode: 'hold' }) as never })
  await until('two were skipped', async () => (await get('slow')).counts.overlap >= 2, EVENTS_MS)
  const during = await get('slow')
  t.equal(during.counts.started, 1)
  t.equal(during.running.length, 1)
  t.match(during.lastSkip, { why: 'overlap' })
  steered.child.send('finish')
  await until('the next one runs', async () => (await started('slow')) >= 2, EVENTS_MS)
  await bus.call('deleteSchedule', { name: 'slow' })
})

t.test(
  'overlap queue: one waits, the first that came, and starts when nothing runs; later ones are skipped',
  async (t) => {
    const holding = await startSteered(t, servers)
    const queued = { overlap: 'queue' as const, submission: plan('steered', { mode: 'hold' }) as never }
    // The other process has said `finish` already: what it gets ends at once. So that one is the only one here.
    await steered.stop()
    await put('queues', queued)
    await until('later ones are skipped', async () => (await get('queues')).counts.overlap >= 2, EVENTS_MS)
    const during = await get('queues')
    t.equal(during.counts.started, 1)
    t.equal(during.running.length, 1)
    const [running] = await tasksOf('queues')
    const first = Date.parse(running!.labels!['murmur.scheduled-at']!)
    await until('it has begun', () => holding.has('began', running!.id), EVENTS_MS)
    holding.child.send('finish')
    await until('the next one has run', async () => (await started('queues')) >= 2, EVENTS_MS)
    await bus.call('deleteSchedule', { name: 'queues' })
    const [, second] = secondsOf(await tasksOf('queues'))
    t.equal(second, 1, 'it is the one that waited: that of the second behind the first')
    t.ok(Date.now() - first >= 2 * SECOND, 'though others came meanwhile')
  },
)

t.test('what it does is counted', async (t) => {
  const text = await (await fetch(`http://127.0.0.1:${factsOf(second).httpPort}/metrics`)).text()
  const of = (name: string) => Number(new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1])
  t.ok(of('murmur_schedule_started_total') > 20)
  t.ok(of('murmur_schedule_skipped_total\\{why="overlap"\\}') >= 2)
  t.ok(of('murmur_schedule_late_seconds_count') > 20)
  t.equal(of('murmur_schedules'), NAMES.length + 1)
})

t.test('a NATS that is started again: schedules are there, and go on', async (t) => {
  await put('restarted')
  await until('it runs', async () => (await started('restarted')) >= 2, EVENTS_MS)
  const { counts: before } = await get('restarted')
  await servers.killNats()
  await servers.restartNats()
  await until('it goes on', async () => (await started('restarted')) >= before.started + 3, EVENTS_MS)
  await bus.call('pauseSchedule', { name: 'restarted' })
  const { counts } = await get('restarted')
  let tasks: TaskSummary[] = []
  await until('all are there', async () => {
    tasks = await tasksOf('restarted').catch(() => [])
    return tasks.length >= counts.started
  })
  t.strictSame(
    secondsOf(tasks),
    Array.from({ length: counts.started }, (_, i) => i),
    'what was due meanwhile was caught up on',
  )
})
