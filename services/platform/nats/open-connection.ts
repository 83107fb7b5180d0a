import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import type { NatsSecurity } from '#platform/config/connections.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { connectionOptions } from './connection-options.ts'
import { tieRequestsToConnection } from './live-connection.ts'
import { MovingAddress } from './moving-address.ts'
import { compareVersions, withoutCredentials } from './server-address.ts'

const OLDEST_SERVER = '2.9.0'

export interface ConnectOptions {
  /** May hold user and password. */
  url: string
  /** Where the server may have gone, when it is lost: asked before each attempt to connect again. */
  currentUrl?: () => string | undefined
  /** Instead of those, and TLS. */
  security?: NatsSecurity
  /** Shown by the server's monitoring: which service this is. */
  name: string
  /** How often, in milliseconds, and how many without an answer until the server counts as gone. */
  pings?: { pingInterval: number; maxPingOut: number }
}

/**
 * A connection that lasts, to a server that has what we need.
 * @throws MurmurError UNAVAILABLE when no server answers within 10 s, SERVER_TOO_OLD
 */
export async function openConnection(
  options: ConnectOptions,
): Promise<{ nc: NatsConnection; jsm: JetStreamManager; inboxPrefix: string }> {
  const { user, pass, ...settings } = connectionOptions(options.url, options.security)
  const moving = options.currentUrl && new MovingAddress(options.url, options.currentUrl)
  const login = moving?.options ?? (user !== undefined && { user, pass: pass ?? '' })
  const nc = await connect({ ...settings, ...options.pings, ...login, name: options.name }).catch(
    (cause: unknown) => {
      throw new MurmurError(
        'UNAVAILABLE',
        `no NATS server answers at ${withoutCredentials(options.url)}: ${messageOf(cause)}`,
        { cause },
      )
    },
  )
  moving?.follow(nc)
  tieRequestsToConnection(nc)
  const version = nc.info?.version ?? '0'
  if (compareVersions(version, OLDEST_SERVER) < 0) {
    await nc.close()
    throw new MurmurError(
      'SERVER_TOO_OLD',
      `nats-server ${version} is too old, ${OLDEST_SERVER} or newer is needed`,
    )
  }
  const jsm = await jetstreamManager(nc, { timeout: 10_000 }).catch(async (cause: unknown) => {
    await nc.close()
    throw new MurmurError('UNAVAILABLE', `JetStream does not answer: ${messageOf(cause)}`, { cause })
  })
  return { nc, jsm, inboxPrefix: settings.inboxPrefix }
}
