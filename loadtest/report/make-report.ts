import { createHash } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Analysis } from '#schemas/analysis.ts'
import type { Document } from '#schemas/document.ts'
import { analyseDocuments } from '../../services/agents/report/analysis/analyse-documents.ts'
import { INGEST_LIMITS } from '../../services/agents/report/ingest/limits.ts'
import { readDocument } from '../../services/agents/report/ingest/read-document.ts'
import { buildReport } from '../../services/agents/report/synthesis/build-report.ts'
import { renderReport } from '../../services/agents/report/synthesis/html/render-report.ts'
import { answer } from './own-usage.ts'

/** A contender: what the three agents compute for a report of one file, without servers. `node make-report.ts FILE` */
const path = process.argv[2]!
const seconds: Record<string, number> = {}

try {
  const document = await timed('read', () => readSource(path))
  const analysis = await timed('analyse', () => analyse(document))
  const report = await timed('report', () => buildReport({ analysis, nowMs: Date.now() }))
  await timed('page', () => renderReport(report))
  const rowsRead = (document.tables ?? []).reduce((sum, { rows }) => sum + rows, 0)
  answer({ rowsRead, seconds, versions: { node: process.versions.node }, said: report.headline.text })
} catch (error) {
  if (!(error instanceof MurmurError && error.code === 'LIMIT_EXCEEDED')) throw error
  answer({ refused: error.message })
}

/**
 * THE READ. A file goes in as a path, a document comes out, as `ingest` hands it on. What ingest can do with large files is called here.
 *
 * @throws MurmurError LIMIT_EXCEEDED when the file is too large
 */
async function readSource(file: string): Promise<Document> {
  const { size } = await stat(file)
  // Read into memory all the same it would only be refused a little later.
  if (size > INGEST_LIMITS.textBytes)
    throw new MurmurError(
      'LIMIT_EXCEEDED',
      `the file has ${size} bytes, at most ${INGEST_LIMITS.textBytes} are read`,
    )
  const bytes = await readFile(file)
  const source = { name: basename(file), bytes, contentType: 'text/csv' }
  const content = await readDocument(source, {
    blobs: { put: () => Promise.reject(new Error('a table has no previews to store')) },
    signal: new AbortController().signal,
    findTools: async () => undefined,
  })
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return { name: source.name, bytes: size, sha256, ...content }
}

function analyse(document: Document): Analysis {
  const work = analyseDocuments([document])
  for (let step = work.next(); ; step = work.next()) if (step.done) return step.value
}

async function timed<T>(step: string, work: () => T | Promise<T>): Promise<T> {
  const startedMs = performance.now()
  const result = await work()
  seconds[step] = (performance.now() - startedMs) / 1000
  return result
}
