import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { connect } from '@nats-io/transport-node'
import { Redis } from 'ioredis'
import t from 'tap'
import { makeSecrets, rotateSecrets } from '../../deploy/compose/make-secrets.ts'
import { resolveNats } from '../../deploy/local/servers/resolve-nats.ts'
import { resolveRedis } from '../../deploy/local/servers/resolve-redis.ts'
import { libraryEnvironment } from '../../deploy/local/servers/server-source.ts'
import { Bus } from '../../services/platform/nats/bus.ts'
import { SERVICES } from '../../subjects/operations.ts'
import { freePort } from '../support/free-ports.ts'
import { until } from '../support/until.ts'

// The procedure of docs/operations.md, "Rotate credentials", on the servers' own configuration of deploy/compose.
const root = join(import.meta.dirname, '../..')
/** For agents of the product, and for those of others. */
const SUBMISSIONS = {
  report: {
    type: 'report',
    input: { title: 'May', sources: [{ name: 'may.md', text: '# May\nSales rose by 4 %.' }] },
  },
  plan: {
    type: 'plan',
    plan: {
      steps: [
        { id: 'a', agent: 'noop-a', input: { payload: 'x' } },
        { id: 'b', agent: 'noop-b', needs: ['a'], input: { payload: 'y' } },
      ],
    },
  },
}

t.setTimeout(180_000)
const folder = mkdtempSync(join(tmpdir(), 'murmur-rotation-'))
const secrets = join(folder, 'run/secrets')
const [natsPort, monitorPort, redisPort, edgePort, grpcPort] = [
  ...(await Promise.all([1, 2, 3, 4, 5].map(freePort))),
] as [number, number, number, number, number]
const children: ChildProcess[] = []
t.teardown(async () => {
  for (const child of children.toReversed()) {
    if (child.exitCode !== null) continue
    child.kill('SIGTERM')
    await once(child, 'exit')
  }
  rmSync(folder, { recursive: true, force: true })
})

mkdirSync(join(folder, 'run'))
makeSecrets(secrets)
let operatorPassword = readFileSync(join(secrets, 'operator-password'), 'utf8')
const nats = await startNats()
await startRedis()

const ready: Record<string, () => Promise<boolean>> = {
  orchestrator: await startService('services/orchestrator/main.ts', 'orchestrator'),
  edge: await startService('services/edge/main.ts', 'edge', {
    MURMUR_EDGE_PORT: String(edgePort),
    MURMUR_EDGE_GRPC_PORT: String(grpcPort),
    MURMUR_EDGE_AUTH: 'required',
  }),
  ingest: await startService('services/agents/report/ingest/main.ts', 'ingest'),
  agents: await startService('services/agents/report/main.ts', 'agents', {
    MURMUR_AGENTS: 'analysis,synthesis',
  }),
  'own-agents': await startService('loadtest/bench/noop-agents.ts', 'own-agents'),
}
const allReady = async () =>
  (await Promise.all(Object.values(ready).map((isReady) => isReady()))).every(Boolean)
await until('all are ready', allReady, 60_000)
const key = await createKey()

t.test(
  'each credential is changed while tasks run: none is lost, and the old one opens nothing',
  async (t) => {
    for (const user of [
      'ingest',
      'agents',
      'own-agents',
      'edge',
      'orchestrator',
      'operator',
      'video',
      'detection',
      'probe',
    ]) {
      const before = loginsOf(user)
      for (const login of before) t.ok(await opens(login), `${user} has a ${login.server} login`)
      let accepted = 0
      let isOver = false
      const isEnough = () => isOver
      const lanes = Object.entries(SUBMISSIONS).map(([name, submission]) =>
        submitUntil(isEnough, submission, { prefix: `${user}-${name}`, onAccepted: () => accepted++ }),
      )
      await until('tasks run', () => accepted > 5, 30_000)
      rotateSecrets(secrets, [user])
      nats.kill('SIGHUP')
      await loadUsersOfRedis()
      for (const login of before)
        await until(
          `the old ${login.server} password of ${user} is refused`,
          async () => !(await opens(login)),
        )
      for (const login of loginsOf(user)) t.ok(await opens(login), `${user} has a new ${login.server} login`)
      await until(`all are ready with the new password of ${user}`, allReady, 30_000)
      isOver = true
      const statuses = (await Promise.all(lanes)).flat()
      t.strictSame(new Set(statuses), new Set(['completed']), `${statuses.length} tasks, none lost`)
    }
    t.strictSame(
      children.map(({ exitCode }) => exitCode),
      children.map(() => null),
      'nothing had to be started again',
    )
  },
)

