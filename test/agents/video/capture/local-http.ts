import { createServer, type RequestListener } from 'node:http'
import { type AddressInfo, createServer as createTcpServer, type Socket } from 'node:net'
import type { Test } from 'tap'

/** A web server on a free port of loopback; gone when the test ends. */
export async function serveHttp(
  t: Test,
  listener: RequestListener,
  host = '127.0.0.1',
): Promise<{ url: string; hangUp(): void }> {
  const server = createServer(listener)
  await new Promise<void>((resolve) => server.listen(0, host, resolve))
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    hangUp: () => server.closeAllConnections(),
  }
}

/** Accepts connections and never says a word. */
export async function serveSilence(t: Test): Promise<{ port: number; calls(): number }> {
  const sockets: Socket[] = []
  const server = createTcpServer((socket) => {
    sockets.push(socket)
    socket.on('error', () => undefined)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  t.teardown(() => {
    for (const socket of sockets) socket.destroy()
    server.close()
  })
  return { port: (server.address() as AddressInfo).port, calls: () => sockets.length }
}
