import { isUtf8 } from 'node:buffer'
import { createReadStream, createWriteStream } from 'node:fs'
import { open } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { decodeText, utf16WithoutMark } from '../text/decode-text.ts'
import { detectEncoding } from '../text/detect-encoding.ts'

/** A text file that SQL can read: UTF-8, lines that end with a line feed. */
export interface Utf8File {
  path: string
  /** The beginning, decoded, cut after a line. */
  head: string
  /** About how many lines there are. */
  estimatedLines: number
  notes: string[]
}

const HEAD_BYTES = 1024 * 1024
const CHUNK_BYTES = 4 * 1024 * 1024
/** Lines that are no UTF-8, for the detector of encodings. */
const MAX_SAMPLE_BYTES = 256 * 1024
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

/**
 * Looks through a whole text file, some megabytes at a time: what is UTF-8 stays where it is, everything else is written anew.
 *
 * @param copy where it is written to
 */
export async function asUtf8File(
  source: string,
  { size, copy, signal }: { size: number; copy: string; signal: AbortSignal },
): Promise<Utf8File> {
  const beginning = await bytesAt(source, 0, HEAD_BYTES)
  const found = await encodingOf(source, { beginning, signal })
  const hasOldLineEnds = beginning.includes(CARRIAGE_RETURN) && !beginning.includes(LINE_FEED)
  if (found.label !== 'utf-8' || found.isDamaged || hasOldLineEnds) {
    await transcode(source, { label: found.label, copy, hasOldLineEnds, signal })
  }
  const path = found.label !== 'utf-8' || found.isDamaged || hasOldLineEnds ? copy : source
  const bytes = await bytesAt(path, 0, HEAD_BYTES)
  const whole = bytes.length < HEAD_BYTES ? bytes.length : bytes.lastIndexOf(LINE_FEED) + 1
  const { text } = decodeText(bytes.subarray(0, whole > 0 ? whole : bytes.length))
  const lines = text.split('\n').length
  return { path, head: text, estimatedLines: (size / Math.max(1, whole)) * lines, notes: found.notes }
}

/** Some bytes of a file; fewer at its end. */
export async function bytesAt(path: string, position: number, length: number): Promise<Buffer> {
  await using file = await open(path)
  const buffer = Buffer.allocUnsafe(length)
  const { bytesRead } = await file.read(buffer, 0, length, position)
  return buffer.subarray(0, bytesRead)
}

interface FoundEncoding {
  /** For `TextDecoder`. */
  label: string
  /** A few places are no UTF-8, or zero bytes. */
  isDamaged: boolean
  notes: string[]
}

async function encodingOf(
  path: string,
  { beginning, signal }: { beginning: Buffer; signal: AbortSignal },
): Promise<FoundEncoding> {
  const wide = utf16Of(beginning)
  if (wide) return { label: wide, isDamaged: false, notes: [`The encoding is ${wide.toUpperCase()}.`] }
  const { lines: sample, hasZeros } = await linesBeyondUtf8(path, signal)
  if (sample.length === 0)
    return {
      label: 'utf-8',
      isDamaged: hasZeros,
      notes: hasZeros ? ['Control characters were removed.'] : [],
    }
  const valid = beginning.toString('utf8').match(/[\u0080-\ufffc]/g)?.length ?? 0
  const broken = sample.toString('utf8').match(/\ufffd/g)?.length ?? 0
  if (valid > 10 * broken)
    return { label: 'utf-8', isDamaged: true, notes: ['Some places are not valid UTF-8 and show as \ufffd.'] }
  const { label, name, sureness } = detectEncoding(sample)
  const how = { sure: 'sure', likely: 'likely to be right', guess: 'a guess' }[sureness]
  return {
    label,
    isDamaged: false,
    notes: [`The text is not UTF-8; it was read as ${name}, which is ${how}.`],
  }
}

function utf16Of(beginning: Buffer): string | null {
  if (beginning[0] === 0xff && beginning[1] === 0xfe) return 'utf-16le'
  if (beginning[0] === 0xfe && beginning[1] === 0xff) return 'utf-16be'
  return utf16WithoutMark(beginning)
}

/** Some lines that are no UTF-8, none when all are; and whether zero bytes stand among those that are. */
async function linesBeyondUtf8(
  path: string,
  signal: AbortSignal,
): Promise<{ lines: Buffer; hasZeros: boolean }> {
  let hasZeros = false
  const found: Buffer[] = []
  let bytes = 0
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES, signal })) {
    const joined = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer])
    const end = joined.lastIndexOf(LINE_FEED) + 1 || joined.length
    const lines = joined.subarray(0, end)
    rest = joined.subarray(end)
    if (lines.includes(0)) hasZeros = true
    if (isUtf8(lines)) continue
    for (const line of brokenLines(lines)) {
      found.push(Buffer.from(line))
      bytes += line.length
      if (bytes > MAX_SAMPLE_BYTES) return { lines: Buffer.concat(found), hasZeros }
    }
  }
  if (!isUtf8(rest)) found.push(rest)
  return { lines: Buffer.concat(found), hasZeros: hasZeros || rest.includes(0) }
}

function* brokenLines(lines: Buffer): Generator<Buffer> {
  for (let start = 0; start < lines.length; ) {
    const found = lines.indexOf(LINE_FEED, start)
    const end = found < 0 ? lines.length : found + 1
    const line = lines.subarray(start, end)
    if (!isUtf8(line)) yield line
    start = end
  }
}

async function transcode(
  source: string,
  {
    label,
    copy,
    hasOldLineEnds,
    signal,
  }: { label: string; copy: string; hasOldLineEnds: boolean; signal: AbortSignal },
): Promise<void> {
  const decoder = new TextDecoder(label)
  await pipeline(
    createReadStream(source, { highWaterMark: CHUNK_BYTES }),
    async function* (chunks: AsyncIterable<Buffer>) {
      for await (const chunk of chunks) {
        const text = decoder.decode(chunk, { stream: true }).replaceAll('\0', '')
        yield hasOldLineEnds ? text.replaceAll('\r', '\n') : text
      }
      yield decoder.decode()
    },
    createWriteStream(copy),
    { signal },
  )
}
