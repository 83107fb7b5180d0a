export interface DecodedText {
  /** NFC, line ends as \n, without a byte order mark and without control characters. */
  text: string
  notes: string[]
}

const SAMPLE_CHARACTERS = 1_000_000

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252'

// What is not text: C0 but tab and line feed, DEL, C1 (after windows-1252 was decoded these are nothing).
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f]|\ufeff/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape starts a colour code
const COLOURS = /\x1b\[[0-9;]{0,20}[A-Za-z]/g

/** Bytes as text: by their byte order mark, else UTF-8, else windows-1252. Never throws. Pure. */
export function decodeText(bytes: Uint8Array): DecodedText {
  const { text, notes } = decode(bytes)
  const clean = cleanText(text)
  return { text: clean.text, notes: [...notes, ...clean.notes] }
}

/** Text of any origin as NFC, with \n as the only line end and without control characters and colour codes. Pure. */
export function cleanText(text: string): DecodedText {
  const plain = text.replace(COLOURS, '').replace(/\r\n?|[\x85\u2028\u2029\f]/g, '\n')
  let removed = 0
  const clean = plain.replace(CONTROLS, () => {
    removed++
    return ''
  })
  const notes =
    removed === 0
      ? []
      : [`${removed} control ${removed === 1 ? 'character was' : 'characters were'} removed.`]
  return { text: clean.normalize('NFC').toWellFormed(), notes }
}

function decode(bytes: Uint8Array): { text: string; notes: string[] } {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return marked(bytes, 'utf-16le')
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return marked(bytes, 'utf-16be')
  const wide = utf16WithoutMark(bytes)
  if (wide)
    return {
      text: read(bytes, wide),
      notes: [`Read as ${wide.toUpperCase()}, which has no byte order mark here.`],
    }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), notes: [] }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return damagedUtf8(bytes)
  }
}

function marked(bytes: Uint8Array, encoding: Encoding): { text: string; notes: string[] } {
  return { text: read(bytes, encoding), notes: [`The encoding is ${encoding.toUpperCase()}.`] }
}

/** Text with a few broken places stays UTF-8; without many valid multi-byte characters it is windows-1252. */
function damagedUtf8(bytes: Uint8Array): { text: string; notes: string[] } {
  const loose = read(bytes, 'utf-8')
  // The beginning tells; a match for each character of a large file would fill the memory.
  const sample = loose.slice(0, SAMPLE_CHARACTERS)
  const broken = sample.match(/\ufffd/g)?.length ?? 0
  const valid = sample.match(/[\u0080-\ufffc]/g)?.length ?? 0
  if (valid > 10 * broken)
    return { text: loose, notes: ['Some places are not valid UTF-8 and show as \ufffd.'] }
  const note = 'The text is not UTF-8; it was read as Windows-1252, so letters beyond English may be wrong.'
  return { text: read(bytes, 'windows-1252'), notes: [note] }
}

function read(bytes: Uint8Array, encoding: Encoding): string {
  return new TextDecoder(encoding).decode(bytes)
}

/** UTF-16 of mostly Latin text without a mark: every other byte is zero and hardly any of the rest is. Pure. */
export function utf16WithoutMark(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  const length = Math.min(bytes.length, 4096) & ~1
  if (length < 8) return null
  let evenZeros = 0
  let oddZeros = 0
  for (let i = 0; i < length; i += 2) {
    if (bytes[i] === 0) evenZeros++
    if (bytes[i + 1] === 0) oddZeros++
  }
  const half = length / 2
  if (oddZeros > 0.7 * half && evenZeros < 0.05 * half) return 'utf-16le'
  return evenZeros > 0.7 * half && oddZeros < 0.05 * half ? 'utf-16be' : null
}

const SAMPLE_BYTES = 64 * 1024
/** Random bytes have 11 % control characters; logs with colour codes and stray NULs stay below 2 %. */
const MAX_CONTROL_SHARE = 0.05

/** Too many control characters at the beginning, in the middle or at the end for text in any encoding that is read. Pure. */
export function isBinary(bytes: Uint8Array): boolean {
  if (hasUtf16Mark(bytes) || utf16WithoutMark(bytes) !== null) return false
  const middle = Math.floor(bytes.length / 2)
  const samples = [
    bytes.subarray(0, SAMPLE_BYTES),
    bytes.subarray(middle, middle + SAMPLE_BYTES),
    bytes.subarray(Math.max(0, bytes.length - SAMPLE_BYTES)),
  ]
  return samples.some((sample) => controlShare(sample) > MAX_CONTROL_SHARE && controlCount(sample) > 3)
}

function hasUtf16Mark(bytes: Uint8Array): boolean {
  return (bytes[0] === 0xff && bytes[1] === 0xfe) || (bytes[0] === 0xfe && bytes[1] === 0xff)
}

function controlShare(sample: Uint8Array): number {
  return sample.length === 0 ? 0 : controlCount(sample) / sample.length
}

function controlCount(sample: Uint8Array): number {
  let count = 0
  for (const byte of sample) {
    // Tab, line feed, vertical tab, form feed, carriage return and escape (colours of logs) belong to text.
    if ((byte < 0x20 && !(byte >= 0x09 && byte <= 0x0d) && byte !== 0x1b) || byte === 0x7f) count++
  }
  return count
}
