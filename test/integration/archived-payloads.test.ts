import { randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import t from 'tap'
import type { TaskState } from '#schemas/task.ts'
import { SERVICES } from '#subjects/operations.ts'
import { STREAMS } from '#subjects/streams.ts'
import { SUBJECTS } from '#subjects/subjects.ts'
import { decompressFrames } from '../../services/orchestrator/history/zstd-frames.ts'
import type { MurmurError } from '../../services/platform/errors/murmur-error.ts'
import { FolderStore } from '../../services/platform/storage/folder-store.ts'
import { startMurmur } from '../cli/run-murmur.ts'
import { archiveLevel } from '../support/archive-level.ts'
import { openBus, openNats } from '../support/bus.ts'
import { formsOf, placesOf } from '../support/kept-payloads.ts'
import { withServers } from '../support/servers.ts'
import { endOfTask, factsOf, startService, stopChild } from '../support/services.ts'
import { until } from '../support/until.ts'

/** What every payload of this file has in it. Of a length that base64 has no rest of. */
const MARKER = 'zQmarkerOfAPayload7Kx'
const PARTITIONS = 2
const servers = await withServers(t)
const bus = await openBus(t, servers.natsUrl)
const { jsm } = await openNats(t, servers.natsUrl)
const redis = new Redis(servers.redisUrl)
t.teardown(() => redis.disconnect())
const folder = mkdtempSync(join(tmpdir(), 'murmur-payloads-'))
t.teardown(() => rmSync(folder, { recursive: true, force: true }))
const keyFile = join(folder, 'payload-keys')
const lineOf = (id: string) => `${id} * ${randomBytes(32).toString('base64')}\n`
writeFileSync(keyFile, lineOf('first'))
const archive = join(folder, 'archive')
const env = {
  MURMUR_ARCHIVE: archive,
  MURMUR_ARCHIVE_SEGMENT_MS: '200',
  MURMUR_PAYLOAD_KEYS: keyFile,
  MURMUR_PARTITIONS: String(PARTITIONS),
}
const startOrchestrator = (more: Record<string, string> = {}) =>
  startService(t, servers, 'services/orchestrator/main.ts', { ...env, ...more })
let orchestrator = await startOrchestrator()
const edge = await startService(t, servers, 'services/edge/main.ts', env)
await startService(t, servers, 'test/support/marking-agent.ts', { MURMUR_PAYLOAD_KEYS: keyFile })

const ask = (subject: string, body: object) => bus.request(subject, body, { timeoutMs: 5000 })
const url = `http://127.0.0.1:${factsOf(edge).restPort}`
const rest = async (path: string) => {
  const answer = await fetch(url + path)
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
}
const stateOf = async (taskId: string) =>
  ((await ask(SERVICES.getTask, { taskId })) as { task: TaskState }).task
const submit = async (plan: object, input: object) => {
  const labels = { of: MARKER }
  return ((await ask(SERVICES.submitTask, { type: 'plan', plan, input, labels })) as { taskId: string })
    .taskId
}
const allArchived = async () => (await archiveLevel(bus, new FolderStore(archive), PARTITIONS)).isAll
const placesOfMarker = () => placesOf(MARKER, { jsm, redis, archive })

const INPUT = { text: MARKER }
const text = { $from: 'input.text' }
const wholeTask = await submit(
  { steps: [{ id: 'large', agent: 'echo', input: { text, copies: 2000 } }] },
  INPUT,
)
await endOfTask(bus, wholeTask)
await endOfTask(bus, await submit({ steps: [{ id: 'fails', agent: 'failing', input: { text } }] }, INPUT))

t.test(
  'a task that only the archive has is read with its keys, and without them it is said which one is missing',
  async (t) => {
    const before = await stateOf(wholeTask)
    await until('all is archived', allArchived, 20_000)
    t.strictSame(await placesOfMarker(), [])
    const run = async (args: string[], more: Record<string, string> = {}) => {
      const murmur = startMurmur(args, { cwd: folder, env: { ...process.env, ...more } })
      return { code: await murmur.ended, out: murmur.out(), err: murmur.err() }
    }
    const keyed = { MURMUR_PAYLOAD_KEYS: keyFile }
    const capsule = join(folder, 'task.capsule.zst')
    const make = ['capsule', wholeTask, '--archive', archive, '--out', capsule]
    t.match(await run(make), { code: /[1-9]/, err: /PAYLOAD_KEY_MISSING/ }, 'no capsule without keys')
    t.match(await run(make, { ...keyed, MURMUR_EDGE_URL: url }), { code: 0, err: /\d objects?/ })
    const whole = decompressFrames(readFileSync(capsule), 1e9).toString()
    t.match(whole, '"sealedBytes":"', 'it has what objects hold')
    t.strictSame(
      formsOf(MARKER).filter((form) => whole.includes(form)),
      [],
      'and nothing of a payload',
    )
    const open = ['capsule', 'open', capsule]
    t.match(await run(open), { code: /[1-9]/, err: /PAYLOAD_KEY_MISSING/ })
    t.match(JSON.parse((await run(['--json', ...open], keyed)).out), { isSame: true, task: { input: INPUT } })
    t.match(await run(['history', 'replay', wholeTask, '--archive', archive], keyed), {
      code: 0,
      out: /1 end compared, 0 different/,
    })
    const listed = ['--json', 'history', '--status', 'failed', '--archive', archive]
    const failed = async (more: Record<string, string>) =>
      (JSON.parse((await run(listed, more)).out) as { tasks: { error?: { code: string } }[] }).tasks
    const told = [{ status: 'failed', labels: { of: MARKER }, error: { code: 'NO_LUCK' } }]
    t.match(await failed(keyed), told)
    const untold = [{ status: 'failed', labels: undefined, error: undefined }]
    t.match(await failed({}), untold)

    const { upTo } = await archiveLevel(bus, new FolderStore(archive), PARTITIONS)
    for (const [partition, seq] of upTo.entries())
      await jsm.streams.purge(STREAMS.log.name, { filter: SUBJECTS.logOfPartition(partition), seq: seq + 1 })
    await redis.flushall()
    const level = () => stateOf(wholeTask).catch((error: MurmurError) => error.code !== 'UNAVAILABLE')
    await until('all partitions are level', async () => Boolean(await level()))
    t.equal((await redis.keys('murmur:{p*}:state:*')).length, 0, 'Redis has no task')
    const { input, output } = before
    t.match(await rest(`/v1/tasks/${wholeTask}`), { status: 200, body: { task: { input, output } } })

    t.match(await rest('/v1/tasks?status=failed'), { status: 200, body: { tasks: told } })

    await stopChild(orchestrator)
    const none = join(folder, 'no-keys-of-then')
    writeFileSync(none, lineOf('third'))
    orchestrator = await startOrchestrator({ MURMUR_PAYLOAD_KEYS: none })
    await until('all partitions are level', async () => Boolean(await level()))
    t.match(await rest(`/v1/tasks/${wholeTask}`), {
      status: 503,
      body: { code: 'PAYLOAD_KEY_MISSING', detail: /key "\w+" for payloads of tenant "default"/ },
    })
    t.match(await rest('/v1/tasks?status=failed'), { status: 200, body: { tasks: untold } })
    writeFileSync(none, readFileSync(keyFile))
    await until('they are read', async () => (await rest(`/v1/tasks/${wholeTask}`)).status === 200, 20_000)
  },
)
