import type { Server as SecureServer } from 'node:https'
import {
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerOptions,
  fastify,
} from 'fastify'
import { MurmurError, messageOf, toProblem } from '#platform/errors/murmur-error.ts'
import type { EdgeLinks } from '#platform/http/signed-link.ts'
import type { Component } from '#platform/lifecycle/lifecycle.ts'
import type { Log } from '#platform/telemetry/logger.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { EdgeOperationName } from '#subjects/operations.ts'
import { REQUEST_ID, requestIdOf } from '../access/access.ts'
import { Admission } from '../access/admission.ts'
import type { EdgeTelemetry } from '../access/request-trace.ts'
import { ConsoleFiles } from '../console/console-files.ts'
import { serveConsole } from '../console/serve-console.ts'
import { SessionCookies } from '../console/session-cookie.ts'
import { addSessionRoutes, authorizationOf, type DashboardLinks } from '../console/session-routes.ts'
import { type EdgeTls, HANDSHAKE_TIMEOUT_MS } from '../edge-tls.ts'
import type { WatchMonitorDeps } from '../gateway/watch-monitor.ts'
import { addAlertCareRoutes } from './alert-care-routes.ts'
import { type AlertRouteDeps, addAlertRoutes } from './alert-routes.ts'
import { guardRoutes } from './authorize-routes.ts'
import { addBookmarkRoutes } from './bookmark-routes.ts'
import { type BrowserGuard, guardBrowsers } from './browser-guard.ts'
import { addCameraRoutes } from './camera-routes.ts'
import { addControlRoutes } from './control-routes.ts'
import { addDeadLetterRoutes } from './dead-letter-routes.ts'
import { addFalsePositiveRoutes } from './false-positive-routes.ts'
import { holdRequests } from './hold-requests.ts'
import { KnownPaths, refuseMethod } from './known-paths.ts'
import { addLoginRoute, type LoginMetadata } from './login-route.ts'
import { addMonitorRoutes } from './monitor-routes.ts'
import { addObjectRoutes } from './object-routes.ts'
import { pathOf, refuseBroken, sendProblem } from './problem-reply.ts'
import { addRecordingRoutes } from './recording-routes.ts'
import { addScheduleRoutes } from './schedule-routes.ts'
import { addSignedLinkRoutes } from './signed-link-routes.ts'
import { addDocs, addSystemRoutes } from './system-routes.ts'
import { addTaskRoutes, type RestDeps } from './task-routes.ts'
import { addTemplateRoutes } from './template-routes.ts'
import { traceRequests } from './trace-requests.ts'

export interface RestServerDeps extends RestDeps {
  host: string
  /** 0 takes a free one. */
  port: number
  log: Log
  /** A request has to be here with its body within this, without it within half of it. Milliseconds. */
  requestTimeoutMs: number
  tls?: EdgeTls | undefined
  browsers: BrowserGuard
  /** Undefined: nothing is measured. */
  telemetry?: EdgeTelemetry | undefined
  bus: AlertRouteDeps['bus'] & WatchMonitorDeps['bus']
  /** How much one address and one credential may take; as by default where it is not given. */
  admission?: Admission
  /** How links to alerts and clips are made and followed; undefined: none is. */
  links?: EdgeLinks | undefined
  /** Where people get tokens; undefined: nowhere. */
  login?: LoginMetadata | undefined
  /** Where the built console is; undefined: nowhere. */
  consoleDir?: string | undefined
  /** Where people see metrics and traces, for links of the console. */
  dashboards?: DashboardLinks
  /** What the sessions of browsers are sealed with; without it they hold at this process only. */
  sessions?: SessionCookies
}

/**
 * Uploads may take longer, as long as they don't stand still: it is not the time that bounds them. Below what a timer of Node can
 * hold. Milliseconds.
 */
const UPLOAD_TIMEOUT_MS = 7 * 86_400_000

/** REST for clients. */
export class RestServer implements Component {
  readonly name = 'rest server'
  readonly #deps: RestServerDeps
  readonly #app: FastifyInstance
  /** What is served, for the check of the document. */
  readonly routes: { method: string; url: string; operation: EdgeOperationName | undefined }[] = []

  constructor(deps: RestServerDeps) {
    this.#deps = deps
    this.#app = createRestApp(deps, (route) => this.routes.push(route))
  }

  /** The port that was bound. */
  get port(): number {
    const [address] = this.#app.addresses()
    return typeof address === 'object' ? address.port : 0
  }

