import { LIMITS } from '#schemas/limits.ts'

const HEAD = '{"v":2,"results":[\n'
const BETWEEN = ',\n'
const TAIL = '\n]}'
const HEAD_BYTES = Buffer.from(HEAD)
const TAIL_BYTES = Buffer.from(TAIL)
const LINE_FEED = 0x0a
const COMMA = 0x2c
/** Where a batch differs from a single result first: its version. */
const VERSION_AT = HEAD.indexOf('2')

/** What stands around the results of a batch, for whoever counts its bytes. */
export const RESULT_BATCH_FRAME_BYTES = HEAD.length + TAIL.length
/** What stands between two results. */
export const RESULT_BATCH_SEPARATOR_BYTES = BETWEEN.length

/**
 * Several results of steps as one message of the log: JSON as a whole, with each result on a line of its own, so that a reader can take them
 * apart before it parses anything, and what is wrong with one of them is wrong with no other.
 * @param results JSON texts without line breaks; as many and as large together as LIMITS say
 */
export function encodeResultBatch(results: readonly string[]): string {
  return HEAD + results.join(BETWEEN) + TAIL
}

/** Whether a message of results is a batch, well formed or not. */
export function isResultBatch(data: Uint8Array): boolean {
  if (data[VERSION_AT] !== HEAD_BYTES[VERSION_AT]) return false
  return bufferOf(data).compare(HEAD_BYTES, 0, HEAD.length, 0, Math.min(HEAD.length, data.length)) === 0
}

/** How many results a message of the log holds, for whoever bounds them: 1 for all that is no batch. */
export function countResults(data: Uint8Array): number {
  if (!isResultBatch(data) || data.length > LIMITS.resultBatchBytes) return 1
  const bytes = bufferOf(data)
  let count = -1
  for (let at = bytes.indexOf(LINE_FEED); at >= 0; at = bytes.indexOf(LINE_FEED, at + 1)) count++
  return Math.max(1, count)
}

/**
 * The results of a batch, each as the bytes of a single one, not parsed.
 * @returns a text when the message is no batch that may be: what is wrong with it
 */
export function splitResultBatch(data: Uint8Array): Uint8Array[] | string {
  if (data.length > LIMITS.resultBatchBytes)
    return `a batch of results has ${data.length} bytes, at most ${LIMITS.resultBatchBytes} are taken`
  const bytes = bufferOf(data)
  const end = bytes.length - TAIL.length
  if (end < HEAD.length || bytes.compare(TAIL_BYTES, 0, TAIL.length, end) !== 0)
    return 'a batch of results is cut off'
  const results: Uint8Array[] = []
  for (let at = HEAD.length; at <= end; ) {
    if (results.length === LIMITS.resultBatchCount)
      return `a batch has more than ${LIMITS.resultBatchCount} results`
    // The tail begins with a line feed: there always is one.
    const lineEnd = bytes.indexOf(LINE_FEED, at)
    const hasComma = lineEnd < end && bytes[lineEnd - 1] === COMMA
    results.push(bytes.subarray(at, hasComma ? lineEnd - 1 : lineEnd))
    at = lineEnd + 1
  }
  return results
}

function bufferOf(data: Uint8Array): Buffer {
  return Buffer.from(data.buffer, data.byteOffset, data.length)
}
