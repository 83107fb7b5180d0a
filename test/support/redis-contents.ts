import { cpSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis } from 'ioredis'
import type { Test } from 'tap'
import { redisLauncher } from '../../deploy/local/servers/redis-launcher.ts'
import { resolveRedis } from '../../deploy/local/servers/resolve-redis.ts'
import type { ServerProcess } from '../../deploy/local/servers/server-process.ts'
import type { LocalServers } from '../../deploy/local/servers/start-servers.ts'
import { REDIS_GRANTS, type RedisRole } from '../../deploy/redis/users.ts'

/** Every key that the files of a Redis hold, read by a server of its own from a copy of them. */
export async function keysInFiles(t: Pick<Test, 'teardown'>, dataDir: string): Promise<string[]> {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-copy-'))
  t.teardown(() => rmSync(folder, { recursive: true, force: true }))
  cpSync(join(dataDir, 'redis'), join(folder, 'redis'), { recursive: true })
  const binary = await resolveRedis(() => undefined, withoutUrls())
  if (binary.kind !== 'binary') throw new Error('a server of our own is needed')
  const port = 28_000 + (process.pid % 1900)
  let server: ServerProcess | undefined
  try {
    await redisLauncher(binary, { dataDir: folder, logDir: folder }).launch([port], (it) => {
      server = it
    })
    const client = new Redis({ port })
    const keys = await client.keys('*')
    client.disconnect()
    return keys.sort()
  } finally {
    await server?.kill('SIGKILL')
  }
}

/** What these keys hold, each read by a user that it belongs to: on the server itself nobody may list them. */
export async function contentsOf(
  servers: LocalServers,
  keys: readonly string[],
  users: Readonly<Record<string, readonly RedisRole[]>>,
): Promise<Record<string, unknown>> {
  const clients = Object.entries(users).map(([user, roles]) => ({
    patterns: roles.flatMap((role) => REDIS_GRANTS[role].keys.map(({ pattern }) => asExpression(pattern))),
    client: new Redis(servers.redisUrlOf(user)),
  }))
  try {
    const read = async (key: string) => {
      const owner = clients.find(({ patterns }) => patterns.some((pattern) => pattern.test(key)))
      if (!owner) throw new Error(`no user may read ${key}`)
      return [key, await contentOf(owner.client, key)] as const
    }
    return Object.fromEntries(await Promise.all(keys.map(read)))
  } finally {
    for (const { client } of clients) client.disconnect()
  }
}

async function contentOf(client: Redis, key: string): Promise<unknown> {
  const type = await client.type(key)
  const isForever = (await client.pttl(key)) === -1
  switch (type) {
    case 'string':
      return { isForever, value: await client.get(key) }
    case 'hash':
      return { isForever, value: await client.hgetall(key) }
    case 'zset':
      return { isForever, value: await client.zrangebyscore(key, '-inf', '+inf', 'WITHSCORES') }
    case 'none':
      return 'gone'
    default:
      throw new Error(`${key} is a ${type}: read it here too`)
  }
}

/** How many keys the server has in memory, as it says itself to a user that may see none. */
export async function keyCount(servers: LocalServers): Promise<number> {
  const client = new Redis(servers.redisUrl)
  const info = await client.info('keyspace')
  client.disconnect()
  return Number(/keys=(\d+)/.exec(info)?.[1] ?? 0)
}

/** A pattern of an ACL, of which only stars are used here. */
function asExpression(pattern: string): RegExp {
  return new RegExp(
    `^${pattern
      .split('*')
      .map((part) => part.replace(/[{}.:]/g, '\\$&'))
      .join('.*')}$`,
  )
}

function withoutUrls(): NodeJS.ProcessEnv {
  const { MURMUR_REDIS_URL: _redis, ...env } = process.env
  return env
}
