import type { FfmpegTools } from '#platform/config/ffmpeg.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Document } from '#schemas/document.ts'
import type { AgentBlobs } from '#sdk/index.ts'
import { parseCsvTables } from './data/csv/parse-csv-tables.ts'
import { parseJsonFile, parseNdjsonFile } from './data/json/parse-json-file.ts'
import { PARQUET_LIMITS, readParquet } from './data/parquet/read-parquet.ts'
import { readSpreadsheet } from './data/spreadsheet/read-spreadsheet.ts'
import { SHEET_LIMITS } from './data/spreadsheet/sheet-limits.ts'
import { type DetectedFormat, detectFormat, type Family } from './detect-format.ts'
import { readHtml } from './html/read-html.ts'
import { readImage } from './image/read-image.ts'
import { INGEST_LIMITS } from './limits.ts'
import { readPdf } from './pdf/read-pdf.ts'
import { buildTextContent } from './text/build-text-content.ts'
import { cleanText, decodeText } from './text/decode-text.ts'
import { readText } from './text/read-text.ts'
import { readVideo } from './video/read-video.ts'

/** A file in memory and what the uploader said about it. */
export interface SourceFile {
  name: string
  bytes: Uint8Array
  contentType?: string
}

export interface ReadContext {
  blobs: Pick<AgentBlobs, 'put'>
  signal: AbortSignal
  /** Asked only for videos; without tools they are refused. */
  findTools(): Promise<FfmpegTools | undefined>
}

/** The part of a document that comes from its content. */
export type ReadContent = Pick<
  Document,
  'kind' | 'mediaType' | 'text' | 'tables' | 'image' | 'video' | 'problem' | 'notes' | 'losses'
>

const MAX_BYTES: Record<Family, number> = {
  text: INGEST_LIMITS.textBytes,
  markdown: INGEST_LIMITS.textBytes,
  html: INGEST_LIMITS.textBytes,
  csv: INGEST_LIMITS.textBytes,
  json: INGEST_LIMITS.jsonBytes,
  ndjson: INGEST_LIMITS.jsonBytes,
  image: INGEST_LIMITS.imageBytes,
  pdf: INGEST_LIMITS.pdfBytes,
  video: INGEST_LIMITS.videoBytes,
  xlsx: SHEET_LIMITS.fileBytes,
  ods: SHEET_LIMITS.fileBytes,
  parquet: PARQUET_LIMITS.fileBytes,
}

/** Bytes of a file that is read whole, in memory. Pure. */
export function maxBytesOf(family: Family): number {
  return MAX_BYTES[family]
}

/**
 * Tells the format of a file in memory and reads it.
 *
 * @throws MurmurError UNSUPPORTED_FORMAT, BROKEN_FILE, LIMIT_EXCEEDED when the file is at fault
 */
export async function readDocument(file: SourceFile, context: ReadContext): Promise<ReadContent> {
  const format = detectFormat(file.bytes, file)
  const maxBytes = MAX_BYTES[format.family]
  if (file.bytes.length > maxBytes) {
    throw new MurmurError(
      'LIMIT_EXCEEDED',
      `the file has ${file.bytes.length} bytes, at most ${maxBytes} are read`,
    )
  }
  const { losses = [], ...content } = await readAs(format, file, context)
  return {
    ...content,
    mediaType: format.mediaType,
    notes: [...format.notes, ...content.notes],
    ...(losses.length > 0 && { losses }),
  }
}

type Read = Omit<ReadContent, 'mediaType'>

async function readAs(
  { family }: DetectedFormat,
  { name, bytes }: SourceFile,
  context: ReadContext,
): Promise<Read> {
  const { signal } = context
  switch (family) {
    case 'image':
      return { kind: 'image', ...(await readImage(bytes, { name, ...context })) }
    case 'video':
      return {
        kind: 'video',
        ...(await readVideo(bytes, { name, ...context, tools: await context.findTools() })),
      }
    case 'pdf':
      return readPdfText(bytes, signal)
    case 'csv': {
      const { text, notes } = decodeText(bytes)
      return { kind: 'data', ...parseCsvTables(text, { name }), notes }
    }
    case 'json':
      return { kind: 'data', ...parseJsonFile(bytes, { name }) }
    case 'ndjson':
      return { kind: 'data', ...parseNdjsonFile(bytes, { name }) }
    case 'xlsx':
    case 'ods':
      return { kind: 'data', ...(await readSpreadsheet(bytes, { name, format: family, signal })) }
    case 'parquet':
      return { kind: 'data', ...(await readParquet(bytes, { name, signal })) }
    case 'html':
      return readPage(bytes, { name, signal })
    case 'markdown':
    case 'text':
      return readText(bytes, { name, markdown: family === 'markdown' })
  }
}

/** A page that is nothing but tables, as programs export them, is data. */
async function readPage(bytes: Uint8Array, about: { name: string; signal: AbortSignal }): Promise<Read> {
  const { text, tables, ...rest } = await readHtml(bytes, about)
  if (tables.length === 0) return { kind: 'text', text, ...rest }
  return text.counts.words === 0 ? { kind: 'data', tables, ...rest } : { kind: 'text', text, tables, ...rest }
}

async function readPdfText(bytes: Uint8Array, signal: AbortSignal): Promise<Read> {
  const { text, pages, title, headings, notes, losses, problem } = await readPdf(bytes, { signal })
  if (problem) return { kind: 'rejected', problem, notes, losses }
  const clean = cleanText(text)
  const built = buildTextContent(clean.text, { markdown: false })
  const content = { ...built.content, pages, headings, ...(title !== undefined && { title }) }
  return {
    kind: 'text',
    text: content,
    notes: [...notes, ...clean.notes, ...built.notes],
    losses: [...losses, ...built.losses],
  }
}
