import { setImmediate } from 'node:timers/promises'
import { analysisSchema } from '#schemas/analysis.ts'
import { defineAgent, done, minutes } from '#sdk/index.ts'
import { analyseDocuments } from './analyse-documents.ts'
import { analysisInputSchema, documentsOf } from './input.ts'

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
