import { link, mkdtemp, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Analysis } from '#schemas/analysis.ts'
import type { Document } from '#schemas/document.ts'
import { analyseDocuments } from '../../services/agents/report/analysis/analyse-documents.ts'
import { readLocalFile } from '../../services/agents/report/ingest/read-file.ts'
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
  const rowsRead = (document.tables ?? []).reduce((sum, { rows, whole }) => sum + (whole?.rows ?? rows), 0)
  answer({ rowsRead, seconds, versions: { node: process.versions.node }, said: report.headline.text })
} catch (error) {
  if (!(error instanceof MurmurError && error.code === 'LIMIT_EXCEEDED')) throw error
  answer({ refused: error.message })
}

/**
 * A file goes in as a path, a document comes out, as `ingest` hands it on. What DuckDB writes on the way goes into a folder beside it.
 *
 * @throws MurmurError LIMIT_EXCEEDED when the file is too large
 */
async function readSource(file: string): Promise<Document> {
  const { size } = await stat(file)
  const folder = await mkdtemp(join(dirname(file), 'read-'))
  try {
    const name = basename(file)
    const path = join(folder, name)
    await link(file, path)
    const content = await readLocalFile(
      { name, path, size, contentType: 'text/csv' },
      {
        blobs: { put: () => Promise.reject(new Error('a table has no previews to store')) },
        signal: new AbortController().signal,
        findTools: async () => undefined,
        progress: () => undefined,
      },
    )
    return { name, bytes: size, sha256: '', ...content }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
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
