import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'

const strictDecoder = new TextDecoder('utf-8', { fatal: true })

/**
 * JSON from outside: bytes, encoding and depth are checked before anything walks it.
 * @throws MurmurError PAYLOAD_TOO_LARGE, MALFORMED_JSON, JSON_TOO_DEEP
 */
export function parseBoundedJson(
  bytes: Uint8Array,
  limits: { maxBytes?: number; maxDepth?: number } = {},
): JsonValue {
  const maxBytes = limits.maxBytes ?? LIMITS.submissionBytes
  if (bytes.length > maxBytes) {
    throw new MurmurError(
      'PAYLOAD_TOO_LARGE',
      `the body has ${bytes.length} bytes, at most ${maxBytes} are read`,
    )
  }
  assertDepth(bytes, limits.maxDepth ?? LIMITS.jsonDepth)
  let text: string
  try {
    text = strictDecoder.decode(bytes)
  } catch (cause) {
    throw new MurmurError('MALFORMED_JSON', 'the body is not UTF-8', { cause })
  }
  try {
    return JSON.parse(text) as JsonValue
  } catch (cause) {
    throw new MurmurError(
      'MALFORMED_JSON',
      text.trim() === '' ? 'the body is empty' : `the body is not JSON: ${(cause as Error).message}`,
      { cause },
    )
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const OPEN = new Set([0x5b, 0x7b])
const CLOSE = new Set([0x5d, 0x7d])

/** Counts brackets outside of strings in the raw bytes: quotes and brackets are single bytes in UTF-8. */
function assertDepth(bytes: Uint8Array, maxDepth: number): void {
  let depth = 0
  let inString = false
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    if (inString) {
      if (byte === BACKSLASH) i++
      else if (byte === QUOTE) inString = false
    } else if (byte === QUOTE) inString = true
    else if (OPEN.has(byte)) {
      if (++depth > maxDepth)
        throw new MurmurError('JSON_TOO_DEEP', `the body is nested more than ${maxDepth} levels deep`)
    } else if (CLOSE.has(byte)) depth--
  }
}
