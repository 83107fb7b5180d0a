import {
  appendFileSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import t, { type Test } from 'tap'
import { createRedis, waitForRedis } from '#platform/redis/redis.ts'
import { SERVICES } from '#subjects/operations.ts'
import { startManaged } from '../../../../deploy/local/servers/managed-server.ts'
import { redisLauncher } from '../../../../deploy/local/servers/redis-launcher.ts'
import { resolveRedis } from '../../../../deploy/local/servers/resolve-redis.ts'
import type { ServerProcess } from '../../../../deploy/local/servers/server-process.ts'
import type { ServerUsers } from '../../../../deploy/local/servers/server-users.ts'
import { type LocalServers, startServers } from '../../../../deploy/local/servers/start-servers.ts'
import { stackUsers } from '../../../../deploy/local/stack/stack-users.ts'
import { REDIS_ROLES, redisUserLines } from '../../../../deploy/redis/users.ts'
import { alertFromEvent } from '../../../../services/agents/video/alerting/alert-from-event.ts'
import { RedisAlertStore } from '../../../../services/agents/video/alerting/history/redis-alert-store.ts'
import { eventOf, ruleOf } from '../../../agents/video/alerting/alerting-fixture.ts'
import { openBus } from '../../../support/bus.ts'
import { contentsOf, keyCount, keysInFiles } from '../../../support/redis-contents.ts'
import { withServers } from '../../../support/servers.ts'
import { endOfTask, startService } from '../../../support/services.ts'
import { ROOT } from '../../../support/source-files.ts'

const USERS = { orchestrator: ['orchestrator'], edge: ['edge'], video: ['tracking', 'alerting'] } as const
const TASKS = 12
const ALERTS = 30

/** Real tasks through real services, alerts by the store that raises them, and what edge and tracking keep. */
async function fill(t: Test, servers: LocalServers): Promise<void> {
  const services = await Promise.all(
    ['services/orchestrator/main.ts', 'test/support/chaos-agent.ts'].map((file) =>
      startService(t, servers, file, { MURMUR_PARTITIONS: '4' }),
    ),
  )
  const bus = await openBus(t, servers.natsUrlOf('operator'))
  const step = { id: 'a', agent: 'chaos', input: { value: 1, times: 2, plus: 3, workMs: 1 } }
  const ids = await Promise.all(
    Array.from({ length: TASKS }, async () => {
      const plan = { type: 'plan', plan: { steps: [step] } }
      return ((await bus.request(SERVICES.submitTask, plan, { timeoutMs: 5000 })) as { taskId: string })
        .taskId
    }),
  )
  for (const id of ids) await endOfTask(bus, id)
  // One that waits: its timer has to be there later.
  const waiting = { type: 'plan', delayMs: 3_600_000, plan: { steps: [step] } }
  await bus.request(SERVICES.submitTask, waiting, { timeoutMs: 5000 })
  await bus.close()
  // All of them, so that nothing is written while the test compares.
  for (const service of services) {
    const ended = new Promise((resolve) => service.once('exit', resolve))
    service.kill('SIGTERM')
    await ended
  }
  await raiseAlerts(servers)
  const [edge, video] = [new Redis(servers.redisUrlOf('edge')), new Redis(servers.redisUrlOf('video'))]
  await edge.multi().hset('murmur:{limits:acme}:requests', 'tokens', 3).exec()
  await video.multi().set('camera:{t1}:state', '{"tracks":[]}').exec()
  edge.disconnect()
  video.disconnect()
}

async function raiseAlerts(servers: LocalServers): Promise<void> {
  const redis = createRedis(servers.redisUrlOf('video'))
  await waitForRedis(redis, 5000)
  const store = new RedisAlertStore(redis)
  await store.markReady()
  for (let i = 0; i < ALERTS; i++) {
    const event = eventOf({ rule: ruleOf('critical') })
    await store.raise(event, alertFromEvent(event, event.atMs))
  }
  await redis.close()
}

/** Streams and consumers as the server counts them, and every message of the log. */
async function natsContents(servers: LocalServers): Promise<unknown> {
  const answer = await fetch(`${servers.monitorUrl}/jsz?streams=true&consumers=true&config=true`)
  interface Stream {
    name: string
    config: { storage: string }
    state: { messages: number; bytes: number; first_seq: number; last_seq: number }
    consumer_detail?: (Record<'delivered' | 'ack_floor', { consumer_seq: number; stream_seq: number }> & {
      name: string
      num_pending: number
      config: { durable_name?: string }
    })[]
  }
  const all = (await answer.json()) as { account_details: { stream_detail: Stream[] }[] }
  const streams = all.account_details
    .flatMap(({ stream_detail }) => stream_detail)
    .filter(({ config }) => config.storage === 'file')
    .map(({ name, config, state, consumer_detail = [] }) => ({
      name,
      config,
      state: [state.messages, state.bytes, state.first_seq, state.last_seq],
      // Readers of the log that nobody reads with any more end by themselves.
      consumers: consumer_detail
        .filter(({ config }) => config.durable_name !== undefined)
        .map(({ name, delivered, ack_floor, num_pending }) => ({
          name,
          positions: [delivered, ack_floor].map(({ consumer_seq, stream_seq }) => [consumer_seq, stream_seq]),
          num_pending,
        }))
        .sort((a, b) => a.name.localeCompare(b.name)),
    }))
    .sort((a, b) => a.name.localeCompare(b.name))
  return { streams, log: await logMessages(servers) }
}

async function logMessages(servers: LocalServers): Promise<string[]> {
  const { username, password } = new URL(servers.natsUrlOf('orchestrator'))
  const url = servers.natsUrl.replace('://', `://${username}:${password}@`)
  const messages: string[] = []
  const closing: (() => unknown)[] = []
  const bus = await openBus({ teardown: (close: () => unknown) => void closing.push(close) } as never, url)
  const last = await bus.streams.lastSeq('LOG', 'log.>')
  for (let seq = 1; seq <= last; seq++) {
    const message = await bus.streams.messageAt('LOG', seq)
    messages.push(`${seq} ${message?.subject} ${message && Buffer.from(message.data).toString()}`)
  }
  for (const close of closing) await close()
  return messages
}

t.test(
  'a stack with users on: all keys, streams and messages are there after every kind of end',
  async (t) => {
    const dataDir = mkdtempSync(join(tmpdir(), 'murmur-restart-'))
    t.teardown(() => rmSync(dataDir, { recursive: true, force: true }))
    const open = () => startServers({ dataDir, users: stackUsers('client') })
    let servers = await open()
    t.teardown(() => servers.stop())
    await fill(t, servers)
    const keys = await keysInFiles(t, dataDir)
    const before = await contentsOf(servers, keys, USERS)
    const natsBefore = await natsContents(servers)
    t.ok(keys.length > 2 * TASKS + 2 * ALERTS, `${keys.length} keys`)
    for (const part of [':timers', ':depth', 'alerts}:alert:', 'limits:acme', 'camera:'])
      t.ok(
        keys.some((key) => key.includes(part)),
        part,
      )

    const compare = async (what: string) => {
      t.equal(await keyCount(servers), keys.length, `${what}: as many keys`)
      t.strictSame(await contentsOf(servers, keys, USERS), before, `${what}: the same content`)
      t.strictSame(
        await natsContents(servers),
        natsBefore,
        `${what}: the same streams, consumers and messages`,
      )
    }
    await compare('before')

    await servers.stop()
    servers = await open()
    await compare('stopped in order')

    await Promise.all([servers.killNats(), servers.killRedis()])
    await Promise.all([servers.restartNats(), servers.restartRedis()])
    await compare('killed and started again')

    // As a machine that goes down does it: nobody has time for anything, and new passwords come with the next start.
    await Promise.all([servers.killNats(), servers.killRedis()])
    await servers.stop()
    servers = await open()
    await compare('all killed at once')
  },
)

t.test('a load that skips anything is refused, and the file stays as it was', async (t) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'murmur-refused-'))
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }))
  const servers = await startServers({ dataDir, users: stackUsers('client') })
  t.teardown(() => servers.stop())
  await raiseAlerts(servers)
  await servers.killRedis()
  // A command that can't be carried out: what is in that key is a hash.
  const file = appendOnlyFile(dataDir)
  appendFileSync(file, command('LPUSH', 'murmur:{alerts}:complete', 'x'))
  const { size } = statSync(file)
  await t.rejects(servers.restartRedis(), {
    code: 'DATA_NOT_LOADED',
    message: /refused 1 commands[\s\S]*WRONGTYPE[\s\S]*Nothing was changed/,
  })
  t.equal(servers.redisPid, undefined, 'nobody can write on top of it')
  t.equal(statSync(file).size, size)
})

