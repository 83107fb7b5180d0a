import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface SeenRequest {
  method: string
  url: string
  headers: IncomingMessage['headers']
  body: string
}

export interface LocalServer {
  origin: string
  port: number
  /** Everything that arrived, in order. */
  seen: SeenRequest[]
}

export type Answer = (request: SeenRequest, response: ServerResponse, count: number) => void

/** A real HTTP server on a free port of every address of this machine, gone when the test ends. */
export async function startServer(
  t: { teardown(end: () => unknown): void },
  answer: Answer,
): Promise<LocalServer> {
  const seen: SeenRequest[] = []
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    const { method = '', url = '', headers } = request
    const entry = { method, url, headers, body: Buffer.concat(chunks).toString() }
    seen.push(entry)
    answer(entry, response, seen.length)
  })
  server.listen(0, '0.0.0.0')
  await once(server, 'listening')
  t.teardown(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port } = server.address() as AddressInfo
  return { origin: `http://127.0.0.1:${port}`, port, seen }
}
