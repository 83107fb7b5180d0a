/**
 * How a secret may stand in what comes back from those who were sent it: as it is, inside JSON, percent-encoded, in hex, in base64 at
 * whatever place of a longer text, and each of them backwards.
 */

/** Shorter pieces of base64 stand anywhere by chance. */
const MIN_PIECE = 8

/** As bytes of ASCII or UTF-8, to be looked for as they are; none is part of another. Pure. */
export function plainSpellings(secret: string): string[] {
  const inJson = JSON.stringify(secret).slice(1, -1)
  const forward = [
    secret,
    inJson,
    inJson.replaceAll('/', '\\/'),
    ...base64Pieces(Buffer.from(secret)),
    ...base64Pieces(Buffer.from(secret, 'utf16le')),
  ]
  const all = new Set(forward.flatMap((each) => [each, [...each].reverse().join('')]))
  return [...all].sort((a, b) => b.length - a.length)
}

/**
 * The characters of base64 that these bytes alone decide, at each of the three places where they may begin in a longer text; what
 * stands at the borders is shared with the neighbours.
 */
function base64Pieces(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((shift) => {
    const encoded = Buffer.concat([Buffer.alloc(shift), bytes])
      .toString('base64')
      .replace(/=+$/, '')
    const bits = 8 * (shift + bytes.length)
    const piece = encoded.slice(Math.ceil((8 * shift) / 6), Math.floor(bits / 6))
    const whole = shift === 0 ? [bytes.toString('base64')] : []
    const found = [...whole, piece].filter((each) => each.length >= MIN_PIECE)
    return found.flatMap((each) => [
      each,
      each.replaceAll('+', '-').replaceAll('/', '_'),
      each.replaceAll('/', '\\/'),
    ])
  })
}

/**
 * Finds a secret of which any characters may be percent-encoded, in either case, once or twice, or all of it in hex, in either case,
 * with `:`, `-`, a space or `\\x` between. Alternatives differ in their first character or are of one length: time is linear. Pure.
 */
export function encodedPattern(secret: string): RegExp {
  const bytes = [...Buffer.from(secret)]
  const hex = bytes.map((byte) => anyCase(byte.toString(16).padStart(2, '0')))
  const percent = bytes.map((byte, i) => {
    const plain = String.fromCharCode(byte).replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')
    return `(?:%(?:25)?${hex[i]}|${plain}${byte === 0x20 ? '|\\+' : ''})`
  })
  const reversed = percent.toReversed()
  const pairs = (list: string[]) => list.join('(?:[:\\- ]|\\\\{1,2}x|0x)?')
  // Nibbles turned round, too: what is reversed as a text.
  const turned = bytes.map((byte) => anyCase([...byte.toString(16).padStart(2, '0')].reverse().join('')))
  const ways = [
    percent.join(''),
    reversed.join(''),
    pairs(hex),
    pairs(hex.toReversed()),
    pairs(turned.toReversed()),
  ]
  return new RegExp(ways.map((way) => `(?:${way})`).join('|'), 'g')
}

function anyCase(text: string): string {
  return text.replace(/[a-f]/g, (letter) => `[${letter}${letter.toUpperCase()}]`)
}