t.test('the torn end of the file, as a power cut leaves it, costs its last command alone', async (t) => {
  const servers = await withServers(t, { users: stackUsers('client') })
  await raiseAlerts(servers)
  const keys = await keyCount(servers)
  await servers.killRedis()
  const file = appendOnlyFile(servers.dataDir)
  appendFileSync(file, command('SET', 'murmur:{alerts}:torn', 'x'))
  truncateSync(file, statSync(file).size - 3)
  await servers.restartRedis()
  t.equal(await keyCount(servers), keys)
})

t.test('the users that docs/security-servers.md prescribes: a restarted Redis has everything', async (t) => {
  const page = readFileSync(join(ROOT, 'docs/security-servers.md'), 'utf8')
  const shown = page
    .split('<!-- redis-users:begin -->')[1]
    ?.split('<!-- redis-users:end -->')[0]
    ?.replaceAll('```', '')
    .trim()
  const users = REDIS_ROLES.map((role) => ({ name: role, roles: [role], password: 'PASSWORD' }))
  t.equal(shown, redisUserLines(users), 'between the marks has to stand what is wanted here')
  const dataDir = mkdtempSync(join(tmpdir(), 'murmur-docs-users-'))
  t.teardown(() => rmSync(dataDir, { recursive: true, force: true }))
  const server = await withRedis(t, { dataDir, redisLines: shown! })
  const orchestrator = server.connect('orchestrator')
  await orchestrator.multi().set('murmur:{p1}:state:t1', 'x').hset('murmur:{p1}:position', 'offset', 1).exec()
  await orchestrator.eval("return redis.call('SET', KEYS[1], 'y')", 1, 'murmur:{p1}:state:t2')
  await server.kill()
  const again = await withRedis(t, { dataDir, redisLines: shown! })
  t.strictSame(await again.connect('orchestrator').mget('murmur:{p1}:state:t1', 'murmur:{p1}:state:t2'), [
    'x',
    'y',
  ])
  const stranger = new Redis({ port: again.port, retryStrategy: () => null, maxRetriesPerRequest: 0 })
  stranger.on('error', () => undefined)
  t.teardown(() => stranger.disconnect())
  await t.rejects(stranger.get('murmur:{p1}:state:t1'))
})

