import { type RedisOptions as AllOptions, Redis as Client } from 'ioredis'
import { loadRedisTls } from '#platform/config/connections.ts'
import { type HostPort, parseRedisUrl, type RedisAddress } from '#platform/config/redis-url.ts'
import { messageOf } from '#platform/errors/murmur-error.ts'
import { parseInfo, parseMemory, type RedisInfo } from './redis-memory.ts'
import { redisSecrets } from './redis-secrets.ts'

/** Who asks, and whom it trusts. */
type RedisOptions = Pick<AllOptions, 'username' | 'password' | 'tls'>

const ASK_TIMEOUT_MS = 2000
/** Slots of a cluster. */
const SLOTS = 16_384

/** What one server says of itself. */
export interface RedisNodeFacts {
  /** host:port */
  readonly address: string
  readonly role: 'master' | 'replica'
  readonly version: string
  /** `noeviction` keeps what it is given. */
  readonly policy: string
  readonly usedBytes: number
  /** 0: no limit. */
  readonly maxBytes: number
  readonly keepsLog: boolean
  /** `ok`, or what the last write of the append-only file ended with. */
  readonly lastWrite: string
  readonly evictedKeys: number
  /** Of a master: replicas that follow it. */
  readonly replicas: number
  /** Of a master: without a replica in step it takes no writes (`min-replicas-to-write`). */
  readonly needsReplicas: boolean
  /** Of a replica: it is in touch with its master. */
  readonly isLinked: boolean
}

/** What a Redis is, as far as it can be told from here. */
export interface RedisSurvey {
  readonly kind: RedisAddress['kind']
  readonly nodes: readonly RedisNodeFacts[]
  /** Servers that belong to it and did not answer. host:port */
  readonly silent: readonly string[]
  /** Of a cluster: slots that nobody serves. */
  readonly unservedSlots: number
  /** Of sentinels: how many answered, of those that the URL names and those that they know. */
  readonly sentinels?: { readonly answering: number; readonly known: number }
}

/** It could not be asked at all, and why. */
export interface NoSurvey {
  readonly unanswered: string
}

/**
 * Asks every server of a Redis what it is: one server with its replicas, what sentinels watch, or a cluster. Changes nothing.
 * @param url as MURMUR_REDIS_URL has it @throws MurmurError CONFIG_INVALID for files of credentials that are none
 */
export async function surveyRedis(url: string): Promise<RedisSurvey | NoSurvey> {
  const address = parseRedisUrl(url)
  if (!address) return { unanswered: 'the URL is none of a Redis' }
  const secrets = redisSecrets(address)()
  const { sentinelUsername, sentinelPassword, ...own } = secrets
  const tls = address.tls && { tls: { ...loadRedisTls() } }
  const data: RedisOptions = { ...own, ...tls }
  if (address.kind === 'cluster') return surveyCluster(address.nodes, data)
  if (address.kind === 'server') return surveyFrom(address.nodes[0], data, { kind: 'server' })
  const watcher: RedisOptions = {
    ...(sentinelUsername != null && { username: sentinelUsername }),
    ...(sentinelPassword != null && { password: sentinelPassword }),
    ...tls,
  }
  const views = (
    await Promise.all(
      address.nodes.map((node) => viewOf(node, watcher, address.master).catch(() => undefined)),
    )
  ).filter((view) => view !== undefined)
  const [first] = views
  if (!first) return { unanswered: `no sentinel answers for the master "${address.master}"` }
  const known = Math.max(address.nodes.length, ...views.map(({ others }) => others + 1))
  return surveyFrom(first.master, data, { kind: 'sentinel', sentinels: { answering: views.length, known } })
}

async function viewOf(
  sentinel: HostPort,
  options: RedisOptions,
  name: string,
): Promise<{ master: HostPort; others: number } | undefined> {
  return asking(sentinel, options, async (client) => {
    const [found, others] = await Promise.all([
      client.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', name) as Promise<[string, string] | null>,
      client.call('SENTINEL', 'SENTINELS', name) as Promise<unknown[]>,
    ])
    if (!found) return undefined
    return { master: { host: found[0], port: Number(found[1]) }, others: others.length }
  })
}

