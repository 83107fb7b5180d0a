import { setImmediate } from 'node:timers/promises'
import { z } from 'zod'
import { analysisSchema } from '#schemas/analysis.ts'
import { type Document, documentSchema } from '#schemas/document.ts'
import { defineAgent, done, minutes } from '#sdk/index.ts'
import { analyseDocuments } from './analyse-documents.ts'

const faultSchema = z.union([
  z.string(),
  z.looseObject({ code: z.string().optional(), message: z.string().optional() }),
])

/** What stands in the place of a document whose ingest step failed. */
const failedIngestSchema = z.looseObject({ error: faultSchema, name: z.string().optional() })

/** How the report plan hands over a source: what its ingest step made of it, or the error it ended with. */
const ingestedSchema = z.object({
  name: z.string(),
  document: documentSchema.nullable(),
  error: faultSchema.nullable(),
})

export const analysisInputSchema = z.object({
  documents: z.array(z.union([ingestedSchema, documentSchema, failedIngestSchema, z.null()])),
})
export type AnalysisInput = z.infer<typeof analysisInputSchema>

/** The documents that are there; a failed ingest step counts as a rejected document, null as none. */
export function documentsOf({ documents }: AnalysisInput): Document[] {
  return documents.flatMap((entry, index) => {
    if (entry === null) return []
    if ('document' in entry) return [documentIn(entry as z.infer<typeof ingestedSchema>, index)]
    return 'error' in entry ? [rejected(entry as z.infer<typeof failedIngestSchema>, index)] : [entry]
  })
}

function documentIn({ name, document, error }: z.infer<typeof ingestedSchema>, index: number): Document {
  return document ?? rejected({ name, error: error ?? 'The source gave no document.' }, index)
}

function rejected({ error, name }: z.infer<typeof failedIngestSchema>, index: number): Document {
  const { code, message } = typeof error === 'string' ? { code: undefined, message: error } : error
  return {
    name: name ?? `document ${index + 1}`,
    kind: 'rejected',
    mediaType: 'application/octet-stream',
    bytes: 0,
    sha256: '',
    problem: { code: code ?? 'STEP_FAILED', message: message ?? 'The document could not be read.' },
    notes: [],
  }
}

/**
 * Finds what is remarkable in documents that ingest has read. The work is computation in this thread: between columns it
 * gives way to the event loop, so that heartbeats go out and an abort is seen.
 */
export const analysisAgent = defineAgent({
  name: 'analysis',
  version: '1',
  description: 'Statistics, trends, anomalies and ranked insights from ingested documents',
  input: analysisInputSchema,
  output: analysisSchema,
  limits: { concurrency: 2, timeoutMs: minutes(2) },
  async handle(input, ctx) {
    const documents = documentsOf(input)
    ctx.progress(0, `analysing ${documents.length} documents`)
    const work = analyseDocuments(documents)
    let reported = 0
    for (let step = work.next(); ; step = work.next()) {
      if (step.done) {
        ctx.progress(1, `${step.value.insights.length} insights`)
        return done(step.value)
      }
      if (step.value.fraction > reported) {
        reported = step.value.fraction
        ctx.progress(reported, step.value.note)
      }
      await setImmediate()
      ctx.signal.throwIfAborted()
    }
  },
})
