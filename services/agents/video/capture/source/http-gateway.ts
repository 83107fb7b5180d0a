import { randomBytes, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { UserCredentials } from '#platform/http/challenge-answer.ts'
import { unwrapUrl, wrapPlaylist, wrapUrl } from './ffmpeg-address.ts'
import { createHeldAnswer, type HeldAnswer } from './held-answer.ts'
import { type BegunAnswer, createHttpAsking, type HttpAsking, withHead } from './http-asking.ts'
import { MOTION_JPEG_TYPE, motionJpeg, pictureKind } from './motion-jpeg.ts'
import { isOwnPeer } from './own-peer.ts'
import { unreachableSource } from './source-fault.ts'
import { hostOf, type SourcePolicy } from './source-policy.ts'

const PLAYLIST_MARK = '#EXTM3U'
const MAX_PLAYLIST_BYTES = 1024 * 1024
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
  /** Whether the source gives JPEG pictures: `reach` finds out. ffmpeg gets all of them as one stream of parts. */
  readonly isMotionJpeg: boolean
  /**
   * Asks the source, and keeps its answer for the next who reads it, so that it is called once.
   * @throws MurmurError SOURCE_UNAVAILABLE, CREDENTIALS_REFUSED, ADDRESS_FORBIDDEN; the signal's reason
   */
  reach(signal: AbortSignal): Promise<void>
  /** Why the last request failed, once: ffmpeg only reports that it did. */
  takeFault(): MurmurError | undefined
  close(): Promise<void>
}

export interface GatewayOptions {
  clock: Pick<Clock, 'monotonicMs' | 'sleep'>
  /** Between two pictures of a source that gives one at a time. Milliseconds. */
  pictureIntervalMs: number
}

/**
 * A proxy on loopback that ffmpeg has to use for everything: names are resolved and addresses checked here, for redirects,
 * playlists and segments as for the first request. https ends here, so that ffmpeg needs no way past it.
 */
export async function openHttpGateway(
  url: string,
  policy: SourcePolicy,
  credentials: UserCredentials | undefined,
  options: GatewayOptions,
): Promise<HttpGateway> {
  const first = new URL(url)
  policy.assertUrl(first)
  const asking = createHttpAsking(first, policy, credentials)
  const held = createHeldAnswer(first, asking)
  const token = randomBytes(24).toString('base64url')
  const mark = `?${randomBytes(9).toString('base64url')}`
  const site: Site = { asking, held, policy, first, mark, options, isMotionJpeg: false }
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
    get isMotionJpeg() {
      return site.isMotionJpeg
    },
    async reach(signal) {
      const kept = await held.reach(signal).catch((error: unknown) => {
        signal.throwIfAborted()
        throw unreachableSource(error, hostOf(first))
      })
      // One that sends its callers elsewhere says nothing yet: what was found there before still holds.
      if (kept.answer.statusCode < 300) site.isMotionJpeg = pictureKind(kept) !== undefined
    },
    takeFault() {
      const taken = fault
      fault = undefined
      return taken
    },
    async close() {
      held.close()
      server.closeAllConnections()
      await Promise.all([new Promise((resolve) => server.close(resolve)), asking.close()])
    },
  }
}

/** What requests of one source share. */
interface Site {
  asking: HttpAsking
  held: HeldAnswer
  policy: SourcePolicy
  /** The address that was asked for. */
  first: URL
  /** Stands in place of its query. */
  mark: string
  options: GatewayOptions
  isMotionJpeg: boolean
}

function hasToken({ headers }: IncomingMessage, token: string): boolean {
  const given = Buffer.from(headers['proxy-authorization'] ?? '')
  const wanted = Buffer.from(`Basic ${Buffer.from(`capture:${token}`).toString('base64')}`)
  return given.length === wanted.length && timingSafeEqual(given, wanted)
}

async function pass(site: Site, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { asking, first, held, mark, policy } = site
  const url = unwrapUrl(request.url ?? '')
  if (!url || request.method !== 'GET') {
    response.writeHead(400).end()
    return
  }
  policy.assertUrl(url)
  const isFirst = url.origin === first.origin && url.pathname === first.pathname
  if (isFirst && url.search === mark) url.search = first.search
  const asked = pick(request.headers, REQUEST_HEADERS)
  const hangUp = new AbortController()
  const kept = isFirst && url.search === first.search && isFromStart(asked) ? held.take() : undefined
  response.once('close', () => {
    hangUp.abort()
    kept?.hangUp()
  })
  const { answer, head, rest } = kept ?? (await withHead(await asking.ask(url, asked, hangUp.signal)))
  const kind = pictureKind({ answer, head })
  if (kind !== undefined) {
    site.isMotionJpeg = true
    const again = () => asking.ask(url, pick(asked, ['user-agent', 'accept']), hangUp.signal)
    const parts = motionJpeg(
      { kind, body: continued(head, rest), again, signal: hangUp.signal },
      site.options,
    )
    response.writeHead(200, { 'content-type': MOTION_JPEG_TYPE })
    await pipeline(Readable.from(parts), response)
    return
  }
  const headers = pick(answer.headers, RESPONSE_HEADERS)
  const location = answer.headers.location
  if (typeof location === 'string') headers.location = redirectOf(location, url)
  await passBody({ answer, head, rest }, headers, response)
}

/** ffmpeg always asks for a range; the whole is what it asks for first. */
function isFromStart({ range }: Record<string, string | string[]>): boolean {
  return range === undefined || range === 'bytes=0-'
}

async function passBody(
  { answer: { statusCode }, head, rest }: BegunAnswer,
  headers: Record<string, string | string[]>,
  response: ServerResponse,
): Promise<void> {
  if (!head.toString('latin1').startsWith(PLAYLIST_MARK)) {
    response.writeHead(statusCode, headers)
    await pipeline(continued(head, rest), response)
    return
  }
  const chunks = [head]
  let bytes = head.length
  for (let next = await rest.next(); !next.done; next = await rest.next()) {
    bytes += next.value.length
    if (bytes > MAX_PLAYLIST_BYTES)
      throw new MurmurError('LIMIT_EXCEEDED', 'the playlist is longer than 1 MiB')
    chunks.push(next.value)
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

async function* continued(head: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield head
  for (let next = await rest.next(); !next.done; next = await rest.next()) yield next.value
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
