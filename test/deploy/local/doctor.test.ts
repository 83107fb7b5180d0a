import { once } from 'node:events'
import { mkdirSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import t from 'tap'
import { type Check, runDoctor } from '../../../deploy/local/doctor.ts'
import { withServers } from '../../support/servers.ts'

async function examine(env: NodeJS.ProcessEnv): Promise<Record<string, Check>> {
  const checks = await runDoctor(env)
  return Object.fromEntries(checks.map((check) => [check.name, check]))
}

const SERVICE = { name: 'orchestrator', pid: 1 }

function noteStack(env: NodeJS.ProcessEnv, note: object): void {
  const run = join(env.MURMUR_HOME!, 'run')
  mkdirSync(run, { recursive: true })
  const owner = { pid: 1, startedAt: '0', program: 'node' }
  writeFileSync(join(run, 'stack.json'), JSON.stringify({ owner, startedAtMs: 0, services: [], ...note }))
}

t.test('an empty home: what is missing is fetched by the next start, and nothing runs', async (t) => {
  const checks = await examine({ PATH: t.testdir(), MURMUR_HOME: join(t.testdirName, 'none') })
  t.match(checks, {
    node: { status: 'ok' },
    dependencies: { status: 'ok' },
    nats: { status: 'warn', fix: /npm start/ },
    redis: { status: 'warn', fix: /npm start/ },
    disk: { evidence: /GiB free/ },
    ports: { status: 'ok' },
    'left-overs': { status: 'ok' },
    stack: { status: 'ok', evidence: 'not running' },
  })
})

t.test('what is not ok always comes with a fix', async (t) => {
  const env = {
    MURMUR_HOME: t.testdir(),
    MURMUR_NATS_URL: 'nats://127.0.0.1:1',
    MURMUR_REDIS_SERVER: '/nowhere',
    MURMUR_FFMPEG: '/nowhere',
  }
  noteStack(env, { pid: 2 ** 22 + 1, natsUrl: 'nats://127.0.0.1:1', redisUrl: 'redis://127.0.0.1:1' })
  const checks = await examine(env)
  t.match(checks, {
    nats: { status: 'fail', evidence: /nothing answers at nats:/ },
    redis: { status: 'fail', evidence: /not an executable file/ },
    ffmpeg: { status: 'warn' },
    stack: { status: 'warn', evidence: /is gone/ },
  })
  for (const check of Object.values(checks)) if (check.status !== 'ok') t.ok(check.fix, check.name)
})

t.test('a running stack is asked, not believed', async (t) => {
  const servers = await withServers(t)
  const env = { PATH: process.env.PATH, MURMUR_HOME: t.testdir(), MURMUR_REDIS_URL: servers.redisUrl }
  const { natsUrl, redisUrl } = servers
  noteStack(env, {
    pid: process.pid,
    natsUrl,
    redisUrl,
    startedAtMs: Date.now(),
    services: [SERVICE, SERVICE],
  })
  const whole = await examine(env)
  t.match(whole.stack, { status: 'ok', evidence: /2 services/ })
  t.match(whole.redis, { status: 'ok', evidence: new RegExp(redisUrl) })
  await servers.killNats()
  t.match((await examine(env)).stack, { status: 'fail', evidence: /no answer from NATS/ })
})

t.test('a Redis that evicts keys fails, a clock that is wrong is warned of', async (t) => {
  const servers = await withServers(t)
  const direct = new Redis(servers.redisUrl)
  t.teardown(() => direct.disconnect())
  await direct.config('SET', 'maxmemory', '100mb')
  await direct.config('SET', 'maxmemory-policy', 'volatile-ttl')
  const service = createServer((_request, response) => response.end('murmur_clock_skew_seconds -3600.2\n'))
  service.listen(0, '127.0.0.1')
  await once(service, 'listening')
  t.teardown(() => service.close())
  const env = { PATH: process.env.PATH, MURMUR_HOME: t.testdir(), MURMUR_REDIS_URL: servers.redisUrl }
  const httpUrl = `http://127.0.0.1:${(service.address() as AddressInfo).port}`
  const { natsUrl, redisUrl } = servers
  noteStack(env, {
    pid: process.pid,
    natsUrl,
    redisUrl,
    startedAtMs: Date.now(),
    services: [{ ...SERVICE, httpUrl }, SERVICE],
  })
  t.match(await examine(env), {
    redis: { status: 'fail', evidence: /volatile-ttl/, fix: /noeviction/ },
    clock: { status: 'warn', evidence: /3600\.2 s behind/, fix: /NTP/ },
  })
  await direct.config('SET', 'maxmemory-policy', 'noeviction')
  t.match((await examine(env)).redis, { status: 'ok' })
})
