import { Readable } from 'node:stream'
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteHandlerMethod } from 'fastify'
import { z } from 'zod'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { checkRequest } from '#platform/requests/check-request.ts'
import { mediaTypeSchema } from '#schemas/blob.ts'
import { LIMITS } from '#schemas/limits.ts'
import type { Access } from '../access/access.ts'
import type { Gateway } from '../gateway/gateway.ts'
import { withStallTimeout } from '../gateway/stall-timeout.ts'
import { addRoute } from './add-route.ts'
import { readQuery, searchOf } from './read-request.ts'

const nameSchema = z.string().min(1).max(256).optional()
/** What a browser makes of an object must not run as a page of ours. */
const SAFE_HEADERS = {
  'x-content-type-options': 'nosniff',
  'cache-control': 'private, max-age=31536000, immutable',
}
const DOWNLOADED = "sandbox; default-src 'none'"
/** Shown in a frame of the console: no script, no origin, nothing from elsewhere; what it looks like it brings along. */
const SHOWN =
  "sandbox allow-popups allow-popups-to-escape-sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; frame-ancestors 'self'"
const displaySchema = z.enum(['inline', 'attachment']).default('attachment')

/** `/v1/objects`: what is too big for a message, up and down, a piece at a time. */
export function addObjectRoutes(app: FastifyInstance, deps: { gateway: Gateway; access: Access }): void {
  const { gateway } = deps
  // Of its own, because its bodies are not JSON and are never held in memory.
  void app.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    addRoute(scope, 'putObject', async (request, reply) => {
      try {
        return await put(request, reply, deps)
      } catch (error) {
        // What is still to come is not read: another request would wait behind it for ever.
        if (!request.raw.complete) reply.header('connection', 'close')
        throw error
      }
    })
  })
  const download: RouteHandlerMethod = (request, reply) => get(request, reply, deps)
  addRoute(app, 'getObject', download, { head: download })
  addRoute(app, 'deleteObject', (request) => {
    const key = keyIn(request)
    // What is changed stands in the audit log.
    request.target = key
    return gateway.deleteObject(request.caller.tenant, key)
  })
  addRoute(app, 'getUsage', async (request) => ({ usage: await gateway.usage(request.caller.tenant) }))
}

async function put(
  request: FastifyRequest,
  reply: FastifyReply,
  { gateway, access }: { gateway: Gateway; access: Access },
) {
  const name = checkRequest(nameSchema, readQuery(searchOf(request), ['name']).single.name)
  const contentType = checkRequest(mediaTypeSchema, request.headers['content-type'])
  const declared = request.headers['content-length']
  const length = Number(declared ?? 0)
  if (length > LIMITS.blobBytes)
    throw new MurmurError(
      'PAYLOAD_TOO_LARGE',
      `the body has ${length} bytes, at most ${LIMITS.blobBytes} are kept`,
    )
  await access.spendBytes(request.caller, length)
  const pieces = withStallTimeout<Uint8Array>(
    request.body instanceof Readable ? request.body : Readable.from([]),
  )
  const bytes = declared === undefined ? spentOn(pieces, (n) => access.spendBytes(request.caller, n)) : pieces
  const { object, expiresAtMs } = await gateway.putObject(request.caller.tenant, bytes, {
    contentType,
    ...(name !== undefined && { name }),
    ...(declared !== undefined && { size: length }),
  })
  request.target = object.blob
  return reply.code(201).header('location', `/v1/objects/${object.blob}`).send({ object, expiresAtMs })
}

/** A body of unknown length is counted as it comes. */
async function* spentOn(
  pieces: AsyncIterable<Uint8Array>,
  spend: (bytes: number) => Promise<void>,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    await spend(piece.length)
    yield piece
  }
}

async function get(
  request: FastifyRequest,
  reply: FastifyReply,
  { gateway, access }: { gateway: Gateway; access: Access },
) {
  const key = keyIn(request)
  const display = checkRequest(displaySchema, readQuery(searchOf(request), ['display']).single.display)
  const object = await gateway.getObject(request.caller.tenant, key)
  const etag = `"${object.sha256}"`
  const isKnown = request.headers['if-none-match'] === etag
  const isRead = request.method === 'GET' && !isKnown
  // Before any header: what is refused is no object, and must not be kept as one.
  if (isRead) await access.spendBytes(request.caller, object.size)
  else await object.bytes.cancel()
  const policy = display === 'inline' ? SHOWN : DOWNLOADED
  reply.headers({ ...SAFE_HEADERS, 'content-security-policy': policy, etag })
  if (isKnown) return reply.code(304).send()
  reply.headers({
    'content-type': object.contentType,
    'content-length': object.size,
    'content-disposition': `${display}${object.name === undefined ? '' : `; filename*=UTF-8''${encodeRfc5987(object.name)}`}`,
  })
  if (!isRead) return reply.send()
  return reply.send(Readable.fromWeb(object.bytes as Parameters<typeof Readable.fromWeb>[0]))
}

/** @throws MurmurError INVALID_REQUEST */
function keyIn({ params }: FastifyRequest): string {
  return checkRequest(z.string().min(1).max(256), (params as { '*': string })['*'])
}

function encodeRfc5987(name: string): string {
  return encodeURIComponent(name).replace(
    /['()*]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}
