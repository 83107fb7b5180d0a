import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** Takes spans in as a collector would, so that tracing costs what it costs; counts the requests and forgets them. */
export async function startTraceSink(): Promise<{ url: string; requests: () => number; stop: () => void }> {
  let requests = 0
  const server = createServer((request, response) => {
    requests++
    request.resume()
    request.once('end', () => response.writeHead(200, { 'content-type': 'application/json' }).end('{}'))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    requests: () => requests,
    stop() {
      server.close()
      server.closeAllConnections()
    },
  }
}
