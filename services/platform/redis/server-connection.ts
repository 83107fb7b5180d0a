import { Redis as Client } from 'ioredis'
import type { HostPort, RedisAddress } from '../config/redis-url.ts'
import { type OpenOptions, PING_KEPT_MS, PING_KEY, type RedisConnection } from './redis-connection.ts'

/** A sentinel that is cut off must not keep the others from being asked. */
const SENTINEL_TIMEOUT_MS = 1000
const MAX_RECONNECT_MS = 500
/** How often a sentinel is asked for anew that tells of fail-overs. */
const SENTINEL_RECONNECT_MS = 1000

/**
 * One server: the one at an address, or whichever sentinels say is the master. A replica is no use: who finds one where the master was
 * connects anew, which asks the sentinels (or the name service) again.
 */
export function openServer(
  address: Extract<RedisAddress, { kind: 'server' | 'sentinel' }>,
  { base, secrets, onStatus, onCluster }: OpenOptions & { onCluster: (node: HostPort) => void },
): RedisConnection {
  const options = {
    ...base,
    retryStrategy: (attempt: number) => {
      // Read by each attempt to connect: the password may be a new one.
      Object.assign(client.options, secrets())
      return Math.min(50 * attempt, MAX_RECONNECT_MS)
    },
    reconnectOnError: (error: Error) => error.message.startsWith('READONLY'),
    enableOfflineQueue: false,
    lazyConnect: true,
    ...secrets(),
  }
  const client: Client =
    address.kind === 'server'
      ? new Client(address.url, options)
      : new Client({
          ...options,
          sentinels: address.nodes.map(({ host, port }) => ({ host, port })),
          name: address.master,
          db: address.db,
          role: 'master',
          sentinelRetryStrategy: (attempt) => Math.min(50 * attempt, MAX_RECONNECT_MS),
          sentinelReconnectStrategy: () => SENTINEL_RECONNECT_MS,
          sentinelCommandTimeout: SENTINEL_TIMEOUT_MS,
          failoverDetector: true,
          ...(address.tls && { enableTLSForSentinelMode: true, sentinelTLS: base.tls ?? {} }),
        })
  client.on('error', (error) => onStatus('error', error.message))
  for (const status of ['ready', 'close', 'reconnecting'] as const)
    client.on(status, () => onStatus(status, ''))
  if (address.kind === 'server')
    client.on('ready', () => {
      client.info('server').then(
        (info) => /^redis_mode:cluster/m.test(info) && onCluster(address.nodes[0]),
        // Who may not ask finds out by the first key that lies elsewhere.
        () => {},
      )
    })
  // Failing to connect at first is like losing the connection later: it goes on trying, and says so.
  client.connect().catch((error: Error) => onStatus('error', error.message))
  return {
    client,
    isCluster: false,
    get isConnected() {
      return client.status === 'ready'
    },
    ping: ({ write }) => (write ? client.set(PING_KEY, '', 'PX', PING_KEPT_MS) : client.ping()),
    giveUp: () => client.disconnect(true),
    masters: () => [client],
    close: () => client.disconnect(),
  }
}