  /** @throws MurmurError CONFIG_INVALID when the address can't be listened on */
  async start(): Promise<void> {
    const { host, port, log, tls, browsers } = this.#deps
    try {
      await addDocs(this.#app)
      await this.#app.listen({ host, port })
    } catch (cause) {
      throw new MurmurError('CONFIG_INVALID', `cannot listen on ${host}:${port}: ${messageOf(cause)}`, {
        cause,
        issues: [{ path: 'MURMUR_EDGE_PORT', message: messageOf(cause) }],
      })
    }
    const who = browsers.isOpen ? 'REST for this machine only: there are no credentials' : 'REST'
    log.info({ host, port: this.port, tls: tls !== undefined }, who)
  }

  /** Shows another certificate to all who connect from now on; who is connected already stays so. */
  setTls({ cert, key, clientCa }: EdgeTls): void {
    const server = this.#app.server as Partial<SecureServer>
    server.setSecureContext?.({ cert, key, ...(clientCa && { ca: clientCa }) })
  }

  async stop(): Promise<void> {
    await this.#app.close()
  }
}

/** The routes, and what holds for all of them: sizes, JSON, and errors as problems. */
export function createRestApp(
  deps: Omit<RestServerDeps, 'host' | 'port'>,
  onRoute: (route: RestServer['routes'][number]) => void = () => {},
): FastifyInstance {
  const app = createServer(deps, {
    bodyLimit: LIMITS.submissionBytes,
    requestTimeout: UPLOAD_TIMEOUT_MS,
    routerOptions: { maxParamLength: 256 },
    forceCloseConnections: true,
    // Before any route is found.
    frameworkErrors: (error, _request, reply) => void sendProblem(reply, ours(error)),
    clientErrorHandler: refuseBroken as NonNullable<FastifyServerOptions['clientErrorHandler']>,
    genReqId: ({ headers }) => requestIdOf(headers[REQUEST_ID]),
    logger: false,
  })
  // Bytes, which are measured before anything walks them.
  app.removeAllContentTypeParsers()
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) =>
    done(null, body),
  )
  if (deps.telemetry) traceRequests(app, deps.telemetry)
  holdRequests(app)
  app.addHook('onRequest', async ({ id, headers }, reply) => {
    reply.header(REQUEST_ID, id)
    if ((headers['content-encoding'] ?? 'identity') !== 'identity')
      throw new MurmurError('UNSUPPORTED_FORMAT', 'the body is encoded; it has to be sent as it is')
  })
  app.addHook('onRoute', ({ method, url, config }) => {
    // HEAD comes with each GET.
    for (const one of [method].flat())
      if (one !== 'HEAD') onRoute({ method: one, url, operation: config?.operation })
  })
  guardBrowsers(app, deps.browsers)
  limitTime(app, deps.requestTimeoutMs)
  cutOffBodies(app)
  const { admission = new Admission() } = deps
  app.server.on('connection', (socket) => void admission.takeConnection(socket))
  const { cookies, consoleFiles } = consoleParts(deps)
  const sessionOf = (request: FastifyRequest) => authorizationOf(request, { ...deps, cookies })
  guardRoutes(app, deps.access, { admission, sessionOf })
  const known = new KnownPaths()
  known.observe(app)
  const refuseUnknown = (request: FastifyRequest, reply: FastifyReply): never => {
    const path = pathOf(request.url)
    const allowed = known.methodsOf(path)
    if (allowed) refuseMethod(request, reply, allowed)
    throw new MurmurError('NOT_FOUND', `there is no ${request.method} ${path.slice(0, 100)}`)
  }
  // Before the body is looked at: what is wrong with that does not matter.
  app.addHook('onRequest', async (request, reply) => {
    if (request.is404) {
      // Sent: what comes after it is not run.
      if (await serveConsole(request, reply, { files: consoleFiles, folder: deps.consoleDir })) return reply
      refuseUnknown(request, reply)
    }
    const allowed = known.refusedBy(request.method, pathOf(request.url))
    if (allowed) refuseMethod(request, reply, allowed)
  })
  app.setNotFoundHandler(refuseUnknown)
  app.setErrorHandler((error, { id, url }, reply) => {
    const problem = ours(error)
    // The client is gone: nobody is there to be told.
    if ((error as { code?: string }).code === 'ECONNRESET') return reply.send()
    if (toProblem(problem).code === 'INTERNAL')
      deps.log.error({ err: error, url: pathOf(url), requestId: id }, 'a request failed')
    return sendProblem(reply, problem)
  })
  addTaskRoutes(app, deps)
  addControlRoutes(app, deps.gateway)
  addMonitorRoutes(app, deps)
  addAlertRoutes(app, deps)
  addAlertCareRoutes(app, deps.gateway)
  addRecordingRoutes(app, deps)
  addFalsePositiveRoutes(app, deps)
  addBookmarkRoutes(app, deps.gateway)
  addCameraRoutes(app, deps)
  addDeadLetterRoutes(app, deps.gateway)
  addTemplateRoutes(app, deps.gateway)
  addScheduleRoutes(app, deps.gateway)
  addSystemRoutes(app, deps.gateway)
  addObjectRoutes(app, deps)
  addLoginRoute(app, deps.login)
  addSessionRoutes(app, { ...deps, admission, cookies })
  addSignedLinkRoutes(app, { ...deps, admission, linkKeys: deps.links?.keys ?? [] })
  return app
}

