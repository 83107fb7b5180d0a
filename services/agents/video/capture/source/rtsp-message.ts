import { MurmurError } from '#platform/errors/murmur-error.ts'

/** A request or an answer of RTSP (RFC 2326). */
export interface RtspMessage {
  /** `DESCRIBE rtsp://… RTSP/1.0` or `RTSP/1.0 200 OK`. */
  start: string
  headers: [name: string, value: string][]
  body: Buffer
}

/** Whom the source thinks it speaks to, where it sends its callers, and what it asks them for is the relay's business: none of it is passed on to readers. */
export const KEPT_BACK: ReadonlySet<string> = new Set([
  'cseq',
  'location',
  'www-authenticate',
  'authentication-info',
  'proxy-authenticate',
  'server',
  'content-base',
  'content-location',
  'content-length',
  'realchallenge1',
  'realchallenge3',
])
/** Said by the relay in its own words. */
export const NOT_SENT: ReadonlySet<string> = new Set(['cseq', 'authorization', 'content-length'])

/** What comes over one connection, in its order: messages, and media between them as it is. */
export type RtspPart = { kind: 'message'; message: RtspMessage } | { kind: 'media'; bytes: Buffer }

/** Of the start and the headers of a message. */
const MAX_HEAD_BYTES = 16 * 1024
/** Descriptions of a source are some kilobytes. */
const MAX_BODY_BYTES = 256 * 1024
const MEDIA_MARK = 0x24
const MEDIA_HEADER_BYTES = 4
const [CR, LF] = [0x0d, 0x0a]

/**
 * Cuts what comes in parts into messages and media.
 * @returns takes bytes in and gives every part that is complete by that. @throws MurmurError LIMIT_EXCEEDED, BROKEN_FILE for what is no RTSP
 */
export function createRtspReader(): (chunk: Buffer) => RtspPart[] {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    const bytes = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const parts: RtspPart[] = []
    let offset = 0
    while (offset < bytes.length) {
      const end = bytes[offset] === MEDIA_MARK ? endOfMedia(bytes, offset) : undefined
      if (end !== undefined && end > offset) {
        parts.push({ kind: 'media', bytes: bytes.subarray(offset, end) })
        offset = end
        continue
      }
      // Lines that are empty may stand between messages.
      if (bytes[offset] === CR || bytes[offset] === LF) {
        offset++
        continue
      }
      const read = end === undefined ? readMessage(bytes, offset) : undefined
      if (!read) break
      parts.push({ kind: 'message', message: read.message })
      offset = read.end
    }
    rest = bytes.subarray(offset)
    return parts
  }
}

/** Where the frames that begin here and are complete end: all of them are passed on in one piece. */
function endOfMedia(bytes: Buffer, from: number): number {
  let end = from
  while (end + MEDIA_HEADER_BYTES <= bytes.length && bytes[end] === MEDIA_MARK) {
    const next = end + MEDIA_HEADER_BYTES + bytes.readUInt16BE(end + 2)
    if (next > bytes.length) break
    end = next
  }
  return end
}

function readMessage(bytes: Buffer, from: number): { message: RtspMessage; end: number } | undefined {
  const head = bytes.indexOf('\r\n\r\n', from)
  if (head < 0) {
    if (bytes.length - from > MAX_HEAD_BYTES) throw tooLong(MAX_HEAD_BYTES)
    return undefined
  }
  if (head - from > MAX_HEAD_BYTES) throw tooLong(MAX_HEAD_BYTES)
  const [start = '', ...lines] = bytes.toString('latin1', from, head).split('\r\n')
  if (!/^(RTSP\/1\.\d \d{3}\b|[A-Z_]{1,32} \S{1,4096} RTSP\/1\.\d$)/.test(start))
    throw new MurmurError('SOURCE_UNAVAILABLE', 'what answers there speaks no RTSP')
  const headers = lines.flatMap((line): [string, string][] => {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).trim()
    return colon > 0 && /^[\w-]{1,64}$/.test(name) && !/[\r\n\0]/.test(line)
      ? [[name, line.slice(colon + 1).trim()]]
      : []
  })
  const length = Number(headerOf({ headers }, 'content-length') ?? 0)
  if (!Number.isInteger(length) || length < 0 || length > MAX_BODY_BYTES) throw tooLong(MAX_BODY_BYTES)
  const end = head + 4 + length
  if (end > bytes.length) return undefined
  return { message: { start, headers, body: bytes.subarray(head + 4, end) }, end }
}

function tooLong(limit: number): MurmurError {
  return new MurmurError('LIMIT_EXCEEDED', `the source sends a message of more than ${limit} bytes`)
}

/** The first header with this name, given in lower case. Pure. */
export function headerOf({ headers }: Pick<RtspMessage, 'headers'>, name: string): string | undefined {
  return headers.find((header) => header[0].toLowerCase() === name)?.[1]
}

/** All headers with this name, given in lower case. Pure. */
export function headersOf({ headers }: Pick<RtspMessage, 'headers'>, name: string): string[] {
  return headers.filter((header) => header[0].toLowerCase() === name).map(([, value]) => value)
}

/** As it goes over the wire. Pure. */
export function encodeRtsp({ start, headers, body }: RtspMessage): Buffer {
  const head = [start, ...headers.map(([name, value]) => `${name}: ${value}`)].join('\r\n')
  return Buffer.concat([Buffer.from(`${head}\r\n\r\n`, 'latin1'), body])
}
