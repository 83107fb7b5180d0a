import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { JsonValue } from '#schemas/json.ts'
import { LIMITS } from '#schemas/limits.ts'

const MAX_PLAIN_DIGITS = 15
const strictDecoder = new TextDecoder('utf-8', { fatal: true })

export interface JsonLimits {
  maxBytes?: number
  maxDepth?: number
  /** What messages of errors call it. `the body` unless given. */
  what?: string
  /**
   * `exact` (default): whole numbers that would not come out as they are written, and numbers that would become infinite or zero,
   * are refused. `nearest`: for data that is not ours to refuse, whatever JavaScript makes of them. Fractions are always
   * rounded to the nearest double, as everywhere.
   */
  numbers?: 'exact' | 'nearest'
}

/**
 * JSON from outside: bytes, encoding, depth and numbers are checked before anything walks it.
 * @throws MurmurError PAYLOAD_TOO_LARGE, MALFORMED_JSON, JSON_TOO_DEEP
 */
export function parseBoundedJson(bytes: Uint8Array, limits: JsonLimits = {}): JsonValue {
  const { maxBytes = LIMITS.submissionBytes, what = 'the body' } = limits
  if (bytes.length > maxBytes) {
    throw new MurmurError(
      'PAYLOAD_TOO_LARGE',
      `${what} has ${bytes.length} bytes, at most ${maxBytes} are read`,
    )
  }
  assertReadable(bytes, { maxDepth: LIMITS.jsonDepth, numbers: 'exact', ...limits, what })
  let text: string
  try {
    text = strictDecoder.decode(bytes)
  } catch (cause) {
    throw new MurmurError('MALFORMED_JSON', `${what} is not UTF-8`, { cause })
  }
  try {
    return JSON.parse(text) as JsonValue
  } catch (cause) {
    throw new MurmurError(
      'MALFORMED_JSON',
      text.trim() === '' ? `${what} is empty` : `${what} is not JSON: ${(cause as Error).message}`,
      { cause },
    )
  }
}

const QUOTE = 0x22
const BACKSLASH = 0x5c
const MINUS = 0x2d
const ZERO = 0x30
const NINE = 0x39
/** An opening bracket, of either kind, with this bit set is this; a closing one is two more. */
const KIND_BIT = 0x20
const OPEN = 0x7b
const CLOSE = 0x7d

/** One pass over the raw bytes: quotes, brackets and digits are single bytes in UTF-8. Every message goes through here. */
function assertReadable(
  bytes: Uint8Array,
  { maxDepth, numbers, what }: Required<Omit<JsonLimits, 'maxBytes'>>,
): void {
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
        throw new MurmurError('JSON_TOO_DEEP', `${what} is nested more than ${maxDepth} levels deep`)
    } else if (kind === CLOSE) depth--
    else if (numbers === 'exact' && (byte === MINUS || (byte >= ZERO && byte <= NINE)))
      i = endOfNumber(bytes, i) - 1
  }
}

/** Looks at the number that begins at `start`. @returns where it ends @throws MurmurError MALFORMED_JSON when it would be altered */
function endOfNumber(bytes: Uint8Array, start: number): number {
  let end = start + 1
  let isPlain = true
  for (; end < bytes.length; end++) {
    const byte = bytes[end]!
    if (byte >= ZERO && byte <= NINE) continue
    // . + - e E
    if (byte !== 0x2e && byte !== 0x2b && byte !== MINUS && byte !== 0x65 && byte !== 0x45) break
    isPlain = false
  }
  // Up to 15 digits every whole number is kept as it is.
  if (isPlain && end - start <= MAX_PLAIN_DIGITS) return end
  const text = Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
  if (isKept(text)) return end
  const shown = text.length > 60 ? `${text.slice(0, 60)}…` : text
  throw new MurmurError(
    'MALFORMED_JSON',
    `the number ${shown} at byte ${start} can't be kept as it is written; send it as text, in quotes`,
    { issues: [{ path: `byte ${start}`, message: 'is a number beyond what JSON readers keep exactly' }] },
  )
}

interface Decimal {
  /** Without zeros at either end; empty for zero. */
  digits: string
  /** The number is 0.DIGITS times ten to this. */
  exponent: number
}

const NUMBER = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/**
 * Whether a JSON number comes out as it went in: JavaScript reads it as a double, and writes that down again. Whole numbers have
 * to be the same, fractions may be rounded, and none may become infinite, or zero where it was not. What is no number is left
 * to the parser. Pure.
 */
export function isKept(text: string): boolean {
  const asWritten = decimalOf(text)
  if (!asWritten || asWritten.digits === '') return true
  const value = Number(text)
  if (!Number.isFinite(value) || value === 0) return false
  const isWhole = asWritten.digits.length <= asWritten.exponent
  if (!isWhole) return true
  const asRead = decimalOf(String(value))
  return asRead?.digits === asWritten.digits && asRead.exponent === asWritten.exponent
}

function decimalOf(text: string): Decimal | undefined {
  const [, whole, fraction = '', power = '0'] = NUMBER.exec(text) ?? []
  if (whole === undefined) return undefined
  const all = whole + fraction
  let start = 0
  let end = all.length
  while (start < end && all[start] === '0') start++
  while (end > start && all[end - 1] === '0') end--
  return { digits: all.slice(start, end), exponent: whole.length - start + Number(power) }
}
