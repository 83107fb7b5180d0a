import {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t from 'tap'
import type { LocalServers } from '../../deploy/local/servers/start-servers.ts'
import type { TaskState } from '../../schemas/task.ts'
import type { Bus } from '../../services/platform/nats/bus.ts'
import { replacedStreams } from '../../subjects/backup-streams.ts'
import { runInProcess } from '../cli/run-in-process.ts'
import { openBus } from '../support/bus.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, serverEnv, startService, stopChild } from '../support/services.ts'
import { until } from '../support/until.ts'

// The drill: a system at work is copied and lost; another one is made of the copy, with an empty Redis, and goes on.

const folder = mkdtempSync(join(tmpdir(), 'murmur-backup-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const PARTITIONS = { MURMUR_PARTITIONS: '2' }

const murmur = (servers: LocalServers, ...args: string[]) => {
  const env = { PATH: process.env.PATH, ...serverEnv(servers, 'operator'), NO_COLOR: '1', HOME: folder }
  return runInProcess(args, { folder, env })
}
const submit = (bus: Bus, key: string, agent: string, payload = 'x') =>
  bus.call('submitTask', {
    type: 'plan',
    idempotencyKey: key,
    input: {},
    plan: { steps: [{ id: 'a', agent, input: { payload } }] },
  })
const stateOf = async (bus: Bus, taskId: string) =>
  (await bus.call('getTask', { taskId }).catch(() => undefined))?.task as TaskState | undefined

const first = await withServers(t)
const orchestrator = await startService(t, first, 'services/orchestrator/main.ts', PARTITIONS)
const agents = await startService(t, first, 'loadtest/bench/noop-agents.ts')
const bus = await openBus(t, first.natsUrl)
const second = await withServers(t)
const whole = t

/** Above what travels within a message: it lies in the object store. */
const LARGE = 'y'.repeat(100_000)
const ended: string[] = []
let waiting = ''

t.test('a system at work is copied', async (t) => {
  for (const payload of ['x', LARGE]) {
    const { taskId } = await submit(bus, `done-${payload.length}`, 'noop-a', payload)
    t.equal((await endOfTask(bus, taskId)).status, 'completed')
    ended.push(taskId)
  }
  await bus.call('registerAgent', { type: 'absent', instance: 'absent-1', version: '1.0.0' })
  waiting = (await submit(bus, 'waiting', 'absent')).taskId
  await until('its step is out', async () => (await stateOf(bus, waiting))?.steps.a?.status === 'dispatched')
  await bus.call('putSchedule', {
    name: 'yearly',
    cron: '0 0 1 1 *',
    submission: { type: 'plan', plan: { steps: [{ id: 'a', agent: 'noop-a' }] } },
  })
  await bus.call('setAgentPolicy', { agent: 'noop-a', set: { concurrency: 7 } })
  const { code, out, err } = await murmur(first, 'backup', 'copy', '--metrics', 'collector/backup.prom')
  t.equal(code, 0, err)
  t.match(out, /LOG +\d/)
  t.match(err, /Keep it where this NATS is not/)
  const manifest = JSON.parse(readFileSync(join(folder, 'copy/manifest.json'), 'utf8'))
  const names = manifest.streams.map(({ name }: { name: string }) => name)
  t.ok(names.indexOf('SCHEDULES') < names.indexOf('LOG'), 'what starts tasks is copied before them')
  t.ok(names.indexOf('OBJ_MURMUR_BLOBS') > names.indexOf('LOG'), 'what tasks point at is copied after them')
  t.notOk(names.includes('STEPS'), 'steps are sent out again')
  t.strictSame(readdirSync(folder).sort(), ['collector', 'copy'], 'nothing else is left')
  const made = readFileSync(join(folder, 'collector/backup.prom'), 'utf8')
  t.match(made, `murmur_backup_timestamp_seconds ${manifest.startedAtMs / 1000}\n`)
})

t.test('a copy is never written over another one', async (t) => {
  const { code, err } = await murmur(first, 'backup', 'copy', '--metrics', 'collector/backup.prom')
  t.equal(code, 5)
  t.match(err, /FILE_EXISTS|is there already/)
})

t.test('nothing is restored below an orchestrator, nor over streams that are there', async (t) => {
  const running = await murmur(first, 'restore', 'copy', '--replace')
  t.equal(running.code, 5)
  t.match(running.err, /an orchestrator answers/)
  await stopChild(agents)
  await stopChild(orchestrator)
  const there = await murmur(first, 'restore', 'copy')
  t.equal(there.code, 5)
  t.match(there.err, /has streams already: .*LOG/)
})

t.test('a copy that was cut short or changed touches nothing', async (t) => {
  const archive = join(folder, 'copy/LOG/stream.tar.s2')
  const bytes = readFileSync(archive)
  truncateSync(archive, bytes.length - 1)
  const short = await murmur(first, 'restore', 'copy', '--replace')
  t.equal(short.code, 2)
  t.match(short.err, /has \d+ bytes, its manifest says \d+/)
  const changed = Buffer.from(bytes)
  changed[changed.length >> 1]! ^= 1
  writeFileSync(archive, changed)
  const other = await murmur(first, 'restore', 'copy', '--replace')
  t.equal(other.code, 2)
  t.match(other.err, /SHA-256 differs/)
  writeFileSync(archive, bytes)
  t.ok(await bus.backups.messagesIn('LOG'), 'what was there is there')
  const none = await murmur(first, 'restore', 'nothing-here')
  t.equal(none.code, 2)
  t.match(none.err, /is no backup/)
  t.notOk(existsSync(join(folder, 'nothing-here')))
})

t.test('another NATS with an empty Redis is made of it, and goes on', async (t) => {
  const { code, out, err } = await murmur(second, 'restore', 'copy')
  t.equal(code, 0, err)
  t.match(out, /LOG +\d/)
  await startService(whole, second, 'services/orchestrator/main.ts', PARTITIONS)
  await startService(whole, second, 'loadtest/bench/noop-agents.ts')
  const restored = await openBus(t, second.natsUrl)
  for (const [i, taskId] of ended.entries()) {
    await until('it is known', async () => (await stateOf(restored, taskId)) !== undefined)
    t.equal((await stateOf(restored, taskId))?.status, 'completed', `task ${i}`)
  }
  const again = await submit(restored, 'done-1', 'noop-a')
  t.strictSame(again, { taskId: ended[0], duplicate: true }, 'the same key is the same task')
  t.equal((await stateOf(restored, waiting))?.status, 'running')
  t.equal(
    await restored.backups.messagesIn('STEPS').then((count) => (count ?? 0) > 0),
    true,
    'the step that was out is out again',
  )
  t.match(await restored.call('getSchedule', { name: 'yearly' }), { schedule: { cron: '0 0 1 1 *' } })
  const { taskId } = await submit(restored, 'new', 'noop-a', LARGE)
  t.equal((await endOfTask(restored, taskId)).status, 'completed', 'new work is done')
  const download = await murmur(second, 'show', ended[1]!, '--json')
  t.equal(download.code, 0, download.err)
})

t.test('a NATS that has fallen behind is set to the copy', async (t) => {
  const before = await bus.backups.messagesIn('LOG')
  const { code, err } = await murmur(first, 'restore', 'copy', '--replace')
  t.equal(code, 0, err)
  t.ok((await bus.backups.messagesIn('LOG'))! <= before!)
  t.equal(await bus.backups.messagesIn('STEPS'), undefined, 'steps of the world before are gone')
  t.ok(replacedStreams().includes('STEPS'))
})

t.test('murmur doctor --cluster says what this deployment lacks', async (t) => {
  const url = second.natsUrlOf('operator')
  const restored = await openBus(t, second.natsUrl)
  await restored.call('registerAgent', { type: 'absent', instance: 'absent-1', version: '1.0.0' })
  const queued = async () =>
    (await restored.call('listQueues', {})).steps.some(
      ({ agent, waiting }) => agent === 'absent' && waiting > 0,
    )
  await until('its queue is counted', queued)
  const { code, out, err } = await murmur(
    second,
    'doctor',
    '--cluster',
    url,
    '--redis',
    second.redisUrl,
    '--json',
  )
  const { checks } = JSON.parse(out) as { checks: { name: string; status: string; evidence: string }[] }
  const of = (name: string) => checks.find((check) => check.name === name)
  t.equal(code, 1, `there is no edge: ${err}`)
  t.match(of('edges'), { status: 'fail' })
  t.match(of('orchestrators'), { status: 'warn', evidence: '1' })
  t.match(of('access'), { status: 'warn' }, 'tests let guests in')
  t.match(of('streams'), { status: 'ok', evidence: /the log has \d+ messages/ })
  t.match(of('versions'), { status: 'ok', evidence: /services \d+\.\d+\.\d+/ })
  t.match(of('clocks'), { status: 'ok', evidence: /ms (behind|ahead of) the broker's/ })
  t.match(of('agents'), { status: 'ok', evidence: /noop-a/ })
  t.match(of('queues'), { status: 'warn', evidence: /steps wait for absent/ })
  t.match(of('redis'), { status: 'ok', evidence: /noeviction/ })
  const nowhere = await murmur(second, 'doctor', '--cluster', 'nats://127.0.0.1:1')
  t.equal(nowhere.code, 1)
  t.match(nowhere.out, /no NATS server answers/)
  const alone = await murmur(second, 'doctor', '--redis', second.redisUrl)
  t.equal(alone.code, 2)
})
