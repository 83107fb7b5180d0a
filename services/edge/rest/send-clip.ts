import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { FoundClip } from '#platform/nats/read-clip.ts'
import type { RecordingGateway } from '../gateway/recordings.ts'

export interface ClipReply {
  tenant: string
  found: FoundClip
  /** What it is called where it is saved. */
  name: string
  /** Counts what is sent. */
  spend: (bytes: number) => Promise<void>
}

/** What a browser makes of it must not run as a page of ours, nor be kept by what stands in between. */
const SAFE_HEADERS = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "sandbox; default-src 'none'; media-src 'self'",
  'cache-control': 'private, no-cache',
  'accept-ranges': 'bytes',
}

/** A clip, or the part of it that the request asks for (RFC 9110): 200, 206, 304, or 416 for a part that there is not. */
export async function sendClip(
  request: FastifyRequest,
  reply: FastifyReply,
  recordings: Pick<RecordingGateway, 'read'>,
  { tenant, found, name, spend }: ClipReply,
): Promise<FastifyReply> {
  const { bytes, etag } = found.clip
  const tag = `"${etag}"`
  reply.headers({ ...SAFE_HEADERS, etag: tag })
  if (request.headers['if-none-match'] === tag) return reply.code(304).send()
  const ifRange = request.headers['if-range']
  const isFit = ifRange === undefined || ifRange === tag
  const range = isFit ? parseRange(request.headers.range, bytes) : undefined
  if (range === 'none') return reply.code(416).header('content-range', `bytes */${bytes}`).send()
  const { from, to } = range ?? { from: 0, to: bytes }
  if (request.method === 'GET') await spend(to - from)
  reply.code(range ? 206 : 200).headers({
    'content-type': 'video/mp4',
    'content-length': to - from,
    'content-disposition': `inline; filename="${name}"`,
    ...(range && { 'content-range': `bytes ${from}-${to - 1}/${bytes}` }),
  })
  if (request.method === 'HEAD') return reply.send()
  return reply.send(Readable.from(recordings.read(tenant, found, { from, to })))
}

/**
 * One range of a `Range` header; undefined: all of it, also where several are asked for. `to` is exclusive. Pure.
 * @returns `none` when it is outside
 */
export function parseRange(
  header: string | undefined,
  bytes: number,
): { from: number; to: number } | 'none' | undefined {
  const [, first, last] = /^bytes=(\d*)-(\d*)$/.exec(header?.trim() ?? '') ?? []
  if (first === undefined || last === undefined || (first === '' && last === '')) return undefined
  if (first === '') {
    const length = Math.min(Number(last), bytes)
    return length === 0 ? 'none' : { from: bytes - length, to: bytes }
  }
  const from = Number(first)
  const to = last === '' ? bytes : Math.min(bytes, Number(last) + 1)
  if (last !== '' && Number(last) < from) return undefined
  return from >= bytes ? 'none' : { from, to }
}