function consoleParts({ consoleDir, clock, sessions }: Omit<RestServerDeps, 'host' | 'port'>) {
  const consoleFiles = new ConsoleFiles(consoleDir, () => clock.monotonicMs())
  return { cookies: sessions ?? new SessionCookies(undefined), consoleFiles }
}

const CONNECTION = {
  maxHeaderSize: 16 * 1024,
  // Every 30 s by default: a request would have twice its time.
  connectionsCheckingInterval: 1000,
}

function createServer(
  { tls, requestTimeoutMs }: Pick<RestServerDeps, 'tls' | 'requestTimeoutMs'>,
  options: FastifyServerOptions,
): FastifyInstance {
  const http = { ...CONNECTION, headersTimeout: requestTimeoutMs / 2 }
  if (!tls) return fastify({ ...options, http } as FastifyServerOptions)
  const { cert, key, clientCa } = tls
  const asked = clientCa && { ca: clientCa, requestCert: true, rejectUnauthorized: true }
  const https = { ...http, handshakeTimeout: HANDSHAKE_TIMEOUT_MS, cert, key, ...asked }
  // The same server to everybody behind this line.
  return fastify({ ...options, https } as FastifyServerOptions)
}

/** A body that does not come to its end in time is not waited for. */
function limitTime(app: FastifyInstance, requestTimeoutMs: number): void {
  const timers = new WeakMap<object, NodeJS.Timeout>()
  app.addHook('onRequest', async ({ raw, routeOptions }) => {
    if (routeOptions.config.operation === 'putObject') return
    const timer = setTimeout(() => raw.complete || raw.destroy(), requestTimeoutMs)
    timers.set(raw, timer)
    // A client that left before its body was there gets no answer: there is nothing more to wait for.
    raw.once('close', () => clearTimeout(timer))
  })
  app.addHook('preHandler', async ({ raw }) => clearTimeout(timers.get(raw)))
  app.addHook('onResponse', async ({ raw }) => clearTimeout(timers.get(raw)))
}

/** What is left of a body that nobody reads, because its request was refused, may come within this and not go on. */
const MAX_REST_OF_BODY = { ms: 2000, bytes: 1024 * 1024 }

/** A request that was answered before its body was there does not hold its connection by sending it a byte at a time. */
function cutOffBodies(app: FastifyInstance): void {
  app.addHook('onResponse', async ({ raw }) => {
    if (raw.complete || raw.destroyed) return
    const timer = setTimeout(() => raw.destroy(), MAX_REST_OF_BODY.ms)
    let bytes = 0
    raw.on('data', (piece: Buffer) => {
      bytes += piece.length
      if (bytes > MAX_REST_OF_BODY.bytes) raw.destroy()
    })
    for (const event of ['end', 'close']) raw.once(event, () => clearTimeout(timer))
  })
}

/** What fastify refuses, in the words of our catalogue. */
function ours(error: unknown): unknown {
  switch ((error as { code?: string }).code) {
    case 'FST_ERR_CTP_BODY_TOO_LARGE':
      return new MurmurError('PAYLOAD_TOO_LARGE', `the body is larger than ${LIMITS.submissionBytes} bytes`)
    case 'FST_ERR_CTP_INVALID_MEDIA_TYPE':
      return new MurmurError('UNSUPPORTED_FORMAT', 'the body has to be application/json')
    case 'FST_ERR_CTP_INVALID_CONTENT_LENGTH':
    case 'FST_ERR_BAD_URL':
      return new MurmurError('INVALID_REQUEST', messageOf(error))
    default:
      // A fault of the request, as fastify sees it.
      return isRequestFault(error)
        ? new MurmurError('INVALID_REQUEST', messageOf(error), { cause: error })
        : error
  }
}

function isRequestFault(error: unknown): boolean {
  const { code, statusCode = 0 } = error as { code?: string; statusCode?: number }
  return code?.startsWith('FST_') === true && statusCode >= 400 && statusCode < 500
}
