import type { FastifyReply, FastifyRequest } from 'fastify'
import { pathOf } from '../rest/problem-reply.ts'
import { type ConsoleFiles, encodingFor } from './console-files.ts'
import { missingPage } from './missing-page.ts'

/** Below these the API answers: what is not there is said as a problem, to browsers too. */
const OF_THE_API = /^\/(v1|docs|\.well-known)(\/|$)/
/** Nothing inline, nothing from elsewhere; pictures and video that were fetched, and reports in a frame of their own. */
const CSP = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data: blob:",
  "media-src 'self' blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "frame-src 'self' blob:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')
const HEADERS = {
  'content-security-policy': CSP,
  'x-frame-options': 'DENY',
  'cross-origin-opener-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  vary: 'origin, accept-encoding',
}
const YEAR_S = 31_536_000

/**
 * Answers what no route answers: a file of the console, or its page for whatever a browser navigates to, as the console reads the path itself.
 * @returns false when it is none of its business, and nothing was sent
 */
export async function serveConsole(
  request: FastifyRequest,
  reply: FastifyReply,
  { files, folder }: { files: ConsoleFiles; folder: string | undefined },
): Promise<boolean> {
  const { method, headers } = request
  const path = pathOf(request.url)
  if ((method !== 'GET' && method !== 'HEAD') || OF_THE_API.test(path)) return false
  const wantsPage = (headers.accept ?? '').includes('text/html')
  const isThere = await files.isThere()
  const name = nameOf(path)
  const known = name !== undefined && files.find(name) !== undefined
  if (!known && !wantsPage) return false
  if (!isThere) {
    const page = missingPage({ folder, requestId: request.id })
    await reply
      .code(503)
      .headers({ ...HEADERS, 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' })
      .send(page)
    return true
  }
  await sendFile(request, reply, { files, name: known ? name : '' })
  return true
}

async function sendFile(
  { headers, method }: FastifyRequest,
  reply: FastifyReply,
  { files, name }: { files: ConsoleFiles; name: string },
): Promise<void> {
  const file = files.find(name)!
  const encoding = encodingFor(headers['accept-encoding'], file.encodings)
  // One of each encoding: a cache between must not take one for the other.
  const etag = encoding ? `${file.etag.slice(0, -1)}-${encoding}"` : file.etag
  reply.headers({
    ...HEADERS,
    etag,
    'cache-control': file.isImmutable ? `public, max-age=${YEAR_S}, immutable` : 'no-cache',
  })
  if (headers['if-none-match'] === etag) {
    await reply.code(304).send()
    return
  }
  const bytes = await files.read(name, encoding)
  reply.headers({ 'content-type': file.type, ...(encoding && { 'content-encoding': encoding }) })
  if (method === 'HEAD') reply.header('content-length', bytes.length)
  await reply.send(method === 'HEAD' ? undefined : bytes)
}

/** The path as a name in the folder; undefined for what can be none. Pure. */
function nameOf(path: string): string | undefined {
  try {
    return decodeURIComponent(path.slice(1))
  } catch {
    return undefined
  }
}
