import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import { connect, type NatsConnection } from '@nats-io/transport-node'
import type { NatsSecurity } from '#platform/config/connections.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { connectionOptions } from './connection-options.ts'
import { compareVersions, withoutCredentials } from './server-address.ts'

const OLDEST_SERVER = '2.9.0'

/** A connection to a server that is new enough and has JetStream. @throws MurmurError UNAVAILABLE, SERVER_TOO_OLD */
export async function openConnection(options: { url: string; security?: NatsSecurity; name: string }): Promise<{
  nc: NatsConnection
  jsm: JetStreamManager
  settings: ReturnType<typeof connectionOptions>
}> {
  const settings = connectionOptions(options.url, options.security)
  const nc = await connect({ ...settings, name: options.name }).catch((cause: unknown) => {
    throw new MurmurError(
      'UNAVAILABLE',
      `no NATS server answers at ${withoutCredentials(options.url)}: ${messageOf(cause)}`,
      { cause },
    )
  })
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
  return { nc, jsm, settings }
}
