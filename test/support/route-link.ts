import { once } from 'node:events'
import { type AddressInfo, createConnection, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

/** A way between two servers that can be cut as a network is: nothing is refused and nothing lost, it comes when the way is whole again. */
export interface RouteLink {
  readonly port: number
  /** From now on nothing passes, in either direction; who connects waits. */
  cut(): void
  /** What was held up passes. */
  heal(): void
}

/** In front of the server that listens on this port of this machine; gone when the test ends. */
export async function withRouteLink(t: Pick<Test, 'teardown'>, serverPort: number): Promise<RouteLink> {
  const sockets = new Set<Socket>()
  let isCut = false
  const server = createServer({ pauseOnConnect: true }, (client) => {
    const target = createConnection({ host: '127.0.0.1', port: serverPort })
    const ends: [Socket, Socket] = [client, target]
    for (const [from, to] of [ends, [target, client] as const]) {
      sockets.add(from)
      from.setNoDelay(true)
      from.on('data', (data) => to.write(data))
      from.on('error', () => from.destroy())
      from.once('close', () => {
        sockets.delete(from)
        to.destroy()
      })
      if (isCut) from.pause()
      else from.resume()
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    server.close()
    for (const socket of sockets) socket.destroy()
  })
  return {
    port: (server.address() as AddressInfo).port,
    cut() {
      isCut = true
      for (const socket of sockets) socket.pause()
    },
    heal() {
      isCut = false
      for (const socket of sockets) socket.resume()
    },
  }
}
