import {
  type ConnectionOptions,
  type NatsConnection,
  usernamePasswordAuthenticator,
} from '@nats-io/transport-node'
import { serversOf } from './server-address.ts'

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
