import { z } from 'zod'
import { MurmurError, messageOf } from '#platform/errors/murmur-error.ts'
import { analysisSchema } from '#schemas/analysis.ts'
import { type BlobRef, blobRefSchema } from '#schemas/blob.ts'
import { type ReportImage, reportSchema } from '#schemas/report.ts'
import type { AgentContext } from '#sdk/define-agent.ts'
import { defineAgent, done, minutes } from '#sdk/index.ts'
import { buildReport } from './build-report.ts'
import { renderReport } from './html/render-report.ts'
import type { Thumbnails } from './html/section.ts'

/** As many as the page shows; all together they stay well below what a mail or a browser takes. */
const MAX_IMAGES = 48
const MAX_BYTES = 300_000

/** What a browser can show and what can run nothing: SVG is missing on purpose. */
const SHOWABLE = new Set(['image/webp', 'image/png', 'image/jpeg', 'image/gif', 'image/avif'])

/** A picture that is gone or broken costs its preview and not the report. */
const TOLERATED_CODES = new Set(['BLOB_NOT_FOUND', 'BLOB_CORRUPT', 'LIMIT_EXCEEDED'])

/** Reads the previews of the images as `data:` addresses, in the order of the report. */
export async function loadThumbnails(
  images: readonly ReportImage[],
  { blobs, log, signal }: Pick<AgentContext, 'blobs' | 'log' | 'signal'>,
): Promise<Thumbnails> {
  const thumbnails = new Map<string, string>()
  for (const { thumbnail } of images.slice(0, MAX_IMAGES)) {
    signal.throwIfAborted()
    if (thumbnails.has(thumbnail.blob) || !SHOWABLE.has(thumbnail.contentType)) continue
    try {
      thumbnails.set(thumbnail.blob, await dataAddress(thumbnail, blobs))
    } catch (error) {
      if (!(error instanceof MurmurError && TOLERATED_CODES.has(error.code))) throw error
      log.warn({ blob: thumbnail.blob, reason: messageOf(error) }, 'a preview is missing from the report')
    }
  }
  return thumbnails
}

async function dataAddress(ref: BlobRef, blobs: AgentContext['blobs']): Promise<string> {
  const bytes = await blobs.get(ref, { maxBytes: MAX_BYTES })
  return `data:${ref.contentType};base64,${Buffer.from(bytes).toString('base64')}`
}

export const synthesisInputSchema = z.object({
  title: z.string().min(1).max(200).optional(),
  analysis: analysisSchema,
})
export type SynthesisInput = z.infer<typeof synthesisInputSchema>

export const synthesisOutputSchema = z.object({
  report: reportSchema,
  /** The report as a page, `text/html`. */
  html: blobRefSchema,
  /** The report itself, `application/json`. */
  json: blobRefSchema,
})
export type SynthesisOutput = z.infer<typeof synthesisOutputSchema>

/** Turns an analysis into a report for people: as data and as a page. */
export const synthesisAgent = defineAgent<SynthesisInput, SynthesisOutput>({
  name: 'synthesis',
  version: '1.0.0',
  description: 'Writes the report: headline, findings, recommendations, as JSON and as HTML',
  input: synthesisInputSchema,
  output: synthesisOutputSchema,
  limits: { concurrency: 2, timeoutMs: minutes(1) },
  async handle({ title, analysis }, ctx) {
    const report = buildReport({ title, analysis, nowMs: ctx.nowMs() })
    ctx.progress(0.3, 'report written')
    const thumbnails = await loadThumbnails(report.images, ctx)
    ctx.progress(0.6, 'previews read')
    const [html, json] = await Promise.all([
      store(renderReport(report, thumbnails), { contentType: 'text/html', name: 'report.html' }),
      store(JSON.stringify(report), { contentType: 'application/json', name: 'report.json' }),
    ])
    ctx.progress(1, 'report stored')
    return done({ report, html, json })

    function store(text: string, about: { contentType: string; name: string }) {
      return ctx.blobs.put(new TextEncoder().encode(text), about)
    }
  },
})
