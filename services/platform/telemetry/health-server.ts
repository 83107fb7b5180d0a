import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { type AddressInfo, isIP } from 'node:net'
import type { ErrorCode } from '#schemas/problem.ts'
import { MurmurError, messageOf } from '../errors/murmur-error.ts'
import type { Component } from '../lifecycle/lifecycle.ts'
import { watchEventLoop } from './event-loop-delay.ts'
import { formatFor } from './exposition.ts'
import type { Log } from './logger.ts'
import type { Metrics } from './metrics.ts'

export interface Check {
  ok: boolean
  /** Of the catalogue: what is wrong, for those that decide by it. */
  code?: ErrorCode
  /** For people: what was found. */
  detail: string
}

export interface HealthServerOptions {
  host: string
  /** 0 takes a free one. */
  port: number
  metrics: Metrics
  /** What has to hold before work may be sent here. Asked at each /readyz; cheap, from what is known anyway. */
  checks(): Record<string, Check>
  log: Log
}

export interface HealthServer extends Component {
  /** The port that was bound. @throws before the start. A second start changes nothing. */
  readonly port: number
}

interface Answer {
  status: number
  type: string
  body: string
}

type Routes = Record<string, (request: IncomingMessage) => Answer | Promise<Answer>>

/** Timers later than this on average: the process does something else than its work. */
const STUCK_LOOP_MS = 1000

/**
 * `/metrics` for Prometheus, `/healthz` (the process is alive; restart it when not) and `/readyz` (every check;
 * 503 when one fails). For the inside of a cluster: no authentication, nothing can be changed through it, and no page of
 * others gets at it by a name of theirs (`isInsideName`).
 */
export function createHealthServer(options: HealthServerOptions): HealthServer {
  const eventLoop = watchEventLoop()
  const server = createServer(
    { maxHeaderSize: 8192, headersTimeout: 5000, requestTimeout: 10_000, keepAliveTimeout: 5000 },
    (request, response) => void answerSafely(request, response),
  )
  server.maxConnections = 64
  let stopping = false

  const routes: Routes = {
    '/metrics': async ({ headers }) => {
      const format = formatFor(headers.accept)
      const { metrics } = options
      return { status: 200, type: metrics.contentType(format), body: await metrics.expose(format) }
    },
    '/healthz': () => jsonAnswer({ 'event-loop': checkEventLoop(eventLoop.takeWindow().meanMs) }),
    '/readyz': () =>
      jsonAnswer({
        ...options.checks(),
        ...(stopping && {
          lifecycle: { ok: false, code: 'UNAVAILABLE', detail: 'the service is stopping' } as const,
        }),
      }),
  }

  async function answerSafely(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      send(request, response, await answer(request, routes))
    } catch (error) {
      options.log.error({ err: error, path: request.url }, 'health request failed')
      send(request, response, textAnswer(500, 'an unexpected fault happened'))
    }
  }

  return {
    name: 'health-server',
    get port() {
      return boundPort(server)
    },
    async start() {
      // A service that waits for its servers has said so before it is put together.
      if (server.listening) return
      await listen(server, options)
      options.log.info({ host: options.host, port: boundPort(server) }, 'health server is listening')
    },
    // Traffic has to go elsewhere before the work here ends.
    quiesce: () => {
      stopping = true
    },
    async stop() {
      eventLoop.stop()
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

async function listen(server: Server, { host, port }: HealthServerOptions): Promise<void> {
  try {
    server.listen(port, host)
    await once(server, 'listening')
  } catch (error) {
    throw new MurmurError('CONFIG_INVALID', `cannot listen on ${host}:${port}: ${messageOf(error)}`, {
      cause: error,
      issues: [{ path: 'MURMUR_HTTP_PORT', message: messageOf(error) }],
    })
  }
}

function boundPort(server: Server): number {
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the health server is not listening')
  return (address satisfies AddressInfo).port
}

/**
 * Whether a name can only be meant for the inside: an address, a name without a dot, or one below a domain that is nobody's outside. Any
 * other name may have been made to lead here by a page of somebody else's, whose browser then asks with it.
 */
export function isInsideName(host: string): boolean {
  const name = host.replace(/:\d{1,5}$/, '').toLowerCase()
  if (isIP(name.replace(/^\[(.*)\]$/, '$1')) !== 0) return true
  return /^[a-z0-9_-]+$/.test(name) || /^[a-z0-9._-]+\.(localhost|local|internal|svc)\.?$/.test(name)
}

async function answer(request: IncomingMessage, routes: Routes): Promise<Answer> {
  const { host } = request.headers
  // A client without it is no browser.
  if (host !== undefined && !isInsideName(host)) return textAnswer(403, 'this server is not called that')
  if (request.method !== 'GET' && request.method !== 'HEAD') return textAnswer(405, 'only GET and HEAD')
  const path = (request.url ?? '/').split('?', 1)[0]!
  const route = Object.hasOwn(routes, path) ? routes[path] : undefined
  return route ? route(request) : textAnswer(404, `there are ${Object.keys(routes).join(', ')}`)
}

function send(request: IncomingMessage, response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, {
    'content-type': type,
    'content-length': Buffer.byteLength(body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(status === 405 && { allow: 'GET, HEAD' }),
  })
  response.end(request.method === 'HEAD' ? undefined : body)
}

function jsonAnswer(checks: Record<string, Check>): Answer {
  const ok = Object.values(checks).every((check) => check.ok)
  return { status: ok ? 200 : 503, type: 'application/json', body: `${JSON.stringify({ ok, checks })}\n` }
}

function textAnswer(status: number, text: string): Answer {
  return { status, type: 'text/plain; charset=utf-8', body: `${text}\n` }
}

function checkEventLoop(meanMs: number): Check {
  return { ok: meanMs < STUCK_LOOP_MS, detail: `${meanMs.toFixed(1)} ms late on average` }
}

/** The check of a connection to NATS, by round trips. One that is not there yet is being waited for. */
export function natsCheck(
  nats: { readonly answers: boolean; readonly serverVersion: string } | undefined,
): Check {
  return nats?.answers ? { ok: true, detail: `answers, ${nats.serverVersion}` } : awayCheck(nats)
}

/** The same of Redis, which also has to refuse nothing that it should do. */
export function redisCheck(redis: { readonly ready: boolean } | undefined): Check {
  return redis?.ready ? { ok: true, detail: 'answers' } : awayCheck(redis)
}

function awayCheck(connection: object | undefined): Check {
  const detail =
    connection === undefined
      ? 'not there yet, waiting for it'
      : 'has not answered for seconds, or refuses to serve'
  return { ok: false, code: 'UNAVAILABLE', detail }
}
