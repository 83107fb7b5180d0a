import { Agent, type Dispatcher } from 'undici'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { HttpMethod } from '#schemas/api-call.ts'
import { type AddressPolicy, createAddressGuard } from './address-guard.ts'
import { createGuardedConnector, type ResolveAll } from './guarded-connector.ts'
import { toHttpCallError } from './http-call-error.ts'
import { ACCEPTED_ENCODINGS, readBody } from './read-body.ts'
import { followRedirect, type Hop, isRedirect } from './redirect.ts'

export interface HttpRequest extends Omit<Hop, 'url'> {
  url: string
  /** Of the body after decompression. */
  maxBytes: number
  /** For the whole call, redirects and body included. */
  timeoutMs: number
  signal: AbortSignal
  /** Statuses that are wanted as they are, so that their redirect is not followed. */
  keeps?(status: number): boolean
  /** Whether a header, its name in lower case, goes along to where a redirect leads within the same origin. All of them by default. */
  keepsHeader?(name: string, url: URL, method: HttpMethod): boolean
}

export interface HttpAnswer {
  status: number
  /** Where it came from in the end. */
  url: URL
  /** Names in lower case, repeated ones joined by commas. */
  headers: Readonly<Record<string, string>>
  body: Uint8Array
}

/** Calls services outside: public addresses only, everything it reads is bounded. */
export interface HttpClient {
  /**
   * The answer, whatever its status.
   * @throws MurmurError ADDRESS_FORBIDDEN, LIMIT_EXCEEDED; HttpCallError UPSTREAM_ERROR, UPSTREAM_TIMEOUT;
   *   the signal's reason when it was aborted
   */
  call(request: HttpRequest): Promise<HttpAnswer>
  close(): Promise<void>
}

export interface HttpClientOptions extends AddressPolicy {
  connectTimeoutMs?: number
  maxHeaderBytes?: number
  maxRedirects?: number
  /** Instead of the system's resolver. */
  resolve?: ResolveAll
}

const REDIRECT_BODY_BYTES = 16 * 1024

/** Makes a client with connections of its own. Proxies of the environment are not used: they would do the resolving. */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const guard = createAddressGuard(options)
  const maxRedirects = options.maxRedirects ?? 5
  const agent = new Agent({
    connect: createGuardedConnector(guard, {
      connectTimeoutMs: options.connectTimeoutMs ?? 5000,
      ...(options.resolve && { resolve: options.resolve }),
    }),
    maxHeaderSize: options.maxHeaderBytes ?? 16 * 1024,
    // The signal bounds the whole call, these would only bound the gaps in it.
    headersTimeout: 0,
    bodyTimeout: 0,
    connections: 64,
  })

  async function call(request: HttpRequest): Promise<HttpAnswer> {
    const { url, maxBytes, timeoutMs, signal, keeps, keepsHeader, ...rest } = request
    const limits = { maxBytes, signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]) }
    let hop: Hop = { ...rest, url: guard.parseUrl(url) }
    for (let hops = 0; ; hops++) {
      try {
        const answer = await send(agent, hop, limits, keeps)
        if ('body' in answer) return answer
        if (hops === maxRedirects) {
          throw new MurmurError(
            'UPSTREAM_ERROR',
            `${hop.url.host} redirected more than ${maxRedirects} times`,
          )
        }
        hop = withKept(
          followRedirect(hop, answer.status, guard.parseUrl(answer.location, hop.url)),
          keepsHeader,
        )
      } catch (error) {
        signal.throwIfAborted()
        throw toHttpCallError(error, { host: hop.url.host, hops })
      }
    }
  }

  return { call, close: () => agent.destroy() }
}

function withKept(hop: Hop, keeps: HttpRequest['keepsHeader']): Hop {
  if (!keeps) return hop
  const headers = Object.entries(hop.headers).filter(([name]) => keeps(name, hop.url, hop.method))
  return { ...hop, headers: Object.fromEntries(headers) }
}

/** One exchange: the answer, or where it sends us. */
async function send(
  agent: Agent,
  hop: Hop,
  limits: { maxBytes: number; signal: AbortSignal },
  keeps: (status: number) => boolean = () => false,
): Promise<HttpAnswer | { status: number; location: string }> {
  const response = await agent.request({
    origin: hop.url.origin,
    path: hop.url.pathname + hop.url.search,
    method: hop.method,
    headers: { ...hop.headers, 'accept-encoding': ACCEPTED_ENCODINGS },
    body: hop.body ?? null,
    signal: limits.signal,
  })
  const headers = plainHeaders(response.headers)
  const { statusCode: status, body } = response
  const location = headers.location
  if (isRedirect(status, location) && !keeps(status)) {
    await body.dump({ limit: REDIRECT_BODY_BYTES, signal: limits.signal })
    return { status, location }
  }
  const bytes = await readBody(body, { encoding: headers['content-encoding'], maxBytes: limits.maxBytes })
  return { status, url: hop.url, headers, body: bytes }
}

function plainHeaders(headers: Dispatcher.ResponseData['headers']): Record<string, string> {
  const plain: [string, string][] = []
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) plain.push([name.toLowerCase(), Array.isArray(value) ? value.join(', ') : value])
  }
  return Object.fromEntries(plain)
}
