import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis as Client } from 'ioredis'
import t from 'tap'
import type { Plan } from '../../schemas/plan.ts'
import type { TaskState } from '../../schemas/task.ts'
import { subjectOf } from '../../subjects/operations.ts'
import { STREAMS } from '../../subjects/streams.ts'
import { startAgents } from '../support/agent-process.ts'
import { openBus, openNats } from '../support/bus.ts'
import { planAgents } from '../support/plan-agents.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, factsOf, startService } from '../support/services.ts'
import { until } from '../support/until.ts'

t.setTimeout(150_000)
const PARTITIONS = 2
const folder = mkdtempSync(join(tmpdir(), 'murmur-archive-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const servers = await withServers(t)
const startOrchestrator = () =>
  startService(t, servers, 'services/orchestrator/main.ts', {
    MURMUR_PARTITIONS: String(PARTITIONS),
    MURMUR_ARCHIVE: folder,
    MURMUR_ARCHIVE_SEGMENT_MS: '200',
    MURMUR_CHECKPOINTS: 'yes',
    MURMUR_CHECKPOINT_MS: '100',
    MURMUR_LOG_MARGIN_MS: '1000',
    MURMUR_LOG_LEVEL: 'error',
  })
let orchestrator = await startOrchestrator()
const bus = await openBus(t, servers.natsUrl)
const { jsm } = await openNats(t, servers.natsUrl)
const redis = new Client(servers.redisUrl)
t.teardown(() => redis.disconnect())
await startAgents(t, servers.natsUrl, planAgents({ undone: [], runs: new Map() }), {
  instance: 'checkpoints',
})

const TIMEOUT = { timeoutMs: 5000 }
const ask = (operation: Parameters<typeof subjectOf>[0], body: object) =>
  bus.request(subjectOf(operation, { tenant: 'default' }), body, TIMEOUT)
const submit = async (idempotencyKey: string, plan: Plan) =>
  (await ask('submitTask', { type: 'plan', idempotencyKey, plan, input: { items: [1, 2, 3, 4] } })) as {
    taskId: string
    duplicate: boolean
  }
const get = async (taskId: string) => ((await ask('getTask', { taskId })) as { task: TaskState }).task
/** Without why an instance got a step: that is in no log. */
const stateOf = async (taskId: string) => {
  const task = await get(taskId)
  for (const step of Object.values(task.steps)) delete step.placement
  return task
}
const signal = (taskId: string, name: string) => ask('signalTask', { taskId, name, id: name, payload: 1 })
const short: Plan = { steps: [{ id: 'one', agent: 'double', input: { n: 3 } }] }
const long: Plan = {
  steps: [
    { id: 'before', agent: 'double', input: { n: 21 } },
    { id: 'go', needs: ['before'], waitFor: { signal: 'go' } },
    { id: 'on', needs: ['go'], waitFor: { signal: 'on' } },
    {
      id: 'last',
      agent: 'double',
      needs: ['before', 'on'],
      input: { n: { $from: 'steps.before.output.n' } },
    },
  ],
}
const listed: Plan = {
  steps: [
    {
      id: 'each',
      agent: 'double',
      forEach: { items: { $from: 'input.items' }, concurrency: 2 },
      input: { n: { $from: 'item' } },
    },
    { id: 'hold', needs: ['each'], waitFor: { signal: 'go' } },
  ],
}
const metric = async (name: string) => {
  const text = await (await fetch(`http://127.0.0.1:${factsOf(orchestrator).httpPort}/metrics`)).text()
  return text
    .split('\n')
    .filter((line) => line.startsWith(name))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}
const firstSeq = async () => (await bus.streams.facts(STREAMS.log.name)).firstSeq
let turns = 0
/** The log turns over: everything that it has now is purged. */
const turnOver = async () => {
  const { lastSeq } = await bus.streams.facts(STREAMS.log.name)
  await until(
    'all of it is purged',
    async () => {
      // Short tasks in all partitions: what is purged lies before what still comes.
      const turn = turns++
      const ended = [0, 1, 2].map(async (i) =>
        endOfTask(bus, (await submit(`turn-${turn}-${i}`, short)).taskId),
      )
      await Promise.all(ended)
      return (await firstSeq()) > lastSeq
    },
    40_000,
  )
}
const level = () =>
  until(
    'every partition is level',
    async () => {
      const all = await Promise.all([0, 1].map((p) => redis.hget(`murmur:{p${p}}:position`, 'level')))
      return all.every((one) => one === '1')
    },
    30_000,
  )

const lasting: string[] = []

t.test('a task that lives longer than the log goes on, over many turns of it', async (t) => {
  for (let i = 0; i < 6; i++) lasting.push((await submit(`long-${i}`, long)).taskId)
  lasting.push((await submit('listed', listed)).taskId)
  await Promise.all(
    lasting.map((taskId) =>
      until('it waits', async () => {
        const { steps } = await get(taskId)
        return (steps.go ?? steps.hold)?.status === 'awaiting-signal'
      }),
    ),
  )
  await turnOver()
  await turnOver()
  t.ok((await metric('murmur_checkpoints_written_total')) >= lasting.length)
  t.ok((await metric('murmur_log_purged_messages_total')) > 0)
  t.equal(await metric('murmur_partition_rebuilds_total'), 0)
  for (const taskId of lasting) t.equal((await get(taskId)).status, 'running')
})

t.test('emptied, it comes back from checkpoints; nobody is told that it is not there', async (t) => {
  const { taskId: ended } = await submit('ended', short)
  t.equal((await endOfTask(bus, ended)).status, 'completed')
  await turnOver()
  const before = new Map(await Promise.all(lasting.map(async (id) => [id, await stateOf(id)] as const)))
  const codes = new Set<string>()
  const codeOf = (taskId: string) =>
    get(taskId).then(
      () => 'answered',
      (error: unknown) => (error as { code: string }).code,
    )
  await redis.flushall()
  await until(
    'all are there again',
    async () => {
      const answers = await Promise.all(lasting.map(codeOf))
      for (const code of answers) codes.add(code)
      return answers.every((code) => code === 'answered')
    },
    30_000,
  )
  t.notOk(codes.has('TASK_NOT_FOUND'), [...codes].join())
  await level()
  for (const [id, state] of before) t.strictSame(await stateOf(id), state, 'as it was')
  t.equal(await redis.exists(`murmur:{p0}:state:${ended}`, `murmur:{p1}:state:${ended}`), 0, 'it is history')
  t.equal((await get(ended)).status, 'completed', 'which is read as before')
  t.match(await submit('ended', short), { taskId: ended, duplicate: true }, 'and its key is known')
  t.match(await submit('long-0', long), { taskId: lasting[0], duplicate: true })
  t.equal(await metric('murmur_tasks_lost_total'), 0)
})

t.test('its owner is killed, and Redis emptied: another one goes on', async (t) => {
  await signal(lasting[0]!, 'go')
  await until(
    'it is one step on',
    async () => (await get(lasting[0]!)).steps.on?.status === 'awaiting-signal',
  )
  await turnOver()
  orchestrator.kill('SIGKILL')
  await redis.flushall()
  orchestrator = await startOrchestrator()
  await level()
  t.equal((await get(lasting[0]!)).steps.on?.status, 'awaiting-signal')
  await Promise.all(lasting.slice(1).map((taskId) => signal(taskId, 'go')))
  await Promise.all(lasting.slice(0, 6).map((taskId) => signal(taskId, 'on')))
  const ends = await Promise.all(lasting.map((taskId) => endOfTask(bus, taskId)))
  t.strictSame(
    ends.map(({ status }) => status),
    lasting.map(() => 'completed'),
  )
  t.match(ends[0]!.steps.last?.output, { n: 84 })
  t.equal(ends.at(-1)!.steps.each?.status, 'completed')
})

t.test('when they have ended, no checkpoint is left of them, and the log stays short', async (t) => {
  await turnOver()
  await turnOver()
  const states = async () =>
    Object.keys(
      (await jsm.streams.info('CHECKPOINTS', { subjects_filter: 'checkpoints.>' })).state.subjects ?? {},
    )
  await until(
    'they are gone',
    async () => {
      const left = await states()
      return lasting.every((taskId) => !left.some((subject) => subject.includes(taskId)))
    },
    20_000,
  )
  t.equal(await metric('murmur_tasks_lost_total'), 0)
})
