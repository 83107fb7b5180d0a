import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Test } from 'tap'
import { resolveRedis } from '../../deploy/local/servers/resolve-redis.ts'
import type { ServerBinary } from '../../deploy/local/servers/server-source.ts'
import { ServerUsers } from '../../deploy/local/servers/server-users.ts'
import { stackUsers } from '../../deploy/local/stack/stack-users.ts'
import { RedisNode } from './redis-node.ts'
import { until } from './until.ts'

const SLOTS = 16_384
/** Keys that are moved by one command. */
const MOVED_AT_ONCE = 1000

/** The Redis of the machine, never one that somebody has named by URL. */
export async function redisBinary(): Promise<ServerBinary> {
  const { MURMUR_REDIS_URL: _url, ...env } = process.env
  const source = await resolveRedis(() => {}, env)
  if (source.kind !== 'binary') throw new Error('a server of our own is needed')
  return source
}

/** What every node of a test has that holds data. */
export function dataNodeLines(port: number, dir: string, users: ServerUsers): string {
  return `bind 127.0.0.1
port ${port}
dir ${JSON.stringify(dir)}
appendonly yes
appendfsync everysec
save ""
maxmemory-policy noeviction
repl-diskless-sync-delay 0
repl-ping-replica-period 1
${users.redisLines}
`
}

/** A cluster of Redis of the test's own: three masters with a replica each. */
export class RedisCluster {
  readonly nodes: readonly RedisNode[]
  readonly #users: ServerUsers

  constructor(nodes: readonly RedisNode[], users: ServerUsers) {
    this.nodes = nodes
    this.#users = users
  }

  /** One node of it, for a user of the product; for one who may do everything without. */
  urlOf(user?: string): string {
    return `redis://${this.#who(user)}${this.nodes[0]!.address}`
  }

  /** Some nodes of it. */
  clusterUrlOf(user?: string): string {
    return `redis+cluster://${this.#who(user)}${this.nodes
      .slice(0, 3)
      .map(({ address }) => address)
      .join(',')}`
  }

  /** Who has the slot of this key, as the first node says that can say it. */
  async masterOf(key: string): Promise<RedisNode> {
    const slot = Number(await this.#someone().direct.cluster('KEYSLOT', key))
    return this.#byPort(await this.#masterPort(slot))
  }

  async replicaOf(master: RedisNode): Promise<RedisNode> {
    const id = await master.direct.cluster('MYID')
    const line = (await this.#nodesAs(master)).find((words) => words[3] === id)
    return this.#byPort(portOf(line![1]!))
  }

  /** What there is of slots is served. */
  async isWhole(): Promise<boolean> {
    const up = this.nodes.filter(({ isUp }) => isUp)
    const states = await Promise.all(
      up.map((node) => node.direct.cluster('INFO').catch(() => 'cluster_state:away') as Promise<string>),
    )
    return states.every((state) => /^cluster_state:ok/m.test(state))
  }

  /** All nodes run, and every replica follows its master. */
  async isInStep(): Promise<boolean> {
    if (!(await this.isWhole())) return false
    const links = await Promise.all(
      this.nodes.map(async (node) => {
        const [role, link] = await Promise.all([
          node.info('replication', 'role'),
          node.info('replication', 'master_link_status'),
        ]).catch(() => [])
        return role === 'master' || link === 'up'
      }),
    )
    return links.every(Boolean)
  }

  /**
   * Moves a slot to another master while it is used, as `redis-cli --cluster reshard` does.
   * @param onHalf called when half of the keys have gone
   */
  async moveSlot(slot: number, to: RedisNode, onHalf: () => Promise<void> = async () => {}): Promise<number> {
    const from = this.#byPort(await this.#masterPort(slot))
    const [fromId, toId] = await Promise.all([from.direct.cluster('MYID'), to.direct.cluster('MYID')])
    await to.direct.cluster('SETSLOT', slot, 'IMPORTING', fromId as string)
    await from.direct.cluster('SETSLOT', slot, 'MIGRATING', toId as string)
    const all = Number(await from.direct.cluster('COUNTKEYSINSLOT', slot))
    let moved = 0
    for (let isHalf = false; ; ) {
      const keys = (await from.direct.cluster(
        'GETKEYSINSLOT',
        slot,
        Math.max(1, Math.min(MOVED_AT_ONCE, Math.floor(all / 2))),
      )) as string[]
      if (keys.length === 0) break
      await from.direct.migrate('127.0.0.1', to.port, '', 0, 5000, 'REPLACE', 'KEYS', ...keys)
      moved += keys.length
      if (!isHalf && moved >= Math.floor(all / 2)) {
        isHalf = true
        await onHalf()
      }
    }
    const masters = await this.masters()
    await Promise.all(masters.map((node) => node.direct.cluster('SETSLOT', slot, 'NODE', toId as string)))
    return moved
  }

  async slotOf(key: string): Promise<number> {
    return Number(await this.#someone().direct.cluster('KEYSLOT', key))
  }

  async masters(): Promise<RedisNode[]> {
    const words = await this.#nodesAs(this.#someone())
    return words
      .filter(([, , flags]) => /master/.test(flags!) && !/fail/.test(flags!))
      .map(([, address]) => this.#byPort(portOf(address!)))
  }

  #who(user: string | undefined): string {
    const found = user === undefined ? undefined : this.#users.credentialsOf(user)
    return found ? `${found.user}:${found.password}@` : ''
  }

  #someone(): RedisNode {
    return this.nodes.find(({ isUp }) => isUp)!
  }

  #byPort(port: number): RedisNode {
    return this.nodes.find((node) => node.port === port)!
  }

  async #masterPort(slot: number): Promise<number> {
    const ranges = (await this.#someone().direct.cluster('SLOTS')) as unknown as [
      number,
      number,
      [string, number],
    ][]
    return ranges.find(([first, last]) => first <= slot && slot <= last)![2][1]
  }

