import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { MurmurError } from '#platform/errors/murmur-error.ts'

export interface BrowserGuard {
  /** Origins whose pages may use the edge beside its own. */
  origins: readonly string[]
  /** Nobody has to say who he is: then only this machine may ask, by its own name. */
  isOpen: boolean
  /** `https` where the edge shows a certificate. */
  scheme: 'http' | 'https'
}

const LOCAL_NAMES = /^(localhost|127(?:\.\d{1,3}){3}|\[::1\])(:\d{1,5})?$/i
const PREFLIGHT_S = 600
const METHODS = 'GET, HEAD, POST, DELETE'
const ASKED_HEADERS =
  'authorization, content-type, idempotency-key, if-none-match, last-event-id, prefer, x-request-id'
const SHOWN_HEADERS = 'allow, etag, location, preference-applied, retry-after, x-request-id'

/**
 * Pages of others, shown by a browser that can reach the edge, could otherwise speak to it: only origins that are named may, and
 * while there are no credentials, only requests that call this machine by its own name are answered (a name of somebody else's
 * may be made to lead here).
 */
export function guardBrowsers(app: FastifyInstance, guard: BrowserGuard): void {
  app.addHook('onRequest', async (request, reply) => {
    const { host = '', origin } = request.headers
    if (guard.isOpen && !LOCAL_NAMES.test(host))
      throw new MurmurError('FORBIDDEN', `this machine is not called "${host.slice(0, 100)}"`)
    reply.headers({ 'x-content-type-options': 'nosniff', 'referrer-policy': 'no-referrer', vary: 'origin' })
    if (origin === undefined || origin === `${guard.scheme}://${host}`) return
    if (!guard.origins.includes(origin))
      throw new MurmurError('FORBIDDEN', 'pages of this origin are not served', {
        issues: [{ path: 'Origin', message: 'is not among MURMUR_EDGE_CORS_ORIGINS' }],
      })
    reply.headers({ 'access-control-allow-origin': origin, 'access-control-expose-headers': SHOWN_HEADERS })
  })
  // A browser asks so before it sends what a plain form could not.
  app.options('/*', (request, reply) => preflight(request, reply))
}

function preflight({ headers }: FastifyRequest, reply: FastifyReply): FastifyReply {
  if (headers['access-control-request-method'] === undefined)
    throw new MurmurError(
      'INVALID_REQUEST',
      'the request is not valid: Access-Control-Request-Method is missing',
    )
  return reply
    .code(204)
    .headers({
      'access-control-allow-methods': METHODS,
      'access-control-allow-headers': ASKED_HEADERS,
      'access-control-max-age': PREFLIGHT_S,
    })
    .send()
}