/** From a master to its replicas; from a node of a cluster to all others. */
async function surveyFrom(
  node: HostPort,
  options: RedisOptions,
  found: Pick<RedisSurvey, 'kind' | 'sentinels'>,
): Promise<RedisSurvey | NoSurvey> {
  let info: RedisInfo
  try {
    info = await infoOf(node, options)
  } catch (error) {
    return {
      unanswered: `nothing answers at ${nameOf(node)}, or INFO is not allowed to this user: ${messageOf(error)}`,
    }
  }
  if (info.get('redis_mode') === 'cluster') return surveyCluster([node], options)
  const replicas = [...info].flatMap(([field, text]) => (/^slave\d+$/.test(field) ? replicaIn(text) : []))
  const others = await surveyNodes(replicas, options)
  return { ...found, nodes: [factsOf(node, info), ...others.nodes], silent: others.silent, unservedSlots: 0 }
}

async function surveyCluster(
  start: readonly HostPort[],
  options: RedisOptions,
): Promise<RedisSurvey | NoSurvey> {
  let ranges: SlotRange[]
  try {
    ranges = await Promise.any(
      start.map((node) =>
        asking(node, options, async (client) => (await client.cluster('SLOTS')) as unknown as SlotRange[]),
      ),
    )
  } catch (error) {
    const [first] = error instanceof AggregateError ? error.errors : [error]
    return { unanswered: `no node of the cluster answers: ${messageOf(first)}` }
  }
  const nodes = new Map<string, HostPort>()
  let served = 0
  for (const [first, last, ...each] of ranges) {
    served += last - first + 1
    for (const [host, port] of each) {
      const node = { host: host || start[0]!.host, port }
      nodes.set(nameOf(node), node)
    }
  }
  const all = await surveyNodes([...nodes.values()], options)
  return { kind: 'cluster', ...all, unservedSlots: SLOTS - served }
}

type SlotRange = [first: number, last: number, ...nodes: [host: string, port: number][]]

async function surveyNodes(
  nodes: readonly HostPort[],
  options: RedisOptions,
): Promise<Pick<RedisSurvey, 'nodes' | 'silent'>> {
  const answers = await Promise.allSettled(nodes.map((node) => infoOf(node, options)))
  const found: RedisNodeFacts[] = []
  const silent: string[] = []
  for (const [i, answer] of answers.entries()) {
    if (answer.status === 'fulfilled') found.push(factsOf(nodes[i]!, answer.value))
    else silent.push(nameOf(nodes[i]!))
  }
  return { nodes: found, silent }
}

async function infoOf(node: HostPort, options: RedisOptions): Promise<RedisInfo> {
  return parseInfo(await asking(node, options, (client) => client.info()))
}

function factsOf(node: HostPort, info: RedisInfo): RedisNodeFacts {
  const role = info.get('role') === 'master' ? 'master' : 'replica'
  return {
    address: nameOf(node),
    role,
    version: info.get('valkey_version') ?? info.get('redis_version') ?? '0',
    ...(parseMemory(info) ?? { policy: 'unknown', usedBytes: 0, maxBytes: 0 }),
    keepsLog: info.get('aof_enabled') === '1',
    lastWrite: info.get('aof_last_write_status') ?? 'unknown',
    evictedKeys: Number(info.get('evicted_keys') ?? 0),
    replicas: Number(info.get('connected_slaves') ?? 0),
    // Redis tells how many are in step only where some have to be.
    needsReplicas: info.has('min_slaves_good_slaves'),
    isLinked: role === 'master' || info.get('master_link_status') === 'up',
  }
}

/** `ip=…,port=…,state=online,…` */
function replicaIn(text: string): HostPort[] {
  const field = (name: string) => new RegExp(`(?:^|,)${name}=([^,]*)`).exec(text)?.[1]
  const [host, port] = [field('ip'), Number(field('port'))]
  return host && port ? [{ host, port }] : []
}

async function asking<T>(
  { host, port }: HostPort,
  options: RedisOptions,
  ask: (client: Client) => Promise<T>,
): Promise<T> {
  const client = new Client(port, host, {
    ...options,
    ...{ lazyConnect: true, retryStrategy: null, enableReadyCheck: false },
    ...{ connectTimeout: ASK_TIMEOUT_MS, commandTimeout: ASK_TIMEOUT_MS, maxRetriesPerRequest: 0 },
  })
  let fault: Error | undefined
  client.on('error', (error) => {
    fault ??= error
  })
  try {
    await client.connect()
    return await ask(client)
  } catch (error) {
    // "Connection is closed" says less than why.
    throw fault ?? error
  } finally {
    client.disconnect()
  }
}

function nameOf({ host, port }: HostPort): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}
