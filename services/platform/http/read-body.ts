import type { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import {
  constants,
  createBrotliDecompress,
  createGunzip,
  createInflate,
  createZstdDecompress,
} from 'node:zlib'
import { MurmurError } from '#platform/errors/murmur-error.ts'

/** What is asked for in `accept-encoding`. */
export const ACCEPTED_ENCODINGS = 'gzip, br, zstd'

/** As RFC 9659 has it for the web; the decoder's own default would let an answer claim 128 MiB of memory. */
const ZSTD_WINDOW_LOG = 23
/** Compression may make small bodies a little larger. */
const ENCODING_SLACK_BYTES = 64 * 1024

/**
 * Reads a body to its end, decompressed, and not a byte beyond the limit: both what comes over the wire and what it
 * unfolds to are counted while they come, so a bomb costs at most one chunk more.
 * @throws MurmurError LIMIT_EXCEEDED, UPSTREAM_ERROR (unknown encoding); what the streams throw
 */
export async function readBody(
  source: Readable,
  options: { encoding: string | undefined; maxBytes: number },
): Promise<Uint8Array> {
  const { maxBytes } = options
  const wire = byteCounter(maxBytes + ENCODING_SLACK_BYTES, maxBytes)
  const unfolded = byteCounter(maxBytes, maxBytes)
  const chunks: Uint8Array[] = []
  const count = (counter: ByteCounter) =>
    async function* (stream: AsyncIterable<Uint8Array>) {
      for await (const chunk of stream) {
        counter.add(chunk.length)
        yield chunk
      }
    }
  const collect = async (stream: AsyncIterable<Uint8Array>) => {
    for await (const chunk of stream) chunks.push(chunk)
  }
  const decoder = decoderOf(options.encoding)
  try {
    if (decoder) await pipeline(source, count(wire), decoder, count(unfolded), collect)
    else await pipeline(source, count(unfolded), collect)
  } catch (error) {
    // Answers without a body may carry the encoding header all the same (HEAD, 204, 304).
    if (!(decoder && wire.bytes === 0 && isTruncation(error))) throw error
  }
  return Buffer.concat(chunks)
}

interface ByteCounter {
  readonly bytes: number
  add(bytes: number): void
}

function byteCounter(limit: number, named: number): ByteCounter {
  let bytes = 0
  return {
    get bytes() {
      return bytes
    },
    add(more) {
      bytes += more
      if (bytes > limit) {
        throw new MurmurError('LIMIT_EXCEEDED', `the answer is larger than the ${named} bytes that are read`)
      }
    },
  }
}

/**
 * One encoding at most: several on top of each other are of use to attackers only. An unknown one is refused by a
 * stage of the pipeline, which takes the connection down properly.
 */
function decoderOf(encoding = ''): Transform | typeof refuseEncoding | undefined {
  switch (encoding.trim().toLowerCase()) {
    case '':
    case 'identity':
      return undefined
    case 'gzip':
    case 'x-gzip':
      return createGunzip()
    case 'deflate':
      return createInflate()
    case 'br':
      return createBrotliDecompress()
    case 'zstd':
      return createZstdDecompress({ params: { [constants.ZSTD_d_windowLogMax]: ZSTD_WINDOW_LOG } })
    default:
      return refuseEncoding
  }
}

// biome-ignore lint/correctness/useYield: it only ever refuses
async function* refuseEncoding(): AsyncGenerator<Uint8Array> {
  throw new MurmurError('UPSTREAM_ERROR', 'the answer has an encoding that was not asked for')
}

function isTruncation(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'Z_BUF_ERROR'
}
