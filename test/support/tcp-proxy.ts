import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import type { Test } from 'tap'

/** A way to a server that can be cut, at once or in the middle of what comes. */
export interface TcpProxy {
  /** The same URL with the proxy in place of the server. */
  readonly url: string
  /** Cuts every connection now. */
  cut(): void
  /** Cuts every connection when so many more bytes have come from the server. */
  cutAfter(bytes: number): void
  /** Connections that are open. */
  readonly open: number
}

/** Stands between a client and the server that `url` names; gone when the test ends. */
export async function openTcpProxy(t: Pick<Test, 'teardown'>, url: string): Promise<TcpProxy> {
  const target = new URL(url)
  const pairs = new Set<[Socket, Socket]>()
  let bytesLeft = Number.POSITIVE_INFINITY
  const cut = () => {
    bytesLeft = Number.POSITIVE_INFINITY
    for (const pair of pairs) for (const socket of pair) socket.destroy()
    pairs.clear()
  }
  const server = createServer((client) => {
    const upstream = connect(Number(target.port), target.hostname)
    const pair: [Socket, Socket] = [client, upstream]
    pairs.add(pair)
    for (const socket of pair) {
      socket.setNoDelay(true)
      socket.on('error', () => undefined)
      socket.on('close', () => {
        pairs.delete(pair)
        client.destroy()
        upstream.destroy()
      })
    }
    client.pipe(upstream)
    upstream.on('data', (chunk: Buffer) => {
      const fits = chunk.subarray(0, bytesLeft)
      bytesLeft -= chunk.length
      // What fits still arrives: a connection may end in the middle of a message.
      if (bytesLeft <= 0) client.write(fits, () => cut())
      else if (!client.write(chunk)) {
        upstream.pause()
        client.once('drain', () => upstream.resume())
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  t.teardown(() => {
    cut()
    server.close()
  })
  const through = new URL(url)
  through.hostname = '127.0.0.1'
  through.port = String((server.address() as AddressInfo).port)
  return {
    url: through.href.replace(/\/$/, ''),
    cut,
    cutAfter(bytes) {
      bytesLeft = bytes
    },
    get open() {
      return pairs.size
    },
  }
}
