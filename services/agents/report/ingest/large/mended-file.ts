import { createReadStream, createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import { pipeline } from 'node:stream/promises'
import { ADVICE, listed, MAX_TORN, mendRow } from '../data/csv/torn-numbers.ts'
import type { CsvQuotes } from './csv-quotes.ts'
import type { CsvRelation } from './csv-relation.ts'

const CHUNK_BYTES = 1024 * 1024
const LINE_FEED = 0x0a
const CARRIAGE_RETURN = 0x0d
const COMMA = 0x2c

/** A copy of a delimited file in which numbers with commas are in quotes, and what to say of it. */
export interface MendedFile {
  path: string
  notes: string[]
  losses: string[]
}

interface Tally {
  rows: number
  /** Rows that were put together. */
  joined: number
  example?: string
  /** Rows in which cells are left empty. */
  unclear: number
  /** By column. */
  emptied: number[]
}

/**
 * Puts numbers such as `$1,234.50` together again, line by line, where the beginning of the file proves that nobody put them in quotes:
 * written into a copy, some megabytes at a time. Undefined where nothing proves it, where rows are no lines, and where more than 10 % of the rows
 * would lack a value of a column.
 *
 * @param copy where it is written to
 */
export async function mendedFile(
  { head, columns, beyond }: CsvRelation,
  { path, copy, quotes, signal }: { path: string; copy: string; quotes: CsvQuotes; signal: AbortSignal },
): Promise<MendedFile | undefined> {
  const { mending, dialect, linesAbove, tornFrom } = head
  if (!mending || tornFrom === undefined || beyond.length === 0 || quotes.spanLines || quotes.isOpen)
    return undefined
  if (dialect.delimiter !== ',' || dialect.quote !== '"' || dialect.escapeMark !== '"') return undefined
  const tally: Tally = { rows: 0, joined: 0, unclear: 0, emptied: columns.map(() => 0) }
  const mend = lineMender({ mending, tornFrom, linesAbove, tally })
  await pipeline(
    createReadStream(path, { highWaterMark: CHUNK_BYTES }),
    (chunks: AsyncIterable<Buffer>) => mendedChunks(chunks, mend),
    createWriteStream(copy),
    { signal },
  )
  if (tally.emptied.some((count) => count > MAX_TORN * tally.rows)) {
    await rm(copy)
    return undefined
  }
  return {
    path: copy,
    ...toldOf(
      tally,
      columns.map(({ name }) => name),
    ),
  }
}

/** The relation of a mended file: nothing of it is torn any more. Pure. */
export function mendedRelation(relation: CsvRelation, { notes, losses }: MendedFile): CsvRelation {
  return {
    ...relation,
    head: { ...relation.head, tornFrom: undefined, mending: undefined },
    notes: [...relation.notes, ...notes],
    losses: [...relation.losses, ...losses],
  }
}

/** Lines that are as they were, together; only those with too many commas are taken apart. */
async function* mendedChunks(
  chunks: AsyncIterable<Buffer>,
  mend: (line: Buffer) => Buffer,
): AsyncGenerator<Buffer> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of chunks) {
    const joined = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const end = joined.lastIndexOf(LINE_FEED) + 1
    if (end > 0) yield Buffer.concat(mendedLines(joined.subarray(0, end), mend))
    rest = Buffer.from(joined.subarray(end))
  }
  if (rest.length > 0) yield mend(rest)
}

function mendedLines(text: Buffer, mend: (line: Buffer) => Buffer): Buffer[] {
  const parts: Buffer[] = []
  let kept = 0
  for (let start = 0; start < text.length; ) {
    const end = text.indexOf(LINE_FEED, start) + 1
    const line = text.subarray(start, end)
    const mended = mend(line)
    if (mended !== line) {
      parts.push(text.subarray(kept, start), mended)
      kept = end
    }
    start = end
  }
  parts.push(text.subarray(kept))
  return parts
}

function lineMender({
  mending,
  tornFrom,
  linesAbove,
  tally,
}: {
  mending: { width: number; countsRows: boolean }
  tornFrom: number
  linesAbove: number
  tally: Tally
}): (line: Buffer) => Buffer {
  let above = linesAbove
  return (line) => {
    if (above > 0) {
      above--
      return line
    }
    if (lengthOf(line) === 0) return line
    tally.rows++
    if (commasIn(line) < mending.width) return line
    const text = line.toString('utf8').replace(/\r?\n$/, '')
    const row = mendRow(text, mending)
    if (row && row.text === text) return line
    if (row?.joined !== undefined && row.emptied.length === 0) {
      tally.joined++
      tally.example ??= row.joined
    } else tally.unclear++
    // Nothing tells which cells belong together: those before the first that may be torn are right.
    const emptied = row?.emptied ?? tally.emptied.flatMap((_, column) => (column >= tornFrom ? [column] : []))
    for (const column of emptied) if (column < tally.emptied.length) tally.emptied[column]! += 1
    const kept =
      row?.text ??
      `${text.split(',').slice(0, tornFrom).join(',')}${','.repeat(mending.width - Math.max(1, tornFrom))}`
    return Buffer.from(`${kept}\n`)
  }
}

function lengthOf(line: Buffer): number {
  let end = line.length
  while (end > 0 && (line[end - 1] === LINE_FEED || line[end - 1] === CARRIAGE_RETURN)) end--
  return end
}

function commasIn(line: Buffer): number {
  let count = 0
  for (let at = line.indexOf(COMMA); at >= 0; at = line.indexOf(COMMA, at + 1)) count++
  return count
}

function toldOf(
  { rows, joined, example, unclear, emptied }: Tally,
  names: readonly string[],
): Pick<MendedFile, 'notes' | 'losses'> {
  const of = (part: number) => `${part.toLocaleString('en-US')} of ${rows.toLocaleString('en-US')} rows`
  const left = [...emptied.keys()].filter((column) => emptied[column]! > 0)
  return {
    notes:
      joined === 0
        ? []
        : [
            `Numbers with commas that are not in quotes, such as ${example}, were torn apart in ${of(joined)}; they were put together again, as the ${names.length} columns leave one way only.`,
          ],
    losses:
      unclear === 0
        ? []
        : [
            `${of(unclear)} hold numbers with commas that are not in quotes, and which cells belong together cannot be told: ${listed(left, names)} ${left.length === 1 ? 'was' : 'were'} left empty there. ${ADVICE}`,
          ],
  }
}
