import { createReadStream } from 'node:fs'
import { writeFile } from 'node:fs/promises'

const CHUNK_BYTES = 4 * 1024 * 1024
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d

/** Lines drawn from a text file, written one below the other. */
export interface SampledLines {
  path: string
  /** Of each: its number among the lines that are not blank, below those that were skipped; 1-based. */
  numbers: number[]
}

/**
 * Draws each line with the same chance by a hash of its number, without splitting any: a tenth of what a pass of SQL costs. Undefined
 * where a drawn line has a quote that it does not close, so that rows are no lines.
 *
 * @param share 0 to 1
 * @param skip lines above the table
 */
export async function sampleLines(
  path: string,
  {
    to,
    share,
    skip,
    quote,
    signal,
  }: { to: string; share: number; skip: number; quote: string; signal: AbortSignal },
): Promise<SampledLines | undefined> {
  const quoteByte = quote.charCodeAt(0)
  const limit = Math.ceil(share * 2 ** 32)
  const lines: Buffer[] = []
  const numbers: number[] = []
  let skipped = 0
  let number = 0
  let rest: Buffer = Buffer.alloc(0)
  const take = (line: Buffer): boolean => {
    if (line.length === 0 || (line.length === 1 && line[0] === CARRIAGE_RETURN)) return true
    if (hashOf(++number) >= limit) return true
    if (hasOpenQuote(line, quoteByte)) return false
    lines.push(Buffer.from(line))
    numbers.push(number)
    return true
  }
  for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES, signal })) {
    const joined = rest.length === 0 ? (chunk as Buffer) : Buffer.concat([rest, chunk as Buffer])
    let start = 0
    for (let end = joined.indexOf(LINE_FEED); end >= 0; end = joined.indexOf(LINE_FEED, start)) {
      if (skipped < skip) skipped++
      else if (!take(joined.subarray(start, end))) return undefined
      start = end + 1
    }
    rest = Buffer.from(joined.subarray(start))
  }
  if (rest.length > 0 && skipped >= skip && !take(rest)) return undefined
  await writeFile(to, Buffer.concat(lines.flatMap((line) => [line, NEW_LINE])))
  return { path: to, numbers }
}

const NEW_LINE = Buffer.from('\n')

function hasOpenQuote(line: Buffer, quote: number): boolean {
  let isOpen = false
  for (let at = line.indexOf(quote); at >= 0; at = line.indexOf(quote, at + 1)) isOpen = !isOpen
  return isOpen
}

/** A number of 32 bits that looks random (the finaliser of MurmurHash3). Pure. */
export function hashOf(number: number): number {
  let hash = number | 0
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}
