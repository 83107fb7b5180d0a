import type { FfmpegTools } from '#platform/config/ffmpeg.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Document } from '#schemas/document.ts'
import type { AgentBlobs } from '#sdk/index.ts'
import { parseCsv } from './data/csv/parse-csv.ts'
import { parseJsonFile, parseNdjsonFile } from './data/json/parse-json-file.ts'
import { type DetectedFormat, detectFormat, type Family } from './detect-format.ts'
import { readImage } from './image/read-image.ts'
import { INGEST_LIMITS } from './limits.ts'
import { readPdf } from './pdf/read-pdf.ts'
import { buildTextContent } from './text/build-text-content.ts'
import { cleanText, decodeText } from './text/decode-text.ts'
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
  'kind' | 'mediaType' | 'text' | 'tables' | 'image' | 'video' | 'notes'
>

const MAX_BYTES: Record<Family, number> = {
  text: INGEST_LIMITS.textBytes,
  markdown: INGEST_LIMITS.textBytes,
  csv: INGEST_LIMITS.textBytes,
  json: INGEST_LIMITS.jsonBytes,
  ndjson: INGEST_LIMITS.jsonBytes,
  image: INGEST_LIMITS.imageBytes,
  pdf: INGEST_LIMITS.pdfBytes,
  video: INGEST_LIMITS.videoBytes,
}

/**
 * Tells the format of a file and reads it.
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
  const content = await readAs(format, file, context)
  return { ...content, mediaType: format.mediaType, notes: [...format.notes, ...content.notes] }
}

async function readAs(
  { family }: DetectedFormat,
  { name, bytes }: SourceFile,
  context: ReadContext,
): Promise<Omit<ReadContent, 'mediaType'>> {
  switch (family) {
    case 'image':
      return { kind: 'image', ...(await readImage(bytes, { name, ...context })) }
    case 'video':
      return {
        kind: 'video',
        ...(await readVideo(bytes, { name, ...context, tools: await context.findTools() })),
      }
    case 'pdf':
      return readPdfText(bytes, context.signal)
    case 'csv': {
      const { text, notes } = decodeText(bytes)
      return { kind: 'data', tables: [parseCsv(text, { name })], notes }
    }
    case 'json':
      return { kind: 'data', ...parseJsonFile(bytes, { name }) }
    case 'ndjson':
      return { kind: 'data', ...parseNdjsonFile(bytes, { name }) }
    case 'markdown':
    case 'text':
      return readText(bytes, family === 'markdown')
  }
}

function readText(bytes: Uint8Array, markdown: boolean): Omit<ReadContent, 'mediaType'> {
  const { text, notes } = decodeText(bytes)
  const built = buildTextContent(text, { markdown })
  return { kind: 'text', text: built.content, notes: [...notes, ...built.notes] }
}

async function readPdfText(bytes: Uint8Array, signal: AbortSignal): Promise<Omit<ReadContent, 'mediaType'>> {
  const { text, pages, title, headings, notes } = await readPdf(bytes, { signal })
  const clean = cleanText(text)
  const built = buildTextContent(clean.text, { markdown: false })
  const content = { ...built.content, pages, headings, ...(title !== undefined && { title }) }
  return { kind: 'text', text: content, notes: [...notes, ...clean.notes, ...built.notes] }
}
