import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { Agent, type Dispatcher } from 'undici'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { type AddressGuard, ForbiddenAddressError, plainName } from '#platform/http/address-guard.ts'
import { createGuardedConnector } from '#platform/http/guarded-connector.ts'
import { unwrapUrl, wrapPlaylist, wrapUrl } from './ffmpeg-address.ts'
import { forbiddenSource } from './source-fault.ts'

const CONNECT_TIMEOUT_MS = 10_000
const PLAYLIST_MARK = '#EXTM3U'
const MAX_PLAYLIST_BYTES = 1024 * 1024
const REQUEST_HEADERS = ['range', 'user-agent', 'accept', 'authorization', 'cookie', 'icy-metadata'] as const
const RESPONSE_HEADERS = [
  'content-type',
  'content-length',
  'content-range',
  'accept-ranges',
  'www-authenticate',
  'set-cookie',
] as const

/** The one way from ffmpeg to the web. */
export interface HttpGateway {
  /** For `-http_proxy`. */
  readonly proxy: string
  /** The address as ffmpeg has to be given it. */
  wrap(url: string): string
  /** Why the last request failed, once: ffmpeg only reports that it did. */
  takeFault(): MurmurError | undefined
  close(): Promise<void>
}

/**
 * A proxy on loopback that ffmpeg has to use for everything: names are resolved and addresses checked here, for redirects,
 * playlists and segments as for the first request. https ends here, so that ffmpeg needs no way past it.
 */
export async function openHttpGateway(guard: AddressGuard): Promise<HttpGateway> {
  const connect = createGuardedConnector(guard, { connectTimeoutMs: CONNECT_TIMEOUT_MS })
  // Streams may be silent: what waits for frames knows when it is too long.
  const agent = new Agent({ connect, headersTimeout: CONNECT_TIMEOUT_MS, bodyTimeout: 0, connections: 16 })
  let fault: MurmurError | undefined
  const server = createServer((request, response) => {
    void pass(agent, request, response).catch((error: unknown) => {
      // ffmpeg hangs up when it has what it wants.
      if (response.destroyed) return
      fault = faultOf(error, request.url ?? '')
      if (response.headersSent) response.destroy()
      else response.writeHead(fault.code === 'ADDRESS_FORBIDDEN' ? 403 : 502).end()
    })
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  return {
    proxy: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    wrap: wrapUrl,
    takeFault() {
      const taken = fault
      fault = undefined
      return taken
    },
    async close() {
      server.closeAllConnections()
      await Promise.all([new Promise((resolve) => server.close(resolve)), agent.destroy()])
    },
  }
}

async function pass(agent: Agent, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const url = unwrapUrl(request.url ?? '')
  if (!url || request.method !== 'GET') {
    response.writeHead(400).end()
    return
  }
  const hangUp = new AbortController()
  response.once('close', () => hangUp.abort())
  const answer = await agent.request({
    origin: url.origin,
    path: url.pathname + url.search,
    method: 'GET',
    headers: { ...pick(request.headers, REQUEST_HEADERS), 'accept-encoding': 'identity' },
    signal: hangUp.signal,
  })
  const headers = pick(answer.headers, RESPONSE_HEADERS)
  const location = answer.headers.location
  if (typeof location === 'string') headers.location = redirectOf(location, url)
  await passBody(answer, headers, response)
}

async function passBody(
  { statusCode, body }: Dispatcher.ResponseData,
  headers: Record<string, string | string[]>,
  response: ServerResponse,
): Promise<void> {
  const parts = body[Symbol.asyncIterator]()
  const head = await readHead(parts)
  if (!head.toString('latin1').startsWith(PLAYLIST_MARK)) {
    response.writeHead(statusCode, headers)
    await pipeline(continued(head, parts), response)
    return
  }
  const chunks = [head]
  let bytes = head.length
  for (let next = await parts.next(); !next.done; next = await parts.next()) {
    bytes += next.value.length
    if (bytes > MAX_PLAYLIST_BYTES)
      throw new MurmurError('LIMIT_EXCEEDED', 'the playlist is longer than 1 MiB')
    chunks.push(next.value as Buffer)
  }
  const text = Buffer.from(wrapPlaylist(Buffer.concat(chunks).toString()))
  // Its length is another now, and a part of it makes no sense.
  const kept = pick(headers, ['content-type', 'set-cookie', 'location'])
  response.writeHead(statusCode === 206 ? 200 : statusCode, {
    ...kept,
    'content-length': String(text.length),
  })
  response.end(text)
}

/** Enough of the body to tell a playlist by its mark, as ffmpeg does. */
async function readHead(parts: AsyncIterator<Buffer>): Promise<Buffer> {
  let head = Buffer.alloc(0)
  while (head.length < PLAYLIST_MARK.length) {
    const next = await parts.next()
    if (next.done) break
    head = Buffer.concat([head, next.value])
  }
  return head
}

async function* continued(head: Buffer, parts: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield head
  for (let next = await parts.next(); !next.done; next = await parts.next()) yield next.value
}

/** @throws MurmurError ADDRESS_FORBIDDEN when it leads away from the web */
function redirectOf(location: string, base: URL): string {
  const target = URL.parse(location, base.href)
  if (target?.protocol !== 'http:' && target?.protocol !== 'https:')
    throw new MurmurError('ADDRESS_FORBIDDEN', 'the source redirects to something else than http and https')
  return wrapUrl(target.href)
}

function pick(
  headers: Record<string, string | string[] | undefined>,
  names: readonly string[],
): Record<string, string | string[]> {
  const picked = names.map((name) => [name, headers[name]] as const)
  return Object.fromEntries(
    picked.filter((entry): entry is [string, string | string[]] => entry[1] !== undefined),
  )
}

function faultOf(error: unknown, target: string): MurmurError {
  const host = plainName(unwrapUrl(target)?.hostname ?? '')
  const cause = error instanceof MurmurError ? error : error instanceof Error ? error.cause : undefined
  if (cause instanceof MurmurError)
    return cause instanceof ForbiddenAddressError ? forbiddenSource(cause.address, host) : cause
  return new MurmurError('SOURCE_UNAVAILABLE', `${host} can't be reached: ${messageOf(error)}`, {
    cause: error,
  })
}
