import { readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { largeSheets } from './data/spreadsheet/large-sheets.ts'
import { LARGE_SHEET_LIMITS } from './data/spreadsheet/sheet-limits.ts'
import { type DetectedFormat, detectFormat, type Family } from './detect-format.ts'
import { holdsManyRows } from './large/many-rows.ts'
import { type LargeFamily, readLargeFile } from './large/read-large-file.ts'
import { readLargeWorkbook } from './large/read-large-workbook.ts'
import { bytesAt } from './large/utf8-file.ts'
import { INGEST_LIMITS } from './limits.ts'
import { maxBytesOf, type ReadContent, type ReadContext, readDocument } from './read-document.ts'
import { BY_POSITION } from './text/read-text.ts'

/** A file on disk, in a folder of its own in which others may be written, and what the uploader said about it. */
export interface LocalSource {
  name: string
  path: string
  /** Bytes. */
  size: number
  contentType?: string
}

export interface FileContext extends ReadContext {
  /** 0 to 1, with what is being done. */
  progress(share: number, note: string): void
}

/** The ends of a file tell its format. */
const HEAD_BYTES = 1024 * 1024
const TAIL_BYTES = 1024 * 1024

/**
 * Tells the format of a file and reads it: whole where it fits into memory, else its tables by SQL and the beginning of its text.
 *
 * @throws MurmurError UNSUPPORTED_FORMAT, BROKEN_FILE, LIMIT_EXCEEDED when the file is at fault; UNAVAILABLE
 */
export async function readLocalFile(file: LocalSource, context: FileContext): Promise<ReadContent> {
  const { path, size } = file
  const head = await bytesAt(path, 0, HEAD_BYTES)
  const tail =
    size > HEAD_BYTES
      ? await bytesAt(path, Math.max(HEAD_BYTES, size - TAIL_BYTES), TAIL_BYTES)
      : Buffer.alloc(0)
  const format = detectFormat(Buffer.concat([head, tail]), file)
  const { family } = format
  if (family === 'xlsx') return readWorkbook(file, format, context)
  if (size <= maxBytesOf(family)) {
    const bytes = await readFile(path)
    if (!isTabular(family) || !(await holdsManyRows(bytes, family)))
      return readDocument({ ...file, bytes }, context)
  }
  if (isTabular(family)) return readBySql(file, { format, family }, context)
  if (family === 'text' || family === 'markdown') return readBeginning(file, format, context)
  throw new MurmurError(
    'LIMIT_EXCEEDED',
    `the file has ${size} bytes, at most ${maxBytesOf(family)} are read of this format`,
  )
}

function isTabular(family: Family): family is LargeFamily {
  return family === 'csv' || family === 'json' || family === 'ndjson' || family === 'parquet'
}

async function readBySql(
  file: LocalSource,
  { format, family }: { format: DetectedFormat; family: LargeFamily },
  context: FileContext,
): Promise<ReadContent> {
  const { mediaType, notes } = format
  if (file.size > INGEST_LIMITS.largeBytes)
    throw new MurmurError(
      'LIMIT_EXCEEDED',
      `the file has ${file.size} bytes, at most ${INGEST_LIMITS.largeBytes} are read`,
    )
  const { tables, losses, ...read } = await readLargeFile(
    { ...file, folder: dirname(file.path) },
    family,
    context,
  )
  return {
    kind: 'data',
    mediaType,
    tables,
    notes: [...notes, ...read.notes],
    ...(losses.length > 0 && { losses }),
  }
}

/** In memory, unless a sheet is too large for that, or the file itself. */
async function readWorkbook(
  file: LocalSource,
  format: DetectedFormat,
  context: FileContext,
): Promise<ReadContent> {
  const { path, size } = file
  if (size > LARGE_SHEET_LIMITS.fileBytes)
    throw new MurmurError(
      'LIMIT_EXCEEDED',
      `the workbook has ${size} bytes, at most ${LARGE_SHEET_LIMITS.fileBytes} are read`,
    )
  const large = await largeSheets(path, context)
  if (large.length === 0 && size <= maxBytesOf('xlsx'))
    return readDocument({ ...file, bytes: await readFile(path) }, context)
  const { tables, losses, notes } = await readLargeWorkbook(
    { ...file, folder: dirname(path) },
    large,
    context,
  )
  return {
    kind: 'data',
    mediaType: format.mediaType,
    tables,
    notes: [...format.notes, ...notes],
    ...(losses.length > 0 && { losses }),
  }
}

/** Of a long text the beginning is read; one that is a table from the first line on is read as that. */
async function readBeginning(
  file: LocalSource,
  format: DetectedFormat,
  context: FileContext,
): Promise<ReadContent> {
  const bytes = await bytesAt(file.path, 0, maxBytesOf(format.family))
  const whole = bytes.subarray(0, bytes.lastIndexOf(0x0a) + 1 || bytes.length)
  const head = whole.subarray(0, whole.lastIndexOf(0x0a, HEAD_BYTES) + 1 || HEAD_BYTES)
  const tried = await readDocument({ ...file, bytes: head }, context)
  // SQL knows no columns by position.
  const isDelimited = !tried.notes.some((note) => note.startsWith(BY_POSITION))
  if (tried.kind === 'data' && tried.tables?.length === 1 && isDelimited)
    return readBySql(
      file,
      { format: { ...format, notes: [...format.notes, ...tried.notes] }, family: 'csv' },
      context,
    )
  const read = await readDocument({ ...file, bytes: whole }, context)
  const loss = `Only the first ${whole.length} of ${file.size} bytes of the text were read.`
  return { ...read, losses: [loss, ...(read.losses ?? [])] }
}
