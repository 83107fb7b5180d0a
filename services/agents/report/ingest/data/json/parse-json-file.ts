import { MurmurError } from '#platform/errors/murmur-error.ts'
import { parseBoundedJson } from '#platform/json/parse-json.ts'
import type { Table } from '#schemas/document.ts'
import type { JsonValue } from '#schemas/json.ts'
import { INGEST_LIMITS } from '../../limits.ts'
import { decodeText } from '../../text/decode-text.ts'
import { jsonTables } from './json-tables.ts'
import { type MendedJson, mendJson } from './mend-json.ts'

const LIMITS = {
  maxBytes: INGEST_LIMITS.jsonBytes,
  maxDepth: INGEST_LIMITS.jsonDepth,
  numbers: 'nearest',
} as const
const BODY_FAULTS = new Set(['MALFORMED_JSON', 'PAYLOAD_TOO_LARGE', 'JSON_TOO_DEEP'])
const LINE_FEED = 0x0a

export interface JsonFile {
  tables: Table[]
  notes: string[]
  losses: string[]
}

/**
 * A JSON file as tables; size and depth are checked before anything is parsed. Pure.
 *
 * @throws MurmurError LIMIT_EXCEEDED (bytes, depth), BROKEN_FILE
 */
export function parseJsonFile(bytes: Uint8Array, { name }: { name: string }): JsonFile {
  const { utf8, notes } = asUtf8(bytes)
  try {
    const found = jsonTables(parseBoundedJson(utf8, LIMITS), { name })
    return { ...found, notes: [...notes, ...found.notes] }
  } catch (error) {
    const fault = fileFault(error)
    if (fault.code !== 'BROKEN_FILE' || !startsLikeLines(utf8)) throw fault
    const lines = parseNdjsonFile(bytes, { name })
    return { ...lines, notes: ['The file is not one JSON value but one on each line.', ...lines.notes] }
  }
}

/**
 * One JSON value on each line, as a table; broken lines are left out while most are sound. Pure.
 *
 * @throws MurmurError LIMIT_EXCEEDED, BROKEN_FILE
 */
export function parseNdjsonFile(bytes: Uint8Array, { name }: { name: string }): JsonFile {
  const { utf8, notes } = asUtf8(bytes)
  if (utf8.length > LIMITS.maxBytes) {
    throw new MurmurError(
      'LIMIT_EXCEEDED',
      `the file has ${utf8.length} bytes, at most ${LIMITS.maxBytes} are read`,
    )
  }
  const { values, broken, firstFault, unread } = readLines(utf8)
  if (values.length <= broken.length) {
    if (firstFault?.code === 'LIMIT_EXCEEDED') throw firstFault
    throw new MurmurError('BROKEN_FILE', firstFault?.message ?? 'the file has no lines', {
      cause: firstFault,
    })
  }
  const found = jsonTables(values, { name })
  const losses: string[] = []
  if (broken.length > 0) {
    losses.push(
      `${broken.length} broken ${broken.length === 1 ? 'line was' : 'lines were'} left out, the first is line ${broken[0]}.`,
    )
  }
  if (unread > 0) {
    const all = INGEST_LIMITS.tableRows + unread
    losses.push(`Only the first ${INGEST_LIMITS.tableRows} of ${all} lines were read.`)
  }
  return { tables: found.tables, notes: [...notes, ...found.notes], losses: [...losses, ...found.losses] }
}

interface ReadLines {
  values: JsonValue[]
  /** Numbers of the lines that are no JSON. */
  broken: number[]
  firstFault: MurmurError | undefined
  /** Lines beyond the limit. */
  unread: number
}

function readLines(utf8: Uint8Array): ReadLines {
  const read: ReadLines = { values: [], broken: [], firstFault: undefined, unread: 0 }
  for (const { line, number } of linesOf(utf8)) {
    if (read.values.length + read.broken.length >= INGEST_LIMITS.tableRows) {
      read.unread++
      continue
    }
    try {
      read.values.push(parseBoundedJson(line, LIMITS))
    } catch (error) {
      read.firstFault ??= fileFault(error)
      read.broken.push(number)
    }
  }
  return read
}

/** JSON is UTF-8 by its standard; other encodings are still common in files. */
function asUtf8(bytes: Uint8Array): { utf8: Uint8Array; notes: string[] } {
  if (bytes.length > LIMITS.maxBytes) {
    throw new MurmurError(
      'LIMIT_EXCEEDED',
      `the file has ${bytes.length} bytes, at most ${LIMITS.maxBytes} of JSON are read`,
    )
  }
  const { text, notes } = decodeText(bytes)
  const mended = mendJson(text)
  return { utf8: new TextEncoder().encode(mended.text), notes: [...notes, ...notesOn(mended)] }
}

function notesOn({ nonFinite, bigIntegers }: MendedJson): string[] {
  const notes: string[] = []
  if (nonFinite > 0) {
    const are = nonFinite === 1 ? '1 value is' : `${nonFinite} values are`
    notes.push(
      `${are} NaN or Infinity, which JSON does not know; ${nonFinite === 1 ? 'it was' : 'they were'} read as missing.`,
    )
  }
  if (bigIntegers > 0) {
    const are = bigIntegers === 1 ? '1 whole number is' : `${bigIntegers} whole numbers are`
    notes.push(`${are} too large to be exact as a number (beyond 2^53) and kept as text, digit for digit.`)
  }
  return notes
}

function* linesOf(bytes: Uint8Array): Generator<{ line: Uint8Array; number: number }> {
  let number = 0
  for (let start = 0; start < bytes.length; ) {
    const found = bytes.indexOf(LINE_FEED, start)
    const end = found < 0 ? bytes.length : found
    const line = bytes.subarray(start, end)
    start = end + 1
    number++
    if (line.some((byte) => byte > 0x20)) yield { line, number }
  }
}

/** The first of several lines is a JSON object or list by itself. */
function startsLikeLines(bytes: Uint8Array): boolean {
  const [first, second] = linesOf(bytes)
  if (!first || !second) return false
  const opens = first.line.find((byte) => byte > 0x20)
  const closes = first.line.findLast((byte) => byte > 0x20)
  return (opens === 0x7b && closes === 0x7d) || (opens === 0x5b && closes === 0x5d)
}

/** The faults of a request body in the words of files. What is no fault of the file is thrown on. */
function fileFault(error: unknown): MurmurError {
  if (!(error instanceof MurmurError) || !BODY_FAULTS.has(error.code)) throw error
  const message = error.message.replace('the body', 'the file')
  if (error.code === 'MALFORMED_JSON') return new MurmurError('BROKEN_FILE', message, { cause: error })
  return new MurmurError('LIMIT_EXCEEDED', message, { cause: error })
}
