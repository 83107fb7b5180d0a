/**
 * SHA-256 at once, as `node:crypto` has it and `crypto.subtle` does not: for the ids of child tasks, when a log is replayed in the browser. FIPS 180-4.
 * Nothing secret is hashed by it.
 */
export function hash(algorithm: 'sha256', text: string, encoding: 'base64url' | 'hex'): string {
  if (algorithm !== 'sha256') throw new TypeError(`${algorithm} is not known here`)
  const bytes = digest(new TextEncoder().encode(text))
  if (encoding === 'hex') return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
}

/** The first 32 bits of the fractional parts of roots of the first primes. */
function fractions(count: number, root: 2 | 3): Uint32Array {
  const found: number[] = []
  for (let number = 2; found.length < count; number++)
    if (
      Array.from({ length: number - 2 }, (_, index) => index + 2).every((divisor) => number % divisor !== 0)
    )
      found.push(fraction(number, root))
  return Uint32Array.from(found)
}

/** By whole numbers: a double has too few bits for the last of them. */
function fraction(prime: number, root: 2 | 3): number {
  const scaled = BigInt(prime) << BigInt(32 * root)
  let low = 0n
  let high = 1n << 40n
  while (low < high) {
    const middle = (low + high + 1n) >> 1n
    if (middle ** BigInt(root) <= scaled) low = middle
    else high = middle - 1n
  }
  return Number(low & 0xffffffffn)
}

const K = fractions(64, 3)
const INITIAL = fractions(8, 2)
const rotate = (word: number, by: number) => (word >>> by) | (word << (32 - by))

function digest(message: Uint8Array): Uint8Array {
  const length = ((message.length + 8) >> 6) * 64 + 64
  const padded = new Uint8Array(length)
  padded.set(message)
  padded[message.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(length - 8, Math.floor(message.length / 2 ** 29))
  view.setUint32(length - 4, message.length << 3)
  const state = INITIAL.slice()
  const words = new Uint32Array(64)
  for (let at = 0; at < length; at += 64) {
    for (let i = 0; i < 16; i++) words[i] = view.getUint32(at + i * 4)
    for (let i = 16; i < 64; i++) {
      const a = words[i - 15]!
      const b = words[i - 2]!
      const s0 = rotate(a, 7) ^ rotate(a, 18) ^ (a >>> 3)
      const s1 = rotate(b, 17) ^ rotate(b, 19) ^ (b >>> 10)
      words[i] = words[i - 16]! + s0 + words[i - 7]! + s1
    }
    compress(state, words)
  }
  const out = new DataView(new ArrayBuffer(32))
  for (const [index, word] of state.entries()) out.setUint32(index * 4, word)
  return new Uint8Array(out.buffer)
}

function compress(state: Uint32Array, words: Uint32Array): void {
  let [a, b, c, d, e, f, g, h] = state as unknown as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  for (let i = 0; i < 64; i++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25)
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i]! + words[i]!) | 0
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22)
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0
    ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0]
  }
  for (const [index, word] of [a, b, c, d, e, f, g, h].entries()) state[index] = state[index]! + word
}
