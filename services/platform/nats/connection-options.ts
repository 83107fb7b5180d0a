import { type ConnectionOptions, credsAuthenticator } from '@nats-io/transport-node'
import type { NatsSecurity } from '#platform/config/connections.ts'
import { TOKEN_PATTERN } from '#schemas/identifiers.ts'
import { INBOX_WITHOUT_USER, inboxPrefixOf } from '#subjects/inboxes.ts'
import { serversOf } from './server-address.ts'

/** How one connection is made, in the words of the client library. */
export function connectionOptions(
  url: string,
  security: NatsSecurity = {},
): ConnectionOptions & { inboxPrefix: string } {
  const { user: urlUser, pass, servers } = serversOf(url)
  const { credentials, tls } = security
  const user = credentials?.kind === 'password' ? credentials.user : urlUser
  const password = credentials?.kind === 'password' ? credentials.password : pass
  return {
    servers,
    ...(credentials?.kind === 'creds'
      ? { authenticator: credsAuthenticator(credentials.file) }
      : user !== undefined && { user, pass: password ?? '' }),
    inboxPrefix: security.inboxPrefix ?? ownPrefix(credentials?.kind === 'creds' ? undefined : user),
    ...((tls || /^tls:/i.test(url)) && { tls: { ...tls } }),
    noAsyncTraces: true,
    timeout: 10_000,
    maxReconnectAttempts: -1,
    reconnectTimeWait: 200,
    reconnectJitter: 100,
    // A server that is gone closes its connections; this is for those that vanish. A busy event loop must not look like one.
    pingInterval: 2000,
    maxPingOut: 3,
  }
}

/** A name that is no token can't be a part of a subject: such users name their prefix themselves. */
function ownPrefix(user: string | undefined): string {
  return user !== undefined && TOKEN_PATTERN.test(user) ? inboxPrefixOf(user) : INBOX_WITHOUT_USER
}
