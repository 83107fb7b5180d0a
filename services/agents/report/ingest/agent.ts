import { createHash } from 'node:crypto'
import { findFfmpeg } from '#platform/config/ffmpeg.ts'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import { type Document, documentSchema } from '#schemas/document.ts'
import { LIMITS } from '#schemas/limits.ts'
import { type ReportSource, reportSourceSchema } from '#schemas/report.ts'
import { type AgentContext, defineAgent, done, minutes } from '#sdk/index.ts'
import { type ReadContext, readDocument, type SourceFile } from './read-document.ts'

/** Faults of the file itself: the same file fails again, so they are the answer. All others are tried again. */
const FILE_FAULTS: ReadonlySet<string> = new Set(['UNSUPPORTED_FORMAT', 'BROKEN_FILE', 'LIMIT_EXCEEDED'])

/** Reads one source of a report: text, tables, an image or a video. What can't be read comes back as `rejected`. */
export const ingestAgent = defineAgent<ReportSource, Document>({
  name: 'ingest',
  version: '1.0.0',
  description:
    'Reads texts, Markdown, HTML, PDF, CSV, JSON, workbooks, Parquet, images and videos into one form',
  input: reportSourceSchema,
  output: documentSchema,
  limits: { concurrency: 2, timeoutMs: minutes(3) },
  async handle(source, ctx) {
    const facts = { bytes: source.blob?.size ?? 0, sha256: source.blob?.sha256 ?? '' }
    try {
      const file = await loadSource(source, ctx)
      facts.bytes = file.bytes.length
      facts.sha256 = createHash('sha256').update(file.bytes).digest('hex')
      ctx.progress(0.2, 'file loaded')
      ctx.signal.throwIfAborted()
      const reading = { blobs: resultStore(ctx), signal: ctx.signal, findTools: () => findFfmpeg() }
      const content = await readDocument(file, reading)
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

async function loadSource({ name, text, blob }: ReportSource, ctx: AgentContext): Promise<SourceFile> {
  if (text !== undefined) return { name, bytes: new TextEncoder().encode(text) }
  if (!blob) throw new MurmurError('BROKEN_FILE', 'the source has neither a file nor a text')
  const bytes = await ctx.blobs.get(blob, { maxBytes: LIMITS.bufferedBlobBytes })
  return { name, bytes, contentType: blob.contentType }
}

function rejected(
  { name, blob }: ReportSource,
  facts: { bytes: number; sha256: string },
  { code, message }: MurmurError,
): Document {
  const mediaType = blob?.contentType ?? 'application/octet-stream'
  return { name, kind: 'rejected', mediaType, ...facts, problem: { code, message }, notes: [] }
}
