import type { FastifyInstance, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { checkRequest } from '#platform/requests/check-request.ts'
import type { Access, Caller, SessionEntry, SessionOperation } from '../access/access.ts'
import type { Admission } from '../access/admission.ts'
import type { BrowserGuard } from '../rest/browser-guard.ts'
import type { LoginMetadata } from '../rest/login-route.ts'
import { readRequiredObject } from '../rest/read-request.ts'
import { endedCookie, SESSION_MS, type SessionCookies } from './session-cookie.ts'

export const SESSION_PATH = '/v1/session'

/** Addresses of what shows metrics and traces; undefined: there is none. */
export interface DashboardLinks {
  readonly grafana?: string | undefined
  readonly jaeger?: string | undefined
}

export interface SessionDeps {
  access: Access
  admission: Admission
  cookies: SessionCookies
  browsers: BrowserGuard
  clock: Pick<Clock, 'nowMs'>
  login?: LoginMetadata | undefined
  dashboards?: DashboardLinks
}

const signInSchema = z.strictObject({ credential: z.string().min(1).max(8192) })

/** `/v1/session`: a browser shows a key or a token once, and is known by a cookie from then on. */
export function addSessionRoutes(app: FastifyInstance, deps: SessionDeps): void {
  app.get(SESSION_PATH, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    const session = sessionOf(request, deps)
    const caller = await callerOf(request, deps, session?.credential).catch((error: unknown) => {
      // Whoever is not signed in, or no more, is told so and nothing else.
      if (error instanceof MurmurError && error.code === 'UNAUTHENTICATED') return undefined
      throw error
    })
    return answerOf(deps, caller, session?.untilMs)
  })
  app.post(SESSION_PATH, async (request, reply) => {
    reply.header('cache-control', 'no-store')
    const { credential } = checkRequest(signInSchema, readRequiredObject(request.body))
    const caller = await identify(request, deps, 'signIn', `Bearer ${credential}`)
    const nowMs = deps.clock.nowMs()
    const untilMs = Math.floor(Math.min(nowMs + SESSION_MS, caller.endsAtMs ?? Number.POSITIVE_INFINITY))
    const cookie = deps.cookies.create({ credential, untilMs }, { nowMs, isSecure: isSecure(request, deps) })
    if (cookie === undefined)
      throw new MurmurError('INVALID_REQUEST', 'the credential is too long to be kept in a cookie', {
        issues: [{ path: 'credential', message: 'is too long for a browser: use a key, or a shorter token' }],
      })
    reply.header('set-cookie', cookie)
    deps.access.auditSession(entryOf(request, deps, 'signIn'), caller, { code: 'OK' })
    return answerOf(deps, caller, untilMs)
  })
  app.delete(SESSION_PATH, async (request, reply) => {
    const session = sessionOf(request, deps)
    const caller = session && (await callerOf(request, deps, session.credential).catch(() => undefined))
    if (caller) deps.access.auditSession(entryOf(request, deps, 'signOut'), caller, { code: 'OK' })
    return reply
      .headers({ 'set-cookie': endedCookie(isSecure(request, deps)), 'cache-control': 'no-store' })
      .code(204)
      .send()
  })
}

/** The credential of the cookie of a request, as an `Authorization` header has it; undefined where none counts. */
export function authorizationOf(
  request: FastifyRequest,
  deps: Pick<SessionDeps, 'cookies' | 'browsers' | 'clock'>,
) {
  const session = sessionOf(request, deps)
  return session && `Bearer ${session.credential}`
}

function sessionOf(
  { method, headers }: FastifyRequest,
  deps: Pick<SessionDeps, 'cookies' | 'browsers' | 'clock'>,
) {
  const { cookie, origin, host = '' } = headers
  const fetchSite = headers['sec-fetch-site']
  const own = `${deps.browsers.scheme}://${host}`
  return deps.cookies.open(
    { method, cookie, origin, fetchSite: typeof fetchSite === 'string' ? fetchSite : undefined, own },
    deps.clock.nowMs(),
  )
}

async function callerOf(request: FastifyRequest, deps: SessionDeps, credential: string | undefined) {
  if (!deps.browsers.isOpen && credential === undefined && request.headers.authorization === undefined)
    return undefined
  const authorization = request.headers.authorization ?? (credential && `Bearer ${credential}`)
  return identify(request, deps, 'getSession', authorization)
}

async function identify(
  request: FastifyRequest,
  deps: SessionDeps,
  operation: SessionOperation,
  authorization: string | undefined,
): Promise<Caller> {
  const entry = entryOf(request, deps, operation)
  const leave = deps.admission.enterStranger(entry.address ?? '')
  try {
    return await deps.access.identify({ ...entry, authorization })
  } finally {
    leave()
  }
}

function entryOf(
  { id, ip, headers }: FastifyRequest,
  { admission }: SessionDeps,
  operation: SessionOperation,
): SessionEntry {
  return {
    operation,
    transport: 'rest',
    requestId: id,
    address: admission.addressOf(ip, headers['x-forwarded-for']),
  }
}

/** Behind a proxy that ends TLS, the page says how it was reached. */
function isSecure({ headers }: FastifyRequest, { browsers }: SessionDeps): boolean {
  return browsers.scheme === 'https' || (headers.origin?.startsWith('https://') ?? false)
}

function answerOf(
  { browsers, login, dashboards }: SessionDeps,
  caller: Caller | undefined,
  untilMs: number | undefined,
) {
  return {
    /** `none`: nobody has to say who he is. */
    auth: browsers.isOpen ? 'none' : 'required',
    signedIn: caller !== undefined,
    ...(caller && { tenant: caller.tenant, subject: caller.subject, scopes: [...caller.scopes] }),
    ...(untilMs !== undefined && caller && { untilMs }),
    // Of no concern to strangers.
    ...(caller && dashboards && { links: dashboards }),
    ...(login && { issuers: login.authorization_servers }),
  }
}
