const QUOTE = 0x22
const BACKSLASH = 0x5c
const COLON = 0x3a
const OPEN = new Set([0x5b, 0x7b])
const CLOSE = new Set([0x5d, 0x7d])
/** Longer texts are no names. */
const MAX_TEXT = 512

/**
 * The texts and numbers that stand directly in a JSON object, whatever else is in it and however deep: one pass over the
 * bytes, nothing nested is built. For messages that must not be parsed, or can't be. Pure.
 */
export function shallowMembers(bytes: Uint8Array): Map<string, string | number> {
  const members = new Map<string, string | number>()
  let depth = 0
  let key: string | undefined
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    if (byte === QUOTE) {
      const end = endOfText(bytes, i)
      if (depth === 1) {
        const text = end - i <= MAX_TEXT ? valueIn(bytes, i, end + 1) : undefined
        if (isKey(bytes, end + 1)) key = typeof text === 'string' ? text : undefined
        else {
          if (key !== undefined && typeof text === 'string') members.set(key, text)
          key = undefined
        }
      }
      i = end
    } else if (OPEN.has(byte)) {
      depth++
      if (depth === 2) key = undefined
    } else if (CLOSE.has(byte)) depth--
    else if (depth === 1 && key !== undefined && isNumeral(byte)) {
      let end = i + 1
      while (end < bytes.length && end - i < MAX_TEXT && isNumeral(bytes[end]!)) end++
      const number = valueIn(bytes, i, end)
      if (typeof number === 'number') members.set(key, number)
      key = undefined
      i = end - 1
    }
  }
  return members
}

/** The position of the closing quote, or the end when there is none. */
function endOfText(bytes: Uint8Array, from: number): number {
  let i = from + 1
  while (i < bytes.length && bytes[i] !== QUOTE) i += bytes[i] === BACKSLASH ? 2 : 1
  return Math.min(i, bytes.length)
}

function isKey(bytes: Uint8Array, from: number): boolean {
  let i = from
  while (bytes[i] === 0x20 || (bytes[i]! >= 0x09 && bytes[i]! <= 0x0d)) i++
  return bytes[i] === COLON
}

function isNumeral(byte: number): boolean {
  return (
    (byte >= 0x30 && byte <= 0x39) ||
    byte === 0x2b ||
    byte === 0x2d ||
    byte === 0x2e ||
    byte === 0x65 ||
    byte === 0x45
  )
}

function valueIn(bytes: Uint8Array, from: number, to: number): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString())
  } catch {
    return undefined
  }
}
