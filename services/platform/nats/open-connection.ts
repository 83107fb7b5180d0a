import { type JetStreamManager, jetstreamManager } from '@nats-io/jetstream'
import {
  type ConnectionOptions,
  connect,
  credsAuthenticator,
  errors,
  type NatsConnection,
  type Server,
  usernamePasswordAuthenticator,
} from '@nats-io/transport-node'
import { currentCredentials, type NatsCredentials, type NatsSecurity } from '#platform/config/connections.ts'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { TOKEN_PATTERN } from '#schemas/identifiers.ts'
import { INBOX_WITHOUT_USER, inboxPrefixOf } from '#subjects/inboxes.ts'
import { CutOffWatch, type LeaderElsewhere } from './cut-off-watch.ts'
import { leaderElsewhere, questionAbout } from './leader-elsewhere.ts'
import { tieRequestsToConnection } from './live-connection.ts'
import { compareVersions, MovingAddress, serversOf, withoutCredentials } from './server-address.ts'

const CONNECT_TIMEOUT_MS = 10_000
/** Of a connection to another server, to ask it something. Milliseconds. */
const LOOK_TIMEOUT_MS = 2000
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
  /** False: in an account without streams of its own, as agents are; it is not asked whether there are any. */
  hasJetStream?: boolean
  /** Told when no leader answers through the server, and the next one is tried. */
  onMove?: () => void
  /** How long the first answer of a server is waited for. Milliseconds, by default 10 s. */
  connectTimeoutMs?: number
}

/**
 * A connection that lasts, to a server that has what we need.
 * @throws MurmurError UNAVAILABLE when no server answers within `connectTimeoutMs`, SERVER_TOO_OLD
 */
export async function openConnection(
  options: ConnectOptions,
): Promise<{ nc: NatsConnection; jsm: JetStreamManager; inboxPrefix: string; watch: CutOffWatch }> {
  const { user, pass, ...settings } = connectionOptions(options.url, options.security)
  const moving = options.currentUrl && new MovingAddress(options.url, options.currentUrl)
  const login = moving?.options ?? (user !== undefined && { user, pass: pass ?? '' })
  const elsewhere: LeaderElsewhere = {
    // Whoever has no streams may only take from consumers.
    mayAsk: ({ consumer }) => options.hasJetStream !== false || consumer !== undefined,
    find: (place) =>
      leaderElsewhere(nc, questionAbout(place), ({ listen, tlsName }) =>
        connect({ ...about, ...onlyTo(listen, tlsName, settings.tls), name: `${options.name} looking` }),
      ),
  }
  const watch = new CutOffWatch({ onMove: options.onMove, elsewhere })
  // Without another wish the client's own order holds.
  const reconnectToServer = (pool: readonly Server[]) => watch.choose(pool)
  const timeout = options.connectTimeoutMs ?? CONNECT_TIMEOUT_MS
  const about = { reconnectToServer, ...settings, ...options.pings, ...login, timeout, name: options.name }
  const nc = await connect(about).catch((cause: unknown) => {
    throw new MurmurError(
      'UNAVAILABLE',
      `no NATS server answers at ${withoutCredentials(options.url)}: ${messageOf(cause)}`,
      { cause },
    )
  })
  moving?.follow(nc)
  watch.follow(nc)
  tieRequestsToConnection(nc, watch)
  const version = nc.info?.version ?? '0'
  if (compareVersions(version, OLDEST_SERVER) < 0) {
    await nc.close()
    throw new MurmurError(
      'SERVER_TOO_OLD',
      `nats-server ${version} is too old, ${OLDEST_SERVER} or newer is needed`,
    )
  }
  const checkAPI = options.hasJetStream !== false
  const jsm = await jetstreamManager(nc, { timeout: 10_000, checkAPI }).catch(async (cause: unknown) => {
    await nc.close()
    throw new MurmurError('UNAVAILABLE', `JetStream does not answer: ${messageOf(cause)}`, { cause })
  })
  return { nc, jsm, inboxPrefix: settings.inboxPrefix, watch }
}

/** To one server, for a question. @param tlsName what its certificate is compared with, where it was told of by another server */
function onlyTo(listen: string, tlsName: string, tls: ConnectionOptions['tls']): ConnectionOptions {
  return {
    servers: [listen],
    ignoreClusterUpdates: true,
    reconnect: false,
    timeout: LOOK_TIMEOUT_MS,
    ...(tls &&
      tlsName !== '' && { tls: { ...tls, servername: tlsName } as NonNullable<ConnectionOptions['tls']> }),
  }
}

/**
 * Whether a server takes a connection that does not say who it is.
 * @throws MurmurError UNAVAILABLE when it can't be told: nobody answers
 */
export async function acceptsGuests(
  url: string,
  security: NatsSecurity,
  timeoutMs: number,
): Promise<boolean> {
  const { credentials: _none, inboxPrefix: _other, ...anonymous } = security
  const { user: _user, pass: _pass, ...settings } = connectionOptions(url, anonymous)
  try {
    const guest = await connect({ ...settings, timeout: timeoutMs, reconnect: false, name: 'murmur guest' })
    await guest.close()
    return true
  } catch (error) {
    if (error instanceof errors.AuthorizationError || /authorization|authentication/i.test(messageOf(error)))
      return false
    throw new MurmurError('UNAVAILABLE', `NATS does not answer: ${messageOf(error)}`, { cause: error })
  }
}

/** How one connection is made, in the words of the client library. */
export function connectionOptions(
  url: string,
  security: NatsSecurity = {},
): ConnectionOptions & { inboxPrefix: string } {
  const { user: urlUser, pass, servers } = serversOf(url)
  const { credentials, tls } = security
  const user = credentials?.kind === 'password' ? credentials.user : urlUser
  return {
    servers,
    ...(credentials ? loginOf(credentials) : user !== undefined && { user, pass: pass ?? '' }),
    inboxPrefix: security.inboxPrefix ?? ownPrefix(credentials?.kind === 'creds' ? undefined : user),
    ...((tls || /^tls:/i.test(url)) && { tls: { ...tls } }),
    noAsyncTraces: true,
    timeout: CONNECT_TIMEOUT_MS,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    reconnectJitter: 100,
    // A server that is gone closes its connections; this is for those that vanish. A busy event loop must not look like one.
    pingInterval: 2000,
    maxPingOut: 3,
  }
}

/** Says who we are by what the file of credentials holds at the time. A server that knows the new password sooner refuses us until we do. */
function loginOf(credentials: NatsCredentials): Partial<ConnectionOptions> {
  let known = credentials
  const current = <C extends NatsCredentials>(_of: C): C => {
    known = currentCredentials(known)
    return known as C
  }
  const authenticator =
    credentials.kind === 'creds'
      ? credsAuthenticator(() => current(credentials).file)
      : usernamePasswordAuthenticator(credentials.user, () => current(credentials).password)
  return { authenticator, ignoreAuthErrorAbort: true }
}

/** A name that is no token can't be a part of a subject: such users name their prefix themselves. */
function ownPrefix(user: string | undefined): string {
  return user !== undefined && TOKEN_PATTERN.test(user) ? inboxPrefixOf(user) : INBOX_WITHOUT_USER
}