/** A Redis alone, with users that the test gives. */
async function withRedis(
  t: Pick<Test, 'teardown'>,
  { dataDir, redisLines }: { dataDir: string; redisLines: string },
) {
  const { MURMUR_REDIS_URL: _redis, ...env } = process.env
  const binary = await resolveRedis(() => undefined, env)
  if (binary.kind !== 'binary') throw new Error('a server of our own is needed')
  const users = { redisLines, probe: { user: 'probe', password: 'PASSWORD' } } as ServerUsers
  let server: ServerProcess | undefined
  const launcher = redisLauncher(binary, { dataDir, logDir: dataDir }, {}, users)
  const { ports } = await startManaged(launcher, (it) => {
    server = it
  })
  t.teardown(() => server?.stop())
  const [port] = ports as [number]
  return {
    port,
    kill: () => server!.kill('SIGKILL'),
    connect(username: string) {
      const client = new Redis({ port, username, password: 'PASSWORD' })
      client.on('error', () => undefined)
      t.teardown(() => client.disconnect())
      return client
    },
  }
}

function appendOnlyFile(dataDir: string): string {
  const folder = join(dataDir, 'redis', 'appendonlydir')
  return join(folder, readdirSync(folder).find((name) => name.endsWith('.incr.aof'))!)
}

/** In the form that the append-only file has. */
function command(...words: string[]): string {
  return `*${words.length}\r\n${words.map((word) => `$${Buffer.byteLength(word)}\r\n${word}\r\n`).join('')}`
}
