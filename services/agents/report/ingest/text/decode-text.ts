import { type DetectedEncoding, detectEncoding } from './detect-encoding.ts'

export interface DecodedText {
  /** NFC, line ends as \n, without a byte order mark and without control characters. */
  text: string
  notes: string[]
}

const SAMPLE_CHARACTERS = 1_000_000

// What is not text: C0 but tab and line feed, DEL, C1 (after windows-1252 was decoded these are nothing).
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const CONTROLS = /[\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f]|\ufeff/g
// biome-ignore lint/suspicious/noControlCharactersInRegex: escape starts a colour code
const COLOURS = /\x1b\[[0-9;]{0,20}[A-Za-z]/g

/**
 * Bytes as text: by their byte order mark, else UTF-16 or UTF-8 where they are it, else by a detector. Never throws. Pure.
 *
 * @param about.declared what the document itself says, believed where it is not UTF-8
 */
export function decodeText(
  bytes: Uint8Array,
  { declared }: { declared?: string | undefined } = {},
): DecodedText {
  const filled = withoutPadding(bytes)
  const { text, notes } = decode(filled, declared)
  const clean = cleanText(text)
  const zeros = bytes.length - filled.length
  const padding =
    zeros === 0
      ? []
      : [
          `${zeros} zero bytes stand at the end and were left out: the file may not have been written to its end.`,
        ]
  return { text: clean.text, notes: [...padding, ...notes, ...clean.notes] }
}

/** Fewer zeros at the end may be part of a character. */
const MIN_PADDING_BYTES = 8

/** Without the zeros at the end that a program leaves which reserved room and did not fill it. */
function withoutPadding(bytes: Uint8Array): Uint8Array {
  let end = bytes.length
  while (end > 0 && bytes[end - 1] === 0) end--
  return end > 0 && bytes.length - end >= MIN_PADDING_BYTES ? bytes.subarray(0, end) : bytes
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

function decode(bytes: Uint8Array, declared: string | undefined): { text: string; notes: string[] } {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return marked(bytes, 'utf-16le')
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return marked(bytes, 'utf-16be')
  const wide = utf16WithoutMark(bytes)
  if (wide)
    return {
      text: read(bytes, wide),
      notes: [`Read as ${wide.toUpperCase()}, which has no byte order mark here.`],
    }
  if (isIso2022Jp(bytes)) return detected(bytes, ISO_2022_JP)
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), notes: [] }
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    return (declared && asDeclared(bytes, declared)) || damagedUtf8(bytes)
  }
}

function marked(bytes: Uint8Array, encoding: string): { text: string; notes: string[] } {
  return { text: read(bytes, encoding), notes: [`The encoding is ${encoding.toUpperCase()}.`] }
}

/** Text with a few broken places stays UTF-8; without many valid multi-byte characters it is in another encoding. */
function damagedUtf8(bytes: Uint8Array): { text: string; notes: string[] } {
  const loose = read(bytes, 'utf-8')
  // The beginning tells; a match for each character of a large file would fill the memory.
  const sample = loose.slice(0, SAMPLE_CHARACTERS)
  const broken = sample.match(/\ufffd/g)?.length ?? 0
  const valid = sample.match(/[\u0080-\ufffc]/g)?.length ?? 0
  if (valid > 10 * broken)
    return { text: loose, notes: ['Some places are not valid UTF-8 and show as \ufffd.'] }
  return detected(bytes, detectEncoding(bytes))
}

/** In the encoding that the document names; undefined when it is none, or does not fit. */
function asDeclared(bytes: Uint8Array, declared: string): { text: string; notes: string[] } | undefined {
  try {
    const decoder = new TextDecoder(declared, { fatal: true })
    if (decoder.encoding === 'utf-8') return undefined
    return { text: decoder.decode(bytes), notes: [`The encoding is ${decoder.encoding}, as the file says.`] }
  } catch (error) {
    if (error instanceof TypeError || error instanceof RangeError) return undefined
    throw error
  }
}

const SURENESS = {
  sure: 'the detection is sure',
  likely: 'the detection is likely to be right, not certain',
  guess: 'this is a guess: few letters beyond English tell, and they may be wrong',
} as const

function detected(
  bytes: Uint8Array,
  { label, name, sureness }: DetectedEncoding,
): { text: string; notes: string[] } {
  return {
    text: read(bytes, label),
    notes: [`The text is not UTF-8; it was read as ${name}, and ${SURENESS[sureness]}.`],
  }
}

const ISO_2022_JP: DetectedEncoding = {
  label: 'iso-2022-jp',
  name: 'ISO-2022-JP (Japanese)',
  sureness: 'sure',
}

/** ASCII only, with the escape to the Japanese set, `ESC $ B` or `ESC $ @`. */
function isIso2022Jp(bytes: Uint8Array): boolean {
  const sample = bytes.subarray(0, SAMPLE_BYTES)
  for (let i = sample.indexOf(0x1b); i >= 0; i = sample.indexOf(0x1b, i + 1)) {
    if (sample[i + 1] === 0x24 && (sample[i + 2] === 0x42 || sample[i + 2] === 0x40)) return true
  }
  return false
}

function read(bytes: Uint8Array, encoding: string): string {
  return new TextDecoder(encoding).decode(bytes)
}

/**
 * UTF-16 without a mark. Digits, commas and line ends have a zero byte on one side in every script, and what is no UTF-16
 * hardly ever comes out as letters only. Pure.
 */
export function utf16WithoutMark(bytes: Uint8Array): 'utf-16le' | 'utf-16be' | null {
  const length = Math.min(bytes.length, UTF16_SAMPLE_BYTES) & ~1
  if (length < 8) return null
  let evenZeros = 0
  let oddZeros = 0
  for (let i = 0; i < length; i += 2) {
    if (bytes[i] === 0) evenZeros++
    if (bytes[i + 1] === 0) oddZeros++
  }
  const half = length / 2
  if (oddZeros > 0.7 * half && evenZeros < 0.05 * half) return 'utf-16le'
  if (evenZeros > 0.7 * half && oddZeros < 0.05 * half) return 'utf-16be'
  if (length < MIN_UTF16_BYTES) return null
  const few = Math.max(2, 0.02 * half)
  if (oddZeros >= few && evenZeros === 0 && readsAsText(bytes.subarray(0, length), 'utf-16le'))
    return 'utf-16le'
  return evenZeros >= few && oddZeros === 0 && readsAsText(bytes.subarray(0, length), 'utf-16be')
    ? 'utf-16be'
    : null
}

const UTF16_SAMPLE_BYTES = 4096
/** Shorter text can come out as letters by chance. */
const MIN_UTF16_BYTES = 24

/** Letters, digits, punctuation and spaces, nothing else; the last character of a sample may be cut. */
function readsAsText(sample: Uint8Array, encoding: string): boolean {
  const text = read(sample, encoding).slice(0, -1)
  return text.length >= 4 && /^[\p{L}\p{M}\p{N}\p{P}\p{S}\p{Zs}\t\r\n]+$/u.test(text) && /\p{L}/u.test(text)
}

const SAMPLE_BYTES = 64 * 1024
/** Random bytes have 11 % control characters; logs with colour codes and stray NULs stay below 2 %. */
const MAX_CONTROL_SHARE = 0.05

/** Too many control characters at the beginning, in the middle or at the end for text in any encoding that is read. Pure. */
export function isBinary(all: Uint8Array): boolean {
  const bytes = withoutPadding(all)
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
