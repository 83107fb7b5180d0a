import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import type { LocalServers } from '../../deploy/local/servers/start-servers.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { TaskState, TaskSummary } from '../../schemas/task.ts'
import { MurmurError } from '../../services/platform/errors/murmur-error.ts'
import type { Bus } from '../../services/platform/nats/bus.ts'
import { FolderStore } from '../../services/platform/storage/folder-store.ts'
import { STREAMS } from '../../subjects/streams.ts'
import { runInProcess } from '../cli/run-in-process.ts'
import { startAgents } from '../support/agent-process.ts'
import { archiveLevel } from '../support/archive-level.ts'
import { openBus } from '../support/bus.ts'
import { planAgents } from '../support/plan-agents.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, serverEnv, startService, stopChild } from '../support/services.ts'
import { until } from '../support/until.ts'

// The drill: checkpoints keep the log short, so most of what has happened is in the archive alone. All is lost but two copies, of NATS and of the
// archive; another system is made of them, and goes on. Then NATS alone is set back, beside the Redis and the archive that were there.

t.setTimeout(240_000)
const PARTITIONS = 2
const folder = mkdtempSync(join(tmpdir(), 'murmur-drill-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const archive = join(folder, 'archive')
const whole = t

const startOrchestrator = (servers: LocalServers, place: string) =>
  startService(whole, servers, 'services/orchestrator/main.ts', {
    MURMUR_PARTITIONS: String(PARTITIONS),
    MURMUR_ARCHIVE: place,
    MURMUR_ARCHIVE_SEGMENT_MS: '200',
    MURMUR_CHECKPOINTS: 'yes',
    MURMUR_CHECKPOINT_MS: '100',
    MURMUR_LOG_MARGIN_MS: '1000',
    MURMUR_LOG_LEVEL: 'error',
  })
const startWorkers = (servers: LocalServers) =>
  startAgents(whole, servers.natsUrl, planAgents({ undone: [], runs: new Map() }), { instance: 'drill' })
const murmur = (servers: LocalServers, args: readonly string[], env: NodeJS.ProcessEnv = {}) =>
  runInProcess([...args], {
    folder,
    env: { PATH: process.env.PATH, ...serverEnv(servers, 'operator'), NO_COLOR: '1', HOME: folder, ...env },
  })

const short: Plan = { steps: [{ id: 'one', agent: 'double', input: { n: 3 } }] }
const long: Plan = {
  steps: [
    { id: 'before', agent: 'double', input: { n: 21 } },
    { id: 'go', needs: ['before'], waitFor: { signal: 'go' } },
    {
      id: 'last',
      agent: 'double',
      needs: ['before', 'go'],
      input: { n: { $from: 'steps.before.output.n' } },
    },
  ],
}
const submit = (bus: Bus, idempotencyKey: string, plan: Plan) =>
  bus.call('submitTask', { type: 'plan', idempotencyKey, plan, input: {} })
const get = async (bus: Bus, taskId: string) => (await bus.call('getTask', { taskId })).task as TaskState
/** Once everything is level: a fault that passes is none. */
const eventually = async (bus: Bus, taskId: string): Promise<TaskState> => {
  let found: TaskState | undefined
  await until(
    `${taskId} is answered for`,
    async () => {
      found = await get(bus, taskId).catch((error: unknown) => {
        if (error instanceof MurmurError && error.code === 'UNAVAILABLE') return undefined
        throw error
      })
      return found !== undefined
    },
    30_000,
  )
  return found!
}
const signal = (bus: Bus, taskId: string) =>
  bus.call('signalTask', { taskId, name: 'go', id: 'go', payload: 1 })
const listed = async (bus: Bus): Promise<string[]> => {
  const tasks: TaskSummary[] = []
  let cursor: string | undefined
  do {
    const page = await bus.call('listTasks', { limit: 50, ...(cursor && { cursor }) })
    tasks.push(...page.tasks)
    cursor = page.nextCursor
  } while (cursor !== undefined)
  return tasks.map(({ id }) => id)
}
let turns = 0
/** Everything that the log has now is purged. */
const turnOver = async (bus: Bus) => {
  const { lastSeq } = await bus.streams.facts(STREAMS.log.name)
  await until(
    'all of it is purged',
    async () => {
      const turn = turns++
      await Promise.all(
        [0, 1, 2].map(async (i) => endOfTask(bus, (await submit(bus, `turn-${turn}-${i}`, short)).taskId)),
      )
      return (await bus.streams.facts(STREAMS.log.name)).firstSeq > lastSeq
    },
    60_000,
  )
}

const first = await withServers(t)
let orchestrator = await startOrchestrator(first, archive)
const workers = await startWorkers(first)
const bus = await openBus(t, first.natsUrl)
const ended: string[] = []
const active: string[] = []
/** Ended after the copy. */
let late = ''
let lateActive = ''

t.test('a system at work is copied: first NATS, then the archive', async (t) => {
  for (let i = 0; i < 6; i++) active.push((await submit(bus, `active-${i}`, long)).taskId)
  for (let i = 0; i < 8; i++) ended.push((await submit(bus, `ended-${i}`, short)).taskId)
  await Promise.all(ended.map((id) => endOfTask(bus, id)))
  await turnOver(bus)
  await turnOver(bus)
  t.equal((await get(bus, active[0]!)).steps.go?.status, 'awaiting-signal')
  const { code, err } = await murmur(first, ['backup', 'copy'])
  t.equal(code, 0, err)
  // What the copy of NATS does not have any more was archived before.
  cpSync(archive, join(folder, 'archive-copy'), { recursive: true })
  late = (await submit(bus, 'late', short)).taskId
  await endOfTask(bus, late)
  lateActive = (await submit(bus, 'late-active', long)).taskId
  await signal(bus, active[5]!)
  t.equal((await endOfTask(bus, active[5]!)).status, 'completed', 'its end is not in the copy')
  await until(
    'all is archived',
    async () => (await archiveLevel(bus, new FolderStore(archive), PARTITIONS)).isAll,
    20_000,
  )
})

/** All that `murmur history` lists, page by page. */
async function archivedIds(servers: LocalServers, place: string): Promise<Set<string>> {
  const ids = new Set<string>()
  for (let cursor: string | undefined, page = 0; page < 100; page++) {
    const from = cursor === undefined ? [] : ['--cursor', cursor]
    const list = ['history', '--archive', place, '--json', '--limit', '500', ...from]
    const shown = JSON.parse((await murmur(servers, list)).out) as {
      tasks: TaskSummary[]
      nextCursor?: string
    }
    for (const { id } of shown.tasks) ids.add(id)
    cursor = shown.nextCursor
    if (cursor === undefined) break
  }
  return ids
}

/** What has to be so wherever a copy goes on. */
async function checkGoesOn(t: Test, on: Bus, place: string): Promise<void> {
  for (const id of ended) {
    const task = await eventually(on, id)
    t.match(task, { status: 'completed', steps: { one: { output: { n: 6 } } } }, 'finished tasks are read')
  }
  for (const [i, id] of ended.entries())
    t.strictSame(
      await submit(on, `ended-${i}`, short),
      { taskId: id, duplicate: true },
      'their keys are known',
    )
  for (const [i, id] of active.slice(0, 5).entries()) {
    t.match(await eventually(on, id), { status: 'running', steps: { go: { status: 'awaiting-signal' } } })
    t.match(await submit(on, `active-${i}`, long), { taskId: id, duplicate: true })
  }
  await signal(on, active[0]!)
  t.match(await endOfTask(on, active[0]!), { status: 'completed', steps: { last: { output: { n: 84 } } } })
  const next = await submit(on, 'next', short)
  t.equal((await endOfTask(on, next.taskId)).status, 'completed', 'new work is done')
  const all = await listed(on)
  t.equal(new Set(all).size, all.length, 'none is listed twice')
  for (const id of [...ended, ...active]) t.ok(all.includes(id), `${id} is listed`)
  const store = new FolderStore(place)
  await until(
    'what happens is archived',
    async () => (await archiveLevel(on, store, PARTITIONS)).isAll,
    20_000,
  )
}

t.test('all is lost but the copies: another system is made of them, and goes on', async (t) => {
  await stopChild(orchestrator)
  const second = await withServers(whole)
  const { code, err } = await murmur(second, ['restore', 'copy'])
  t.equal(code, 0, err)
  const place = join(folder, 'archive-copy')
  let restored = await startOrchestrator(second, place)
  await startWorkers(second)
  const on = await openBus(whole, second.natsUrl)
  await checkGoesOn(t, on, place)
  t.equal((await get(on, active[5]!)).status, 'running', 'its end is lost, it is not')
  const lost = await get(on, late).catch((error: unknown) => (error as MurmurError).code)
  t.equal(lost, 'TASK_NOT_FOUND', 'what came after the copy is lost')
  const again = await submit(on, 'late', short)
  t.match(again, { taskId: late, duplicate: false })
  t.equal((await endOfTask(on, late)).status, 'completed', 'and done again')

  // What lived through the loss is read when neither Redis nor the log has it: its beginning lies in the archive of the log before.
  await turnOver(on)
  await stopChild(restored)
  const { Redis } = await import('ioredis')
  const redis = new Redis(second.redisUrl)
  await redis.flushall()
  redis.disconnect()
  restored = await startOrchestrator(second, place)
  t.match(await eventually(on, active[0]!), { status: 'completed', steps: { before: { output: { n: 42 } } } })
  t.match(await submit(on, 'active-0', long), { taskId: active[0], duplicate: true })
  for (const id of ended) t.equal((await eventually(on, id)).status, 'completed')
  const verified = await murmur(second, ['history', 'verify', '--archive', place, '--json'])
  t.equal(verified.code, 0, verified.err)
  t.match(JSON.parse(verified.out), { faults: [] })
  const names = await archivedIds(second, place)
  t.ok(names.has(active[0]!) && names.has(ended[0]!))
  await stopChild(restored)
})

t.test('NATS alone is set back, beside the Redis and the archive that were there', async (t) => {
  await workers.stop()
  const { code, err } = await murmur(first, ['restore', 'copy', '--replace'])
  t.equal(code, 0, err)
  orchestrator = await startOrchestrator(first, archive)
  await startWorkers(first)
  await checkGoesOn(t, bus, archive)
  t.equal((await eventually(bus, late)).status, 'completed', 'the archive has what the copy has not')
  t.strictSame(
    await submit(bus, 'late', short),
    { taskId: late, duplicate: true },
    'so nothing is done twice',
  )
  const lost = await get(bus, lateActive).catch((error: unknown) => (error as MurmurError).code)
  t.equal(lost, 'TASK_NOT_FOUND', 'what had not ended is lost')
})
