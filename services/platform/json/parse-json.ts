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
/** An opening bracket, of either kind, with this bit set is this; a closing one is two more. */
const KIND_BIT = 0x20
const OPEN = 0x7b
const CLOSE = 0x7d

/** Counts brackets outside of strings in the raw bytes: quotes and brackets are single bytes in UTF-8. Every message goes through here. */
function assertDepth(bytes: Uint8Array, maxDepth: number): void {
  let depth = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    if (byte === QUOTE) {
      for (i++; i < bytes.length && bytes[i] !== QUOTE; i++) if (bytes[i] === BACKSLASH) i++
      continue
    }
    const kind = byte | KIND_BIT
    if (kind === OPEN) {
      if (++depth > maxDepth)
        throw new MurmurError('JSON_TOO_DEEP', `the body is nested more than ${maxDepth} levels deep`)
    } else if (kind === CLOSE) depth--
  }
}
