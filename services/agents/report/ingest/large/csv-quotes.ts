import { createReadStream } from 'node:fs'

/** What the quotes of a whole delimited file hold. */
export interface CsvQuotes {
  /** A quoted cell goes over several lines. */
  spanLines: boolean
  /** A cell that begins with a quote goes to the end of the file. */
  isOpen: boolean
}

export interface QuoteMarks {
  delimiter: string
  quote: string
  /** What makes a quote within a cell an ordinary character: the quote itself, or a backslash. */
  escapeMark: string
}

const CHUNK_BYTES = 4 * 1024 * 1024
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const SPACE = 0x20

/** Follows the quotes through a UTF-8 file, some megabytes at a time: a quote opens at the beginning of a cell and closes at its end. */
export async function csvQuotes(
  path: string,
  { marks, signal }: { marks: QuoteMarks; signal: AbortSignal },
): Promise<CsvQuotes> {
  const follow = quoteFollower(marks)
  let found: CsvQuotes = { spanLines: false, isOpen: false }
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES, signal }))
    found = follow(chunk as Buffer)
  return found
}

/** Follows quotes over the parts of a text, given one after the other. */
export function quoteFollower({ delimiter, quote, escapeMark }: QuoteMarks): (bytes: Buffer) => CsvQuotes {
  const [separator, mark, escapeSign] = [delimiter, quote, escapeMark].map((text) => text.charCodeAt(0))
  let isOpen = false
  let isEscaped = false
  let isAtStart = true
  /** A quote inside may be the end of the cell, or the first of two. */
  let mayClose = false
  let hasLine = false
  let spanLines = false
  return (bytes) => {
    if (!isOpen && !bytes.includes(mark!)) {
      const last = bytes.findLast((byte) => byte !== SPACE)
      if (last !== undefined) isAtStart = endsCell(last, separator)
      return { spanLines, isOpen }
    }
    for (const byte of bytes) {
      if (!isOpen) {
        if (byte === mark && isAtStart) {
          isOpen = true
          hasLine = false
        } else if (!(isAtStart && byte === SPACE)) isAtStart = endsCell(byte, separator)
        continue
      }
      if (mayClose) {
        mayClose = false
        if (byte === mark && escapeSign === mark) continue
        if (endsCell(byte, separator) || byte === CARRIAGE_RETURN) {
          isOpen = false
          isAtStart = byte !== CARRIAGE_RETURN
          if (hasLine) spanLines = true
          continue
        }
      }
      if (isEscaped) isEscaped = false
      else if (byte === escapeSign && escapeSign !== mark) isEscaped = true
      else if (byte === mark) mayClose = true
      else if (byte === LINE_FEED) hasLine = true
    }
    return { spanLines, isOpen: isOpen && !mayClose }
  }
}

function endsCell(byte: number | undefined, separator: number | undefined): boolean {
  return byte === separator || byte === LINE_FEED
}
