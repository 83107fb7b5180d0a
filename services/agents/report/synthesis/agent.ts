import { z } from 'zod'
import { analysisSchema } from '#schemas/analysis.ts'
import { blobRefSchema } from '#schemas/blob.ts'
import { reportSchema } from '#schemas/report.ts'
import { defineAgent, done, minutes } from '#sdk/index.ts'
import { buildReport } from './build-report.ts'
import { renderReport } from './html/render-report.ts'
import { loadThumbnails } from './thumbnails.ts'

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
