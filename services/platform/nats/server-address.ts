import {
  type ConnectionOptions,
  type NatsConnection,
  usernamePasswordAuthenticator,
} from '@nats-io/transport-node'
export interface ServerAddress {
  servers: string[]
  user?: string
  pass?: string
}

/** Several servers are separated by commas; the client takes credentials as options, not from the URL. */
export function serversOf(urls: string): ServerAddress {
  const servers = urls.split(',').map((url) => url.trim())
  const [withUser] = servers.map((url) => new URL(url)).filter((url) => url.username !== '')
  const bare = servers.map(withoutCredentials)
  if (!withUser) return { servers: bare }
  return {
    servers: bare,
    user: decodeURIComponent(withUser.username),
    pass: decodeURIComponent(withUser.password),
  }
}

/** For messages and logs. */
export function withoutCredentials(url: string): string {
  return url.replace(/\/\/[^@/]*@/g, '//')
}

/** Negative when `a` is older than `b`; pre-release marks don't count. */
export function compareVersions(a: string, b: string): number {
  const numbers = (text: string) => text.split(/[.-]/).slice(0, 3).map(Number)
  const [x, y] = [numbers(a), numbers(b)]
  for (let i = 0; i < 3; i++) if ((x[i] ?? 0) !== (y[i] ?? 0)) return (x[i] ?? 0) - (y[i] ?? 0)
  return 0
}

/**
 * The address of a server that may come back at another one, with another password, as one of local mode does. Asked before each
 * attempt to connect again; while nobody knows an address, the last one holds.
 */
export class MovingAddress {
  readonly #currentUrl: () => string | undefined
  #url: string
  #connection: NatsConnection | undefined

  constructor(url: string, currentUrl: () => string | undefined) {
    this.#url = url
    this.#currentUrl = currentUrl
  }

  /** What the connection has to be made with; its user and password are these, and not fixed ones. */
  get options(): Partial<ConnectionOptions> {
    const credentials = () => serversOf(this.#url)
    return {
      ...(serversOf(this.#url).user && {
        authenticator: usernamePasswordAuthenticator(
          () => credentials().user ?? '',
          () => credentials().pass ?? '',
        ),
      }),
      // A server that has just started again refuses the old password until the new one is known.
      ignoreAuthErrorAbort: true,
      reconnectToServer: (pool) => {
        const connection = this.#connection
        if (!connection || !this.#hasMoved()) return null
        connection.setServers(serversOf(this.#url).servers.map((server) => new URL(server).host))
        return connection.getServers()[0] ?? pool[0] ?? null
      },
    }
  }

  /** To be called as soon as there is a connection. */
  follow(connection: NatsConnection): void {
    this.#connection = connection
  }

  #hasMoved(): boolean {
    const url = this.#currentUrl()
    if (url === undefined || url === this.#url) return false
    this.#url = url
    return true
  }
}

/**
 * The cluster that a server says it is of; undefined: it is alone. One that has links to others as a leaf says its own name.
 * @param info what it has told when it was connected to
 */
export function clusterOf(info: object | undefined): string | undefined {
  const { cluster, server_name } = (info ?? {}) as { cluster?: string; server_name?: string }
  return cluster === server_name ? undefined : cluster
}
