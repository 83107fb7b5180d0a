import { type Redis as Client, Cluster } from 'ioredis'
import type { HostPort } from '../config/redis-url.ts'
import { messageOf } from '../errors/murmur-error.ts'
import { type OpenOptions, PING_KEPT_MS, PING_KEY, type RedisConnection } from './redis-connection.ts'
import { TIMED_OUT } from './store-error.ts'

const MAX_RECONNECT_MS = 500
/** What has changed in the cluster without anybody's command being sent elsewhere: nodes that were added or taken away. */
const REFRESH_MS = 10_000
const REFRESH_TIMEOUT_MS = 1000
/** A command that was sent elsewhere was not carried out. Several times in turn, something is being moved: the caller asks again. */
const MAX_REDIRECTIONS = 5
const TRY_AGAIN_MS = 100

/**
 * All nodes of a cluster. A command goes to the master of its slot. Whether one was carried out whose connection ended nobody knows, so
 * it is not sent again; one that was answered with MOVED, ASK, TRYAGAIN or CLUSTERDOWN was not, and is. While a node is away, what lies
 * there is UNAVAILABLE, and everything else goes on.
 * @param start nodes that are asked for all others, at first and whenever none is known any more
 */
export function openCluster(
  start: readonly HostPort[],
  { base, secrets, onStatus }: OpenOptions,
): RedisConnection {
  // Read at each attempt to connect. Those that were found later stand in for one that has gone for good.
  const nodes: HostPort[] = [...start]
  const client = new Cluster(nodes, {
    redisOptions: { ...base, ...secrets() },
    clusterRetryStrategy: (attempt) => Math.min(50 * attempt, MAX_RECONNECT_MS),
    enableOfflineQueue: false,
    scaleReads: 'master',
    maxRedirections: MAX_REDIRECTIONS,
    // Only what a server has refused is sent again.
    retryDelayOnFailover: 0,
    retryDelayOnClusterDown: TRY_AGAIN_MS,
    retryDelayOnTryAgain: TRY_AGAIN_MS,
    slotsRefreshTimeout: REFRESH_TIMEOUT_MS,
    slotsRefreshInterval: REFRESH_MS,
    lazyConnect: true,
    // Addresses are taken as the cluster tells them, names too: certificates are made out to names.
    dnsLookup: (address, callback) => callback(null, address),
  })
  const silent = new ClusterPings(client)
  client.on('error', (error) => onStatus('error', error.message))
  client.on('node error', (error, node) => onStatus('error', `${node}: ${error.message}`))
  for (const status of ['ready', 'close', 'reconnecting'] as const)
    client.on(status, () => onStatus(status, ''))
  // A node is connected to after it was told here: the password may be a new one.
  client.on('+node', (node: Client) => {
    Object.assign(node.options, secrets())
    forgiveAsking(node)
  })
  client.on('refresh', () => {
    // Before somebody's first command: those that come while a connection is being made would be refused.
    setImmediate(() => connectMasters(client))
    const found = client.nodes('all').map(({ options }) => ({ host: options.host!, port: options.port! }))
    nodes.splice(0, nodes.length, ...start, ...found)
  })
  client.connect().catch((error: Error) => onStatus('error', error.message))
  return {
    client,
    isCluster: true,
    get isConnected() {
      return client.status === 'ready'
    },
    async ping({ write }) {
      await silent.ping()
      if (write) await client.set(PING_KEY, '', 'PX', PING_KEPT_MS)
    },
    giveUp: () => silent.giveUp(),
    masters: () => client.nodes('master'),
    close: () => client.disconnect(),
  }
}

function connectMasters(client: Cluster): void {
  for (const node of client.nodes('master')) if (node.status === 'wait') node.connect().catch(() => {})
}

/** ioredis says ASKING before a command that was sent on, and nobody waits for its answer: a rejection would end the process. */
function forgiveAsking(node: Client): void {
  const asking = node.asking.bind(node)
  node.asking = (...args: Parameters<typeof asking>) => {
    const answer = asking(...args)
    answer.catch(() => {})
    return answer
  }
}

/** Who of the masters answers. One that is silent is left, so that the map of slots and the connection to it are made anew. */
class ClusterPings {
  readonly #cluster: Cluster
  readonly #open = new Map<Client, Promise<unknown>>()

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** Resolves when one of them answers. @throws the error of one of them when none does */
  async ping(): Promise<void> {
    const asked = this.#cluster.nodes('master').map((node) => this.#ask(node))
    try {
      await Promise.any(asked)
    } catch (error) {
      throw error instanceof AggregateError && error.errors.length > 0 ? error.errors[0] : error
    }
  }

  /** Commands have timed out, and yet others may be answered: the whole is given up only when nobody answers. */
  giveUp(): void {
    const masters = this.#cluster.nodes('master')
    if (masters.every((node) => this.#open.has(node))) this.#cluster.disconnect(true)
    else this.#cluster.refreshSlotsCache()
  }

  #ask(node: Client): Promise<unknown> {
    const open = this.#open.get(node)
    if (open) return open
    const answer = node.ping().finally(() => this.#open.delete(node))
    this.#open.set(node, answer)
    answer.catch((error: unknown) => {
      if (messageOf(error) !== TIMED_OUT) return
      node.disconnect()
      this.#cluster.refreshSlotsCache()
    })
    return answer
  }
}
