import { once } from 'node:events'
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

/** A link between a client and a server that can go bad. */
export interface LinkProxy {
  readonly port: number
  /** The URL of the server, through the link. */
  through(url: string): string
  /** Half-open: connections stay up and are accepted, and nothing is delivered in either direction. */
  stall(): void
  /** What connects from now on is served; what was stalled stays so for ever, as when the other end has forgotten it. */
  heal(): void
  /** Connections there are just now. */
  readonly connections: number
}

/** In front of the server that listens on this port of this machine; gone when the test ends. */
export async function withLinkProxy(t: Pick<Test, 'teardown'>, serverPort: number): Promise<LinkProxy> {
  const links = new Set<Link>()
  let isStalled = false
  const server = createServer((client) => {
    const link = new Link(client, serverPort, () => links.delete(link))
    links.add(link)
    if (isStalled) link.stall()
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  t.teardown(() => {
    server.close()
    for (const link of links) link.end()
  })
  return {
    port,
    through(url) {
      const target = new URL(url)
      return url.replace(target.host, `127.0.0.1:${port}`)
    },
    stall() {
      isStalled = true
      for (const link of links) link.stall()
    },
    heal() {
      isStalled = false
    },
    get connections() {
      return links.size
    },
  }
}

class Link {
  readonly #client: Socket
  readonly #server: Socket

  constructor(client: Socket, port: number, onEnd: () => void) {
    this.#client = client
    this.#server = createConnection({ host: '127.0.0.1', port })
    client.pipe(this.#server)
    this.#server.pipe(client)
    for (const socket of [client, this.#server]) socket.on('error', () => socket.destroy())
    client.once('close', () => {
      this.#server.destroy()
      onEnd()
    })
    this.#server.once('close', () => client.destroy())
  }

  stall(): void {
    this.#client.unpipe()
    this.#server.unpipe()
    // What comes is read and thrown away: the sender sees a healthy connection.
    for (const socket of [this.#client, this.#server]) socket.resume()
  }

  end(): void {
    this.#client.destroy()
    this.#server.destroy()
  }
}
