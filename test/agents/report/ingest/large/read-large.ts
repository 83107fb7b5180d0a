import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Table } from '#schemas/document.ts'
import {
  type LargeContext,
  type LargeFamily,
  type ReadLargeFile,
  readLargeFile,
} from '../../../../../services/agents/report/ingest/large/read-large-file.ts'
import { type ReadContent, readDocument } from '../../../../../services/agents/report/ingest/read-document.ts'

const parent = mkdtempSync(join(tmpdir(), 'large-'))
process.on('exit', () => rmSync(parent, { recursive: true, force: true }))
let folders = 0

/** A folder of its own for one file, gone with the process. */
export function freshFolder(): string {
  const folder = join(parent, String(folders++))
  mkdirSync(folder)
  return folder
}

/** Reads contents by SQL, however small. */
export async function readLarge(
  content: string | Uint8Array,
  family: LargeFamily = 'csv',
  context: Partial<LargeContext> = {},
): Promise<ReadLargeFile & { folder: string }> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  const folder = freshFolder()
  const name = `a.${family}`
  const path = join(folder, name)
  writeFileSync(path, bytes)
  const read = await readLargeFile({ name, path, folder, size: bytes.length }, family, {
    signal: new AbortController().signal,
    progress: () => undefined,
    ...context,
  })
  return { ...read, folder }
}

/** The one table of it. */
export async function readLargeTableOf(
  content: string | Uint8Array,
  family: LargeFamily = 'csv',
): Promise<Table & { whole: NonNullable<Table['whole']> }> {
  const { tables } = await readLarge(content, family)
  const [table] = tables
  if (!table?.whole) throw new Error('no table')
  return { ...table, whole: table.whole }
}

/** Reads contents in memory. */
export async function readSmall(
  content: string | Uint8Array,
  family: LargeFamily = 'csv',
): Promise<ReadContent> {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content
  return readDocument(
    { name: `a.${family}`, bytes },
    {
      signal: new AbortController().signal,
      blobs: { put: () => Promise.reject(new Error('nothing is stored')) },
      findTools: () => Promise.resolve(undefined),
    },
  )
}
