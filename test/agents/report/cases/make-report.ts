import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Analysis } from '#schemas/analysis.ts'
import type { Document } from '#schemas/document.ts'
import type { Report } from '#schemas/report.ts'
import { analyseDocuments } from '../../../../services/agents/report/analysis/analyse-documents.ts'
import { readDocument } from '../../../../services/agents/report/ingest/read-document.ts'
import { buildReport } from '../../../../services/agents/report/synthesis/build-report.ts'

/** Files of `inputs`, read, analysed and reported, all in this process. */
export interface MadeReport {
  documents: Document[]
  analysis: Analysis
  report: Report
  /** Everything that a reader is told in sentences, a line each: what stands on top first. */
  sentences: string[]
  headline: string
}

/** Makes the report of files of this folder, or of texts given by name. */
export async function makeReport(
  ...sources: (string | { name: string; text: string })[]
): Promise<MadeReport> {
  const documents: Document[] = []
  for (const source of sources) {
    const name = typeof source === 'string' ? source : source.name
    const bytes =
      typeof source === 'string'
        ? new Uint8Array(readFileSync(join(import.meta.dirname, 'inputs', source)))
        : new TextEncoder().encode(source.text)
    const content = await readDocument({ name, bytes }, { ...READING })
    documents.push({ name, bytes: bytes.length, sha256: `sha-${name}`, ...content })
  }
  const work = analyseDocuments(documents)
  let step = work.next()
  while (!step.done) step = work.next()
  const analysis = step.value
  const report = buildReport({ analysis, nowMs: 0 })
  return { documents, analysis, report, sentences: sentencesOf(report), headline: report.headline.text }
}

const READING = {
  blobs: {
    put: () => {
      throw new Error('a table needs no object store')
    },
  },
  signal: new AbortController().signal,
  findTools: async () => undefined,
} as unknown as Parameters<typeof readDocument>[1]

function sentencesOf({ headline, summary, findings, recommendations, dataQuality }: Report): string[] {
  return [
    headline.text,
    ...summary.map(({ text }) => text),
    ...findings.map(({ plain }) => plain),
    ...recommendations.map(({ text }) => text),
    ...dataQuality.notes.map(({ note }) => note),
    ...(dataQuality.losses ?? []).map(({ loss }) => loss),
  ]
}
