import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { pipeline } from 'node:stream/promises'
import { Agent, type Dispatcher } from 'undici'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import {
  type ChallengeAnswer,
  createChallengeAnswer,
  type UserCredentials,
} from '#platform/http/challenge-answer.ts'
import { createGuardedConnector } from '#platform/http/guarded-connector.ts'
import { unwrapUrl, wrapPlaylist, wrapUrl } from './ffmpeg-address.ts'
import { isOwnPeer } from './own-peer.ts'
import { refusedUser, unreachableSource } from './source-fault.ts'
import { hostOf, type SourcePolicy } from './source-policy.ts'

const CONNECT_TIMEOUT_MS = 10_000
const PLAYLIST_MARK = '#EXTM3U'
const MAX_PLAYLIST_BYTES = 1024 * 1024
/** Of a page that says who is asked for. */
const REFUSAL_BYTES = 64 * 1024
const REQUEST_HEADERS = ['range', 'user-agent', 'accept', 'authorization', 'cookie', 'icy-metadata'] as const
const RESPONSE_HEADERS = [
  'content-type',
  'content-length',
  'content-range',
  'accept-ranges',
  'set-cookie',
] as const

/** The one way from ffmpeg to the web. */
export interface HttpGateway {
  /** With the password that the gateway asks for: nothing for arguments. */
  readonly proxy: string
  /** The address as ffmpeg has to be given it: without its query, which may hold a key. */
  readonly url: string
  /** Why the last request failed, once: ffmpeg only reports that it did. */
  takeFault(): MurmurError | undefined
  close(): Promise<void>
}

/**
 * A proxy on loopback that ffmpeg has to use for everything: names are resolved and addresses checked here, for redirects,
 * playlists and segments as for the first request. https ends here, so that ffmpeg needs no way past it.
 */
export async function openHttpGateway(
  url: string,
  policy: SourcePolicy,
  credentials: UserCredentials | undefined,
): Promise<HttpGateway> {
  const first = new URL(url)
  policy.assertUrl(first)
  const connect = createGuardedConnector(policy.guard, {
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    ...(policy.resolve && { resolve: policy.resolve }),
  })
  // Streams may be silent: what waits for frames knows when it is too long.
  const agent = new Agent({ connect, headersTimeout: CONNECT_TIMEOUT_MS, bodyTimeout: 0, connections: 16 })
  const token = randomBytes(24).toString('base64url')
  const mark = `?${randomBytes(9).toString('base64url')}`
  const answer = credentials && createChallengeAnswer(credentials)
  const site: Site = { agent, policy, first, mark, answer }
  let fault: MurmurError | undefined
  const server = createServer((request, response) => {
    if (!hasToken(request, token)) {
      response.writeHead(407, { 'proxy-authenticate': 'Basic realm="capture"' }).end()
      return
    }
    void pass(site, request, response).catch((error: unknown) => {
      // ffmpeg hangs up when it has what it wants.
      if (response.destroyed) return
      fault = unreachableSource(error, hostOfTarget(request.url ?? ''))
      if (response.headersSent) response.destroy()
      else response.writeHead(fault.code === 'ADDRESS_FORBIDDEN' ? 403 : 502).end()
    })
  })
  server.on('connection', (socket) => {
    void isOwnPeer(socket).then((isOwn) => isOwn || socket.destroy())
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve)
  })
  return {
    proxy: `http://capture:${token}@127.0.0.1:${(server.address() as AddressInfo).port}`,
    url: wrapUrl(first.search === '' ? first.href : `${first.origin}${first.pathname}${mark}`),
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

/** What requests of one source share. */
interface Site {
  agent: Agent
  policy: SourcePolicy
  /** The address that was asked for. */
  first: URL
  /** Stands in place of its query. */
  mark: string
  /** For the origin of the first address alone. */
  answer: ChallengeAnswer | undefined
}

function hasToken({ headers }: IncomingMessage, token: string): boolean {
  const given = Buffer.from(headers['proxy-authorization'] ?? '')
  const wanted = Buffer.from(`Basic ${Buffer.from(`capture:${token}`).toString('base64')}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

async function pass(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { first, mark, policy } = site
  const url = unwrapUrl(request.url ?? '')
  if (!url || request.method !== 'GET') {
    response.writeHead(400).end()
    return
  }
  policy.assertUrl(url)
  if (url.search === mark && url.origin === first.origin && url.pathname === first.pathname)
    url.search = first.search
  const hangUp = new AbortController()
  response.once('close', () => hangUp.abort())
  const answer = await ask(site, url, pick(request.headers, REQUEST_HEADERS), hangUp.signal)
  const headers = pick(answer.headers, RESPONSE_HEADERS)
  const location = answer.headers.location
  if (typeof location === 'string') headers.location = redirectOf(location, url)
  if (answer.statusCode === 401) throw refusedUser(hostOf(url), site.answer !== undefined)
  await passBody(answer, headers, response)
}

/** Asked again, once, where the origin of the source wants to know who is there. */
async function ask(
  { agent, first, answer }: Site,
  url: URL,
  given: Record<string, string | string[]>,
  signal: AbortSignal,
): Promise<Dispatcher.ResponseData> {
  const path = url.pathname + url.search
  const own = url.origin === first.origin ? answer : undefined
  const send = () => {
    const authorization = own?.authorize('GET', path)
    const headers = { ...given, ...(authorization && { authorization }), 'accept-encoding': 'identity' }
    return agent.request({ origin: url.origin, path, method: 'GET', headers, signal })
  }
  for (let attempt = 1; ; attempt++) {
    const got = await send()
    const wanted = got.headers['www-authenticate']
    if (got.statusCode !== 401 || !own || attempt > 2 || wanted === undefined) return got
    if (!own.challenged([wanted].flat())) return got
    await got.body.dump({ limit: REFUSAL_BYTES, signal })
  }
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

function hostOfTarget(target: string): string {
  const url = unwrapUrl(target)
  return url ? hostOf(url) : ''
}
