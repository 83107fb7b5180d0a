import { join } from 'node:path'
import t from 'tap'
import { resolveRedis } from '../../../../deploy/local/servers/resolve-redis.ts'
import { fakePath, says } from './fake-path.ts'

t.test('the environment comes first', async (t) => {
  const lines: string[] = []
  t.match(await resolveRedis((line) => lines.push(line), { MURMUR_REDIS_URL: 'redis://x:2' }), {
    url: 'redis://x:2',
  })
  t.match(lines, [/redis:\/\/x:2/])
})

t.test('a named binary that is too old is an error, not a reason to take another', async (t) => {
  const folder = fakePath(t, { 'old-redis': says('Redis server v=6.0.16 sha=0') })
  const env = { MURMUR_REDIS_SERVER: join(folder, 'old-redis'), PATH: process.env.PATH }
  await t.rejects(
    resolveRedis(() => undefined, env),
    { code: 'REDIS_NOT_FOUND', message: /6\.0\.16.*too old/ },
  )
})

t.test('Valkey on PATH is taken', async (t) => {
  const PATH = fakePath(t, { 'valkey-server': says('Valkey server v=8.1.1 sha=00000000:0') })
  t.match(await resolveRedis(() => undefined, { PATH }), {
    version: '8.1.1',
    path: join(PATH, 'valkey-server'),
  })
})

t.test('without apt and root, the error names the ways out', async (t) => {
  const env = { PATH: t.testdir(), MURMUR_HOME: join(t.testdirName, 'home') }
  await t.rejects(
    resolveRedis(() => undefined, env),
    {
      code: 'REDIS_NOT_FOUND',
      message: /brew install redis[\s\S]*docker run[\s\S]*MURMUR_REDIS_SERVER/,
    },
  )
})