t.test('a user that is not there changes nothing', async (t) => {
  const before = readFileSync(join(secrets, 'nats-users.conf'), 'utf8')
  t.throws(() => rotateSecrets(secrets, ['edge', 'nobody']), /no user "nobody"; there are .*edge/)
  t.throws(() => rotateSecrets(secrets, []), /no user ""/)
  t.equal(readFileSync(join(secrets, 'nats-users.conf'), 'utf8'), before)
})

interface Answer {
  taskId: string
  task: { status: string; finishedAtMs?: number }
}

interface Login {
  server: 'nats' | 'redis'
  user: string
  pass: string
}

function loginsOf(user: string): Login[] {
  return (['nats', 'redis'] as const).flatMap((server) => {
    try {
      const [, pass = ''] = readFileSync(join(secrets, `${user}.${server}`), 'utf8').split('\n')
      return [{ server, user, pass }]
    } catch {
      return []
    }
  })
}

async function opens({ server, user, pass }: Login): Promise<boolean> {
  if (server === 'nats') {
    const connection = await connect({
      servers: `127.0.0.1:${natsPort}`,
      user,
      pass,
      reconnect: false,
    }).catch(() => undefined)
    await connection?.close()
    return connection !== undefined
  }
  const redis = redisOf(user, pass)
  try {
    return (await redis.ping()) === 'PONG'
  } catch {
    return false
  } finally {
    redis.disconnect()
  }
}

function redisOf(username: string, password: string): Redis {
  const redis = new Redis({
    port: redisPort,
    username,
    password,
    retryStrategy: () => null,
    maxRetriesPerRequest: 0,
  })
  redis.on('error', () => undefined)
  return redis
}

async function loadUsersOfRedis(): Promise<void> {
  // The operator's own password may be the one that changes: the server still has the one that it read last.
  const redis = redisOf('operator', operatorPassword)
  try {
    await redis.acl('LOAD')
  } finally {
    redis.disconnect()
    operatorPassword = readFileSync(join(secrets, 'operator-password'), 'utf8')
  }
}

async function ask(path: string, options: RequestInit = {}): Promise<{ status: number; body: Answer }> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...options.headers }
  const answer = await fetch(`http://127.0.0.1:${edgePort}${path}`, { ...options, headers })
  return { status: answer.status, body: (await answer.json()) as Answer }
}

/** As a client does: again, with the same key, while the answer is that of a moment. */
async function askPatiently(path: string, options: RequestInit = {}): Promise<Answer> {
  let body: Answer | undefined
  await until(
    `an answer on ${path}`,
    async () => {
      const answer = await ask(path, options).catch(() => undefined)
      body = answer?.body
      return answer !== undefined && answer.status < 500 && answer.status !== 429
    },
    30_000,
  )
  return body!
}

/** Submits one task after the other. @returns how they ended */
async function submitUntil(
  isEnough: () => boolean,
  submission: object,
  { prefix, onAccepted }: { prefix: string; onAccepted: () => void },
): Promise<string[]> {
  const ids: string[] = []
  while (!isEnough()) {
    const { taskId } = await askPatiently('/v1/tasks', {
      method: 'POST',
      headers: { 'idempotency-key': `${prefix}-${ids.length}` },
      body: JSON.stringify(submission),
    })
    ids.push(taskId)
    onAccepted()
  }
  return Promise.all(
    ids.map(async (id) => {
      let status = ''
      await until(
        `${id} ends`,
        async () => {
          const { task } = await askPatiently(`/v1/tasks/${id}`)
          status = task.status
          return task.finishedAtMs !== undefined
        },
        60_000,
      )
      return status
    }),
  )
}