  async #nodesAs(node: RedisNode): Promise<string[][]> {
    const text = (await node.direct.cluster('NODES')) as string
    return text
      .trim()
      .split('\n')
      .map((line) => line.split(' '))
  }
}

function portOf(address: string): number {
  return Number(/:(\d+)@/.exec(address)![1])
}

/**
 * Three masters and a replica of each, on free ports, each in a folder of its own; all of it is gone when the test ends.
 * @param options.nodeTimeoutMs how long a node may be silent before the others replace it
 */
export async function startRedisCluster(
  t: Pick<Test, 'teardown'>,
  {
    nodeTimeoutMs = 2000,
    replicas = true,
    binary,
  }: { nodeTimeoutMs?: number; replicas?: boolean; binary?: ServerBinary } = {},
): Promise<RedisCluster> {
  const program = binary ?? (await redisBinary())
  const dir = mkdtempSync(join(tmpdir(), 'murmur-redis-cluster-'))
  const users = new ServerUsers(stackUsers('everything'))
  const nodes: RedisNode[] = []
  t.teardown(async () => {
    await Promise.all(nodes.map((node) => node.stop()))
    rmSync(dir, { recursive: true, force: true })
  })
  const started = await Promise.allSettled(
    Array.from({ length: replicas ? 6 : 3 }, (_, i) =>
      RedisNode.start({
        binary: program,
        dir,
        name: `node-${i + 1}`,
        config: ({ port, busPort, dir }) => `${dataNodeLines(port, dir, users)}
cluster-enabled yes
cluster-port ${busPort}
cluster-config-file nodes.conf
cluster-node-timeout ${nodeTimeoutMs}
# The log is the truth: a replica that is behind is better than none.
cluster-replica-validity-factor 0
cluster-allow-replica-migration no
`,
      }),
    ),
  )
  for (const one of started) if (one.status === 'fulfilled') nodes.push(one.value)
  for (const one of started) if (one.status === 'rejected') throw one.reason
  await join6(nodes)
  const cluster = new RedisCluster(nodes, users)
  await until('the cluster is whole', () => cluster.isInStep(), 30_000)
  return cluster
}

/** The first three are masters, the others follow them. */
async function join6(nodes: readonly RedisNode[]): Promise<void> {
  const [first] = nodes as [RedisNode]
  const masters = nodes.slice(0, 3)
  await Promise.all(
    masters.map(async ({ direct }, i) => {
      await direct.cluster('SET-CONFIG-EPOCH', i + 1)
      await direct.call(
        'CLUSTER',
        'ADDSLOTSRANGE',
        Math.floor((i * SLOTS) / 3),
        Math.floor(((i + 1) * SLOTS) / 3) - 1,
      )
    }),
  )
  for (const { direct } of nodes.slice(1))
    await direct.call('CLUSTER', 'MEET', '127.0.0.1', first.port, first.busPort)
  const knows = async ({ direct }: RedisNode) =>
    /cluster_known_nodes:(\d+)/.exec((await direct.cluster('INFO')) as string)?.[1] === String(nodes.length)
  await until('all know each other', async () => (await Promise.all(nodes.map(knows))).every(Boolean), 30_000)
  await Promise.all(
    nodes.slice(3).map(async ({ direct }, i) => {
      const id = (await masters[i]!.direct.cluster('MYID')) as string
      await until('it knows its master as one', () =>
        direct.cluster('REPLICATE', id).then(
          () => true,
          () => false,
        ),
      )
    }),
  )
}
