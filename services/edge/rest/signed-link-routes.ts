import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { Clock } from '#platform/clock/clock.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import {
  checkLink,
  SHARED_ROOT,
  type SharedPart,
  sharedAlertPath,
  signedLink,
} from '#platform/http/signed-link.ts'
import type { BlobReading } from '#platform/nats/blob-store.ts'
import { checkRequest } from '#platform/requests/check-request.ts'
import { type Alert, getAlertRequestSchema } from '#schemas/alert.ts'
import { tenantSchema } from '#schemas/identifiers.ts'
import { spanOfAlert } from '#schemas/recording.ts'
import type { Admission } from '../access/admission.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { alertPage } from './alert-page.ts'
import { pathOf } from './problem-reply.ts'
import { readQuery, searchOf } from './read-request.ts'
import { sendClip } from './send-clip.ts'

export interface SignedLinkDeps {
  gateway: Pick<Gateway, 'alert' | 'getObject' | 'recordings'>
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
const PAGE_POLICY =
  "default-src 'none'; img-src 'self'; media-src 'self'; style-src 'unsafe-inline'; frame-ancestors 'none'"
/** Clips that are sent by links at the same time. */
const MAX_CLIPS = 20

/**
 * What sinks and people link to: an alert as a page, its picture and its clip. Whoever has a link may follow it until it expires; it is for this
 * alert alone.
 */
export function addSignedLinkRoutes(app: FastifyInstance, deps: SignedLinkDeps): void {
  app.get(`${SHARED_ROOT}/:tenant/alerts/:id`, async (request, reply) => {
    const { tenant, id } = follow(request, reply, deps)
    const alert = await deps.gateway.alert(tenant, id)
    const hasClip = await isRecorded(deps, tenant, alert)
    const link = (part: SharedPart) => besideIt(request, deps, { tenant, id, part })
    const media = {
      ...(alert.snapshot && { picture: link('picture') }),
      ...(hasClip && { clip: link('clip') }),
    }
    reply.headers({ ...HEADERS, 'content-security-policy': PAGE_POLICY })
    return reply.type('text/html; charset=utf-8').send(alertPage(alert, media))
  })
  app.get(`${SHARED_ROOT}/:tenant/alerts/:id/picture`, async (request, reply) => {
    const { tenant, id } = follow(request, reply, deps)
    const { snapshot } = await deps.gateway.alert(tenant, id)
    if (!snapshot) throw new MurmurError('NOT_FOUND', 'the alert has no picture')
    return sendPicture(reply, await deps.gateway.getObject(tenant, snapshot.blob))
  })
  let open = 0
  app.get(`${SHARED_ROOT}/:tenant/alerts/:id/clip`, async (request, reply) => {
    const { tenant, id } = follow(request, reply, deps)
    if (open >= MAX_CLIPS)
      throw new MurmurError('OVERLOADED', `${MAX_CLIPS} clips are sent by links already`, {
        retryAfterMs: 5000,
      })
    open++
    reply.raw.once('close', () => {
      open--
    })
    const alert = await deps.gateway.alert(tenant, id)
    const { recordings } = deps.gateway
    const found = await recordings.findClip(tenant, spanOfAlert(alert), { atMs: alert.atMs })
    const about = { tenant, found, name: `${id}.mp4`, spend: async () => undefined }
    reply.headers(HEADERS)
    return sendClip(request, reply, recordings, about)
  })
}

/** Whether there is a clip to be shown. Who asks sees the alert at any rate, also while no node with recordings answers. */
async function isRecorded(
  { gateway }: Pick<SignedLinkDeps, 'gateway'>,
  tenant: string,
  alert: Alert,
): Promise<boolean> {
  try {
    return (await gateway.recordings.clips(tenant, spanOfAlert(alert))).clips.length > 0
  } catch {
    return false
  }
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

/** Of what the page shows: as long as that of the page holds. */
function besideIt(
  { url }: FastifyRequest,
  { linkKeys }: SignedLinkDeps,
  { tenant, id, part }: { tenant: string; id: string; part: SharedPart },
): string {
  const expires = Number(readQuery(searchOf({ url }), PARAMETERS).single.expires)
  const signing = { publicUrl: '', key: linkKeys[0]!, lifetimeMs: expires * 1000 }
  const link = signedLink(signing, sharedAlertPath(tenant, id, part), 0)
  // Relative: an edge behind a proxy may be reached under another path.
  return link.slice(link.lastIndexOf('/alerts/') + '/alerts/'.length)
}

function sendPicture(reply: FastifyReply, object: BlobReading): FastifyReply {
  reply.headers({ ...HEADERS, 'content-type': object.contentType, 'content-length': object.size })
  return reply.send(Readable.fromWeb(object.bytes as Parameters<typeof Readable.fromWeb>[0]))
}
