import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { checkLink, SHARED_ROOT, signedLink } from '#platform/http/signed-link.ts'
import type { BlobReading } from '#platform/nats/blob-store.ts'
import { checkRequest } from '#platform/requests/check-request.ts'
import { getAlertRequestSchema } from '#schemas/alert.ts'
import { tenantSchema } from '#schemas/identifiers.ts'
import type { Admission } from '../access/admission.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { alertPage } from './alert-page.ts'
import { pathOf } from './problem-reply.ts'
import { readQuery, searchOf } from './read-request.ts'

export interface SignedLinkDeps {
  gateway: Pick<Gateway, 'alert' | 'getObject'>
  clock: Pick<Clock, 'nowMs'>
  admission: Pick<Admission, 'enterStranger' | 'addressOf'>
  /** Of the signatures, the one that signs first; none: no link is followed. */
  linkKeys: readonly string[]
}

const paramsSchema = getAlertRequestSchema.extend({ tenant: tenantSchema })
const PARAMETERS = ['expires', 'signature']
/** Nothing of the page may be fetched from elsewhere, run, framed or found by a search engine. */
const HEADERS = {
  'cache-control': 'private, no-store',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-robots-tag': 'noindex',
} as const
const PAGE_POLICY = "default-src 'none'; img-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"

/**
 * What sinks link to: an alert as a page, and its picture. Whoever has a link may follow it until it expires; it is for this
 * alert alone.
 */
export function addSignedLinkRoutes(app: FastifyInstance, deps: SignedLinkDeps): void {
  app.get(`${SHARED_ROOT}/:tenant/alerts/:id`, async (request, reply) => {
    const { tenant, id } = follow(request, reply, deps)
    const alert = await deps.gateway.alert(tenant, id)
    reply.headers({ ...HEADERS, 'content-security-policy': PAGE_POLICY })
    return reply.type('text/html; charset=utf-8').send(alertPage(alert, pictureLink(request, deps)))
  })
  app.get(`${SHARED_ROOT}/:tenant/alerts/:id/picture`, async (request, reply) => {
    const { tenant, id } = follow(request, reply, deps)
    const { snapshot } = await deps.gateway.alert(tenant, id)
    if (!snapshot) throw new MurmurError('NOT_FOUND', 'the alert has no picture')
    return sendPicture(reply, await deps.gateway.getObject(tenant, snapshot.blob))
  })
}

/**
 * Whose alert a link is about.
 * @throws MurmurError LINK_INVALID, RATE_LIMITED
 */
function follow(
  request: FastifyRequest,
  reply: FastifyReply,
  { clock, admission, linkKeys }: SignedLinkDeps,
): { tenant: string; id: string } {
  // Nobody knows who it is: one address has only so many requests open.
  const address = admission.addressOf(request.ip, request.headers['x-forwarded-for'])
  reply.raw.once('close', admission.enterStranger(address))
  const { expires, signature } = readQuery(searchOf(request), PARAMETERS).single
  const path = pathOf(request.url)
  const answers = linkKeys.map((key) =>
    checkLink(path, { expires, signature }, { key, nowMs: clock.nowMs() }),
  )
  const found = answers.find((answer) => answer !== 'forged') ?? 'forged'
  if (found === 'expired') throw new MurmurError('LINK_INVALID', 'the link has expired')
  if (found === 'forged') throw new MurmurError('LINK_INVALID', 'the link is not signed by this system')
  return checkRequest(paramsSchema, request.params)
}

/** Of the page's own picture: as long as that of the page holds. */
function pictureLink({ url }: FastifyRequest, { linkKeys }: SignedLinkDeps): string {
  const expires = Number(readQuery(searchOf({ url }), PARAMETERS).single.expires)
  const path = `${pathOf(url)}/picture`
  // Relative: an edge behind a proxy may be reached under another path.
  const link = signedLink({ publicUrl: '', key: linkKeys[0]!, lifetimeMs: expires * 1000 }, path, 0)
  return link.slice(link.lastIndexOf('/alerts/') + '/alerts/'.length)
}

function sendPicture(reply: FastifyReply, object: BlobReading): FastifyReply {
  reply.headers({ ...HEADERS, 'content-type': object.contentType, 'content-length': object.size })
  return reply.send(Readable.fromWeb(object.bytes as Parameters<typeof Readable.fromWeb>[0]))
}
