import { execFile } from 'node:child_process'
import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { mirrorStates } from '../../deploy/nats/second-site.ts'
import type { Plan } from '../../schemas/plan.ts'
import type { TaskState } from '../../schemas/task.ts'
import type { Bus } from '../../services/platform/nats/bus.ts'
import type { StreamBackup } from '../../services/platform/nats/stream-backups.ts'
import { subjectOf } from '../../subjects/operations.ts'
import { STREAMS } from '../../subjects/streams.ts'
import { openBus } from '../support/bus.ts'
import { endOfTask, startService, stopChild } from '../support/services.ts'
import { ROOT } from '../support/source-files.ts'
import { withTwoSites } from '../support/two-sites.ts'
import { until } from '../support/until.ts'

// The drill: a second site follows the first one, which is lost; the second goes on, and what is missing there is counted.

t.setTimeout(300_000)
const folder = mkdtempSync(join(tmpdir(), 'murmur-second-site-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const { first, second, link } = await withTwoSites(t)
const env = (archive: string) => ({
  MURMUR_PARTITIONS: '2',
  MURMUR_ARCHIVE: join(folder, archive),
  MURMUR_ARCHIVE_SEGMENT_MS: '200',
  MURMUR_CHECKPOINTS: 'yes',
  MURMUR_CHECKPOINT_MS: '100',
  MURMUR_LOG_MARGIN_MS: '1000',
})
const orchestrator = await startService(t, first, 'services/orchestrator/main.ts', env('east'))
const agents = await startService(t, first, 'loadtest/bench/noop-agents.ts')
const east = await openBus(t, first.natsUrl)
const west = await openBus(t, second.natsUrl)
const whole = t

const run = promisify(execFile)
const secondSite = (...args: string[]) =>
  run(process.execPath, [join(ROOT, 'deploy/nats/second-site.ts'), ...args])
const at = ['--at', second.natsUrlOf('orchestrator')]
const ask = (bus: Bus, operation: Parameters<typeof subjectOf>[0], body: object) =>
  bus.request(subjectOf(operation, { tenant: 'default' }), body, { timeoutMs: 5000 })
const submit = async (bus: Bus, idempotencyKey: string, plan: Plan) =>
  (await ask(bus, 'submitTask', { type: 'plan', idempotencyKey, input: {}, plan })) as {
    taskId: string
    duplicate: boolean
  }
const stateOf = async (bus: Bus, taskId: string) =>
  ((await ask(bus, 'getTask', { taskId })) as { task: TaskState }).task
const step = (payload: string): Plan => ({ steps: [{ id: 'a', agent: 'noop-a', input: { payload } }] })
/** Above what travels within a message: it lies in the object store. */
const LARGE = 'y'.repeat(100_000)
const waiting: Plan = {
  steps: [
    { id: 'go', waitFor: { signal: 'go' } },
    { id: 'after', needs: ['go'], agent: 'noop-b', input: { payload: LARGE } },
  ],
}
const ended: string[] = []
const lasting: string[] = []
let lost: string[] = []
let checkpoints: { about: StreamBackup; chunks: Uint8Array[] } | undefined

t.test('a task waits for so long that the log has forgotten it', async (t) => {
  lasting.push((await submit(east, 'lasting-0', waiting)).taskId)
  await until(
    'it waits',
    async () => (await stateOf(east, lasting[0]!)).steps.go?.status === 'awaiting-signal',
  )
  const { lastSeq } = await east.streams.facts(STREAMS.log.name)
  let turn = 0
  await until(
    'its events are purged',
    async () => {
      const keys = [0, 1, 2, 3].map((i) => `turn-${turn}-${i}`)
      turn++
      await Promise.all(keys.map(async (key) => endOfTask(east, (await submit(east, key, step('x'))).taskId)))
      return (await east.streams.facts(STREAMS.log.name)).firstSeq > lastSeq
    },
    60_000,
  )
  t.pass()
})

t.test('a second site follows', async (t) => {
  const { stdout: printed } = await secondSite('config', '--first', 'east', '--second', 'west')
  t.match(printed, /user: "second-site"/)
  t.equal(west.streams.isCluster, false, 'a link makes no cluster')
  const from = ['--from', first.natsUrlOf('operator'), '--first', 'east', '--second', 'west']
  const { stdout } = await secondSite('start', ...at, ...from)
  t.match(stdout, /follows: .*LOG.*OBJ_MURMUR_BLOBS/)
  t.notMatch(stdout, /STEPS|INTAKE|CHECKPOINTS/)
  await secondSite('start', ...at, ...from)
  await ask(east, 'putSchedule', {
    name: 'yearly',
    cron: '0 0 1 1 *',
    submission: { type: 'plan', plan: step('x') },
  })
  await east.call('setAgentPolicy', { agent: 'noop-a', set: { concurrency: 7 } })
  lasting.push((await submit(east, 'lasting-1', waiting)).taskId)
  for (let i = 0; i < 30; i++)
    ended.push((await submit(east, `ended-${i}`, step(i % 10 ? 'x' : LARGE))).taskId)
  for (const taskId of ended) t.equal((await endOfTask(east, taskId)).status, 'completed')
  const { lastSeq } = await east.streams.facts(STREAMS.log.name)
  await until(
    'all has come',
    async () => (await west.mirrors.state(STREAMS.log.name))!.lastSeq >= lastSeq,
    30_000,
  )
  const { stdout: states } = await secondSite('status', ...at)
  t.match(states, /LOG .* lacks 0, heard \d+ ms ago/)
})

t.test('checkpoints and the archive are copied from time to time', async (t) => {
  const chunks: Uint8Array[] = []
  const about = await east.backups.snapshot(STREAMS.checkpoints.name, async (chunk) => {
    chunks.push(Uint8Array.from(chunk))
  })
  checkpoints = { about, chunks }
  t.ok(about.state.messages > 0)
  cpSync(join(folder, 'east'), join(folder, 'west'), { recursive: true })
})

t.test('the link fails, and then the first site', async (t) => {
  link.cut()
  lost = await Promise.all(
    Array.from({ length: 10 }, async (_, i) => (await submit(east, `late-${i}`, step('x'))).taskId),
  )
  for (const taskId of lost) t.equal((await endOfTask(east, taskId)).status, 'completed')
  const early = await secondSite('promote', ...at).catch((error: { stderr: string }) => error)
  t.match((early as { stderr?: string }).stderr, /the first site is there/, 'it was heard a moment ago')
  await first.node.signal('SIGKILL')
  for (const child of [orchestrator, agents]) child.kill('SIGKILL')
  await Promise.all([stopChild(orchestrator), stopChild(agents)])
  await until(
    'it was heard for the last time ten seconds ago',
    async () => (await mirrorStates(west)).every(({ heardMs = 0 }) => heardMs > 10_000),
    30_000,
  )
})

t.test('the second site takes its place, and what had not come is all that is missing', async (t) => {
  const { stdout } = await secondSite('promote', ...at)
  t.match(stdout, /streams of their own now/)
  const { about, chunks } = checkpoints!
  await west.backups.restore(
    about,
    (async function* () {
      yield* chunks
    })(),
  )
  await startService(whole, second, 'services/orchestrator/main.ts', env('west'))
  await startService(whole, second, 'loadtest/bench/noop-agents.ts')
  for (const [i, taskId] of ended.entries()) {
    t.equal((await endOfTask(west, taskId)).status, 'completed', `task ${i}`)
    const again = await submit(west, `ended-${i}`, step(i % 10 ? 'x' : LARGE))
    t.strictSame(again, { taskId, duplicate: true }, 'its key is known')
  }
  for (const taskId of lasting) {
    t.equal((await stateOf(west, taskId)).steps.go?.status, 'awaiting-signal')
    await ask(west, 'signalTask', { taskId, name: 'go', id: 'go', payload: 1 })
    t.equal((await endOfTask(west, taskId)).status, 'completed', 'with an object that has come')
  }
  const unknown = await Promise.all(
    lost.map((taskId) =>
      stateOf(west, taskId).then(
        () => 'known',
        (error: { code?: string }) => error.code,
      ),
    ),
  )
  t.strictSame([...new Set(unknown)], ['TASK_NOT_FOUND'], 'what came after the link had failed')
  for (const [i, taskId] of lost.entries()) {
    const again = await submit(west, `late-${i}`, step('x'))
    t.equal(again.duplicate, false, 'under its key it is submitted again')
    t.equal((await endOfTask(west, again.taskId)).status, 'completed')
    t.equal(again.taskId, taskId, 'as the same task')
  }
  t.match(await ask(west, 'getSchedule', { name: 'yearly' }), { schedule: { cron: '0 0 1 1 *' } })
  const surveys = await Promise.all(Object.values(STREAMS).map(({ name }) => west.survey.stream(name)))
  t.notOk(surveys.includes(undefined), 'all streams are there, as orchestrators make them')
  t.strictSame(
    surveys.map((survey) => survey?.discard),
    Object.values(STREAMS).map(({ discard }) => discard),
  )
})