async function createKey(): Promise<string> {
  const [{ user, pass }] = loginsOf('operator') as [Login]
  const bus = await Bus.connect({ url: `nats://${user}:${pass}@127.0.0.1:${natsPort}`, name: 'test' })
  const scopes = ['tasks:read', 'tasks:write']
  const about = { name: 'rotation', tenant: 'default', scopes }
  const { secret } = (await bus.request(SERVICES.createKey, about, { timeoutMs: 5000 })) as { secret: string }
  await bus.close()
  return secret
}

async function startNats(): Promise<ChildProcess> {
  const binary = await resolveNats(() => undefined, withoutUrls())
  if (binary.kind !== 'binary') throw new Error('a nats-server is needed')
  mkdirSync(join(folder, 'etc/nats'), { recursive: true })
  const config = join(folder, 'etc/nats/nats.conf')
  const text = readFileSync(join(root, 'deploy/compose/nats.conf'), 'utf8')
    .replace('port: 4222', `listen: 127.0.0.1:${natsPort}`)
    .replace('0.0.0.0:8222', `127.0.0.1:${monitorPort}`)
    .replace('/data', join(folder, 'nats'))
  writeFileSync(config, text)
  const child = start(binary.path, ['--config', config], libraryEnvironment(binary))
  const isThere = () =>
    fetch(`http://127.0.0.1:${monitorPort}/healthz`)
      .then(({ ok }) => ok)
      .catch(() => false)
  await until('NATS is there', isThere, 20_000)
  return child
}

async function startRedis(): Promise<void> {
  const binary = await resolveRedis(() => undefined, withoutUrls())
  if (binary.kind !== 'binary') throw new Error('a redis-server is needed')
  const config = join(folder, 'redis.conf')
  mkdirSync(join(folder, 'redis'))
  const text = readFileSync(join(root, 'deploy/compose/redis.conf'), 'utf8')
    .replace('bind 0.0.0.0', 'bind 127.0.0.1')
    .replace('port 6379', `port ${redisPort}`)
    .replace('dir /data', `dir ${join(folder, 'redis')}`)
    .replace('/run/secrets', secrets)
  writeFileSync(config, text)
  start(binary.path, [config], libraryEnvironment(binary))
  await until(
    'Redis is there',
    () => opens({ server: 'redis', user: 'operator', pass: operatorPassword }),
    20_000,
  )
}

/** @returns whether its /readyz says that it is ready */
async function startService(file: string, user: string, env: Record<string, string> = {}) {
  const port = await freePort()
  const hasRedis = loginsOf(user).some(({ server }) => server === 'redis')
  start(process.execPath, [join(root, file)], {
    MURMUR_NATS_URL: `nats://127.0.0.1:${natsPort}`,
    MURMUR_REDIS_URL: `redis://127.0.0.1:${redisPort}`,
    MURMUR_NATS_CREDENTIALS: join(secrets, `${user}.nats`),
    ...(hasRedis && { MURMUR_REDIS_CREDENTIALS: join(secrets, `${user}.redis`) }),
    MURMUR_STORAGE_GIB: '2',
    MURMUR_HTTP_PORT: String(port),
    MURMUR_LOG_LEVEL: 'error',
    ...env,
  })
  return () =>
    fetch(`http://127.0.0.1:${port}/readyz`)
      .then(({ ok }) => ok)
      .catch(() => false)
}

function start(program: string, args: string[], env: Record<string, string> = {}): ChildProcess {
  const child = spawn(program, args, {
    stdio: ['ignore', 'ignore', 'ignore'],
    env: { ...process.env, ...env },
  })
  children.push(child)
  return child
}

function withoutUrls(): NodeJS.ProcessEnv {
  const { MURMUR_NATS_URL: _nats, MURMUR_REDIS_URL: _redis, ...env } = process.env
  return env
}
