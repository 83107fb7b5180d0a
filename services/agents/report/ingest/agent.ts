import { createHash } from 'node:crypto'
import { findFfmpeg } from '#platform/config/ffmpeg.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { type Document, documentSchema } from '#schemas/document.ts'
import { type ReportSource, reportSourceSchema } from '#schemas/report.ts'
import { type AgentContext, defineAgent, done, minutes } from '#sdk/index.ts'
import { INGEST_LIMITS } from './limits.ts'
import { type ReadContent, type ReadContext, readDocument } from './read-document.ts'
import { readLocalFile } from './read-file.ts'

/** Faults of the file itself: the same file fails again, so they are the answer. All others are tried again. */
const FILE_FAULTS: ReadonlySet<string> = new Set(['UNSUPPORTED_FORMAT', 'BROKEN_FILE', 'LIMIT_EXCEEDED'])

/** No file is needed: it cannot have more rows than are held. */
const SMALL_BYTES = 2 * INGEST_LIMITS.tableRows

/** Share of the work that is done when a file is here. */
const LOADED = 0.2

/** Reads one source of a report: text, tables, an image or a video. What can't be read comes back as `rejected`. */
export const ingestAgent = defineAgent<ReportSource, Document>({
  name: 'ingest',
  version: '1.0.0',
  description:
    'Reads texts, Markdown, HTML, PDF, CSV, JSON, workbooks, Parquet, images and videos into one form',
  input: reportSourceSchema,
  output: documentSchema,
  // Its step has less, by the size of its source.
  limits: { concurrency: 2, timeoutMs: minutes(90) },
  async handle(source, ctx) {
    const facts = { bytes: source.blob?.size ?? 0, sha256: source.blob?.sha256 ?? '' }
    try {
      const reading = { blobs: resultStore(ctx), signal: ctx.signal, findTools: () => findFfmpeg() }
      const content = await readSource(source, { ctx, reading, facts })
      ctx.progress(1, 'file read')
      return done({ name: source.name, ...facts, ...content })
    } catch (error) {
      if (!(error instanceof MurmurError) || !FILE_FAULTS.has(error.code)) throw error
      ctx.log.info({ code: error.code, source: source.name }, 'a source was rejected')
      return done(rejected(source, facts, error))
    }
  },
})

/** Where thumbnails go. What the store says is never about the file, whatever the code: it is tried again. */
function resultStore({ blobs }: AgentContext): ReadContext['blobs'] {
  return {
    async put(...result) {
      try {
        return await blobs.put(...result)
      } catch (cause) {
        if (!(cause instanceof MurmurError) || !FILE_FAULTS.has(cause.code)) throw cause
        throw new MurmurError('UNAVAILABLE', `a result could not be stored: ${cause.message}`, { cause })
      }
    },
  }
}

interface Reading {
  ctx: AgentContext
  reading: ReadContext
  /** Of the source, for the document. */
  facts: { bytes: number; sha256: string }
}

/** A text is there already; a file is brought onto this machine, checked on the way. */
async function readSource(
  { name, text, blob }: ReportSource,
  { ctx, reading, facts }: Reading,
): Promise<ReadContent> {
  ctx.signal.throwIfAborted()
  if (text !== undefined) {
    const bytes = new TextEncoder().encode(text)
    facts.bytes = bytes.length
    facts.sha256 = createHash('sha256').update(bytes).digest('hex')
    return readDocument({ name, bytes }, reading)
  }
  if (!blob) throw new MurmurError('BROKEN_FILE', 'the source has neither a file nor a text')
  const { contentType } = blob
  if (blob.size <= SMALL_BYTES) {
    const bytes = await ctx.blobs.get(blob, { maxBytes: SMALL_BYTES })
    return readDocument({ name, bytes, contentType }, reading)
  }
  const file = await ctx.blobs.file(blob, { signal: ctx.signal })
  facts.bytes = file.size
  ctx.progress(LOADED, 'file loaded')
  return readLocalFile(
    { name, path: file.path, size: file.size, contentType },
    { ...reading, progress: (share, note) => ctx.progress(LOADED + (1 - LOADED) * share, note) },
  )
}

function rejected(
  { name, blob }: ReportSource,
  facts: { bytes: number; sha256: string },
  { code, message }: MurmurError,
): Document {
  const mediaType = blob?.contentType ?? 'application/octet-stream'
  return { name, kind: 'rejected', mediaType, ...facts, problem: { code, message }, notes: [] }
}
