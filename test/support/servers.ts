import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { resolveNats } from '../../deploy/local/servers/resolve-nats.ts'
import { resolveRedis } from '../../deploy/local/servers/resolve-redis.ts'
import {
  type LocalServers,
  type ServersOptions,
  startServers,
} from '../../deploy/local/servers/start-servers.ts'
import { stackUsers } from '../../deploy/local/stack/stack-users.ts'

/**
 * A NATS and a Redis of the test's own, in a folder of its own; both are gone when the test ends.
 * Once per test file is meant: a pair takes some 30 ms to start.
 */
export async function withServers(
  t: Pick<Test, 'teardown' | 'comment'>,
  options: Partial<ServersOptions> = {},
): Promise<LocalServers> {
  // A test kills, floods and flushes its servers: never those that the environment names by URL.
  const { MURMUR_NATS_URL: _nats, MURMUR_REDIS_URL: _redis, ...env } = process.env
  const quiet = () => undefined
  const [natsSource, redisSource] = await Promise.all([resolveNats(quiet, env), resolveRedis(quiet, env)])
  const dataDir = mkdtempSync(join(tmpdir(), 'murmur-test-'))
  const servers = await startServers({
    dataDir,
    // Services that a test starts have their own users; the test itself may do everything.
    users: stackUsers('everything'),
    onUnexpectedEnd: (name, logTail) => t.comment(`${name} ended unasked:\n${logTail}`),
    ...options,
    nats: { source: natsSource, ...options.nats },
    redis: { source: redisSource, ...options.redis },
  })
  t.teardown(async () => {
    await servers.stop()
    rmSync(dataDir, { recursive: true, force: true })
  })
  return servers
}
