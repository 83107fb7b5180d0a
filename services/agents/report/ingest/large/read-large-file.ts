import { MurmurError } from '#platform/errors/murmur-error.ts'
import type { Table } from '#schemas/document.ts'
import { sniffDialect } from '../data/csv/sniff-dialect.ts'
import type { Family } from '../detect-format.ts'
import { csvQuotes } from './csv-quotes.ts'
import { type CsvRelation, csvRelation } from './csv-relation.ts'
import { recordsIn, startsWithRecord } from './json-records.ts'
import { jsonRelation, parquetRelation } from './json-relation.ts'
import { mendedFile, mendedRelation } from './mended-file.ts'
import { isOutOfMemory, openQueryEngine, type QueryEngine } from './query-engine.ts'
import type { RawRelation } from './raw-relation.ts'
import { type LargeStage, readLargeTable } from './read-large-table.ts'
import { sampleLines } from './sample-lines.ts'
import { withoutTornCells } from './torn-cells.ts'
import { asUtf8File, bytesAt } from './utf8-file.ts'

/** A file on disk, in a folder of its own in which others may be written. */
export interface LargeFile {
  name: string
  path: string
  folder: string
  size: number
}

/** Families whose tables are read by SQL, however large. */
export type LargeFamily = Extract<Family, 'csv' | 'json' | 'ndjson' | 'parquet'>

export interface ReadLargeFile {
  tables: Table[]
  notes: string[]
  losses: string[]
}

export interface LargeContext {
  signal: AbortSignal
  /** 0 to 1, with what is being done. */
  progress(share: number, note: string): void
}

/** Columns from which a table is a wide one. */
const WIDE_FROM = 100

/** Where in the work a stage begins and ends, and what it is called. */
const STAGES: Record<LargeStage, { from: number; to: number; note: string }> = {
  sample: { from: 0.02, to: 0.2, note: 'drawing a sample of rows' },
  types: { from: 0.2, to: 0.25, note: 'finding the kinds of columns' },
  rows: { from: 0.25, to: 0.7, note: 'reading all rows' },
  figures: { from: 0.7, to: 0.93, note: 'computing the figures of all rows' },
  courses: { from: 0.93, to: 1, note: 'joining rows to periods' },
}

/**
 * Reads the table of a file that is too large for memory: by SQL, streamed, its figures of all rows and a sample of them.
 *
 * @throws MurmurError BROKEN_FILE, LIMIT_EXCEEDED, UNAVAILABLE; the reason of the signal; Error where DuckDB cannot be loaded
 */
export async function readLargeFile(
  file: LargeFile,
  family: LargeFamily,
  { signal, progress }: LargeContext,
): Promise<ReadLargeFile> {
  let stage: LargeStage = 'sample'
  let done = 0
  // A stage asks several questions, each of which begins at 0.
  const told = (share: number, note: string) => {
    done = Math.max(done, share)
    progress(done, note)
  }
  const engine = await openQueryEngine({
    folder: file.folder,
    signal,
    onProgress: (share) => {
      const { from, to, note } = STAGES[stage]
      told(from + share * (to - from), note)
    },
  })
  try {
    const { relation, estimatedRows, notes } = await relationOf(engine, file, { family, signal })
    const read = () =>
      readLargeTable(engine, relation, {
        name: file.name,
        folder: file.folder,
        estimatedRows,
        onStage: (next) => {
          stage = next
          told(STAGES[next].from, STAGES[next].note)
        },
      })
    if (relation.columns.length > WIDE_FROM) await engine.renew({ isWide: true })
    const table = await read().catch(async (error) => {
      if (!isOutOfMemory(error)) throw error
      await engine.renew({ isWide: true })
      return read()
    })
    return { tables: [table], notes, losses: [] }
  } finally {
    engine.close()
  }
}

interface Opened {
  relation: RawRelation
  estimatedRows: number
  notes: string[]
}

async function relationOf(
  engine: QueryEngine,
  { path, folder, size }: LargeFile,
  { family, signal }: { family: LargeFamily; signal: AbortSignal },
): Promise<Opened> {
  if (family === 'parquet') {
    const relation = await parquetRelation(engine, path)
    return { relation, estimatedRows: await countOf(engine, relation), notes: [] }
  }
  const text = await asUtf8File(path, { size, copy: `${folder}/utf8`, signal })
  const { estimatedLines, notes } = text
  if (family === 'csv') {
    const quotes = await csvQuotes(text.path, { marks: sniffDialect(text.head), signal })
    const found = csvRelation({ path: text.path, head: text.head, quotes })
    const mended = await mendedFile(found, { path: text.path, copy: `${folder}/mended`, quotes, signal })
    const relation = mended
      ? mendedRelation(csvRelation({ path: mended.path, head: text.head, quotes }), mended)
      : await withoutTornCells(engine, found)
    const lines = { path: mended?.path ?? text.path, folder, signal }
    // Rows are lines then.
    const draw = quotes.spanLines ? {} : { draw: drawFrom(relation, lines) }
    return { relation: { ...relation, ...draw }, estimatedRows: estimatedLines, notes }
  }
  const start = (await bytesAt(text.path, 0, 64))
    .toString('utf8')
    .replace(/^\ufeff/, '')
    .trimStart()
  const isArray = start.startsWith('[')
  if (!isArray && family === 'json' && !startsWithRecord(text.head))
    throw new MurmurError(
      'LIMIT_EXCEEDED',
      `a JSON file of ${size} bytes is read when it is one array of records, or one record on each line; this one is neither`,
    )
  const relation = await jsonRelation(engine, {
    path: text.path,
    format: isArray ? 'array' : 'newline_delimited',
  })
  const records = isArray
    ? (size / Math.max(1, text.head.length)) * Math.max(1, recordsIn(text.head))
    : estimatedLines
  return { relation, estimatedRows: records, notes }
}

function drawFrom(
  { sqlOf, head }: CsvRelation,
  { path, folder, signal }: { path: string; folder: string; signal: AbortSignal },
): NonNullable<RawRelation['draw']> {
  return async (share) => {
    const { quote } = head.dialect
    const lines = await sampleLines(path, {
      to: `${folder}/sample`,
      share,
      skip: head.linesAbove,
      quote,
      signal,
    })
    return lines && { sql: sqlOf(lines.path, 0), numbers: lines.numbers }
  }
}

async function countOf(engine: QueryEngine, { sql }: RawRelation): Promise<number> {
  const [[count] = []] = await engine.rows(`SELECT count(*) FROM (${sql})`)
  return Number(count)
}
