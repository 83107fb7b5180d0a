import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import type { ServerBinary } from '../../deploy/local/servers/server-source.ts'
import { ServerUsers } from '../../deploy/local/servers/server-users.ts'
import { stackUsers } from '../../deploy/local/stack/stack-users.ts'
import { dataNodeLines, redisBinary } from './redis-cluster.ts'
import { RedisNode } from './redis-node.ts'
import { until } from './until.ts'

export const MASTER_NAME = 'murmur'

/** A master, its replicas, and the sentinels that replace it. */
export class RedisSentinels {
  readonly nodes: readonly RedisNode[]
  readonly sentinels: readonly RedisNode[]
  readonly #users: ServerUsers

  constructor(nodes: readonly RedisNode[], sentinels: readonly RedisNode[], users: ServerUsers) {
    this.nodes = nodes
    this.sentinels = sentinels
    this.#users = users
  }

  urlOf(user?: string): string {
    const found = user === undefined ? undefined : this.#users.credentialsOf(user)
    const who = found ? `${found.user}:${found.password}@` : ''
    return `redis+sentinel://${who}${this.sentinels.map(({ address }) => address).join(',')}/${MASTER_NAME}`
  }

  /** Whom the first sentinel that answers takes for the master. */
  async master(): Promise<RedisNode> {
    const someone = this.sentinels.find(({ isUp }) => isUp)!
    const [, port] = (await someone.direct.call(
      'SENTINEL',
      'GET-MASTER-ADDR-BY-NAME',
      MASTER_NAME,
    )) as string[]
    return this.nodes.find((node) => node.port === Number(port))!
  }

  /** All run, all replicas follow, and the sentinels know each other. */
  async isInStep(): Promise<boolean> {
    try {
      const master = await this.master()
      if ((await master.info('replication', 'role')) !== 'master') return false
      const followers = this.nodes.filter((node) => node !== master)
      const links = await Promise.all(followers.map((node) => node.info('replication', 'master_link_status')))
      const found = await Promise.all(
        this.sentinels.map(({ direct }) => direct.call('SENTINEL', 'CKQUORUM', MASTER_NAME)),
      )
      const others = await Promise.all(
        this.sentinels.map(
          async ({ direct }) =>
            ((await direct.call('SENTINEL', 'REPLICAS', MASTER_NAME)) as unknown[]).length,
        ),
      )
      return (
        links.every((link) => link === 'up') &&
        found.every((text) => String(text).startsWith(`OK ${this.sentinels.length} `)) &&
        others.every((count) => count >= followers.length)
      )
    } catch {
      return false
    }
  }
}

/**
 * A master, two replicas and three sentinels, on free ports; all of it is gone when the test ends.
 * @param options.downAfterMs how long the master may be silent before it is replaced
 */
export async function startRedisSentinels(
  t: Pick<Test, 'teardown'>,
  {
    downAfterMs = 2000,
    replicas = 2,
    password,
    binary,
  }: { downAfterMs?: number; replicas?: number; password?: string; binary?: ServerBinary } = {},
): Promise<RedisSentinels> {
  const program = binary ?? (await redisBinary())
  const dir = mkdtempSync(join(tmpdir(), 'murmur-redis-sentinels-'))
  const users = new ServerUsers(stackUsers('everything'))
  const all: RedisNode[] = []
  t.teardown(async () => {
    await Promise.all(all.map((node) => node.stop()))
    rmSync(dir, { recursive: true, force: true })
  })
  const start = async (about: Omit<Parameters<typeof RedisNode.start>[0], 'binary' | 'dir'>) => {
    const node = await RedisNode.start({ binary: program, dir, ...about })
    all.push(node)
    return node
  }
  const data = ({ port, dir }: { port: number; dir: string }) => dataNodeLines(port, dir, users)
  const master = await start({ name: 'redis-1', config: data })
  const followers = await Promise.all(
    Array.from({ length: replicas }, (_, i) =>
      start({
        name: `redis-${i + 2}`,
        config: (about) => `${data(about)}replicaof 127.0.0.1 ${master.port}\n`,
      }),
    ),
  )
  const sentinels = await Promise.all(
    [1, 2, 3].map((i) =>
      start({
        name: `sentinel-${i}`,
        isSentinel: true,
        config: ({ port, dir }) => `bind 127.0.0.1
port ${port}
dir ${JSON.stringify(dir)}
sentinel monitor ${MASTER_NAME} 127.0.0.1 ${master.port} 2
sentinel down-after-milliseconds ${MASTER_NAME} ${downAfterMs}
sentinel failover-timeout ${MASTER_NAME} 6000
sentinel parallel-syncs ${MASTER_NAME} 2
${password === undefined ? '' : `user default off\nuser watcher on >${password} ~* &* +@all\nsentinel sentinel-user watcher\nsentinel sentinel-pass ${password}\n`}`,
      }),
    ),
  )
  const set = new RedisSentinels([master, ...followers], sentinels, users)
  if (password === undefined) await until('the sentinels know all', () => set.isInStep(), 30_000)
  return set
}
