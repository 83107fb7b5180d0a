import { mkdir, rename, rm, stat } from 'node:fs/promises'
import type { Table } from '#schemas/document.ts'
import { readInThread } from '../bounded-thread.ts'
import type { LargeXlsxTask, WrittenSheet, WrittenWorkbook } from '../data/spreadsheet/large-xlsx-worker.ts'
import { LARGE_SHEET_LIMITS, SHEET_LIMITS } from '../data/spreadsheet/sheet-limits.ts'
import { withSheetFacts } from '../data/spreadsheet/sheet-tables.ts'
import { INGEST_LIMITS } from '../limits.ts'
import { type LargeContext, type LargeFile, type ReadLargeFile, readLargeFile } from './read-large-file.ts'

/** Share of the work that is done when the sheets are unpacked. */
const UNPACKED = 0.4

/**
 * The tables of a workbook of which some sheets are too large for memory: those are written as CSV and read by SQL, the others as in
 * small workbooks.
 *
 * @param large paths in the workbook, see `largeSheets`
 * @throws as `readLargeFile`, and UNSUPPORTED_FORMAT
 */
export async function readLargeWorkbook(
  { name, path, folder }: LargeFile,
  large: readonly string[],
  { signal, progress, heldRows = SHEET_LIMITS.rows }: LargeContext & { heldRows?: number },
): Promise<ReadLargeFile> {
  progress(0.01, 'unpacking the sheets')
  const { written, tables, notes, losses } = await writtenSheets(
    { path, name, folder, large, heldRows },
    signal,
  )
  const isAlone = written.length === 1 && tables.length === 0
  const read: Table[] = []
  for (const [i, sheet] of written.entries()) {
    const part = (1 - UNPACKED) / written.length
    read.push(
      await tableOf(sheet, {
        name: isAlone ? name : `${name}#${sheet.name}`,
        folder: `${folder}/sheet-${i}`,
        context: {
          signal,
          progress: (share, note) => progress(UNPACKED + part * (i + share), note),
        },
      }),
    )
  }
  const all = [...read, ...tables]
  const kept = all.slice(0, INGEST_LIMITS.tables)
  const unread = all.length - kept.length
  return {
    tables: kept,
    notes,
    losses: unread > 0 ? [...losses, `Only ${kept.length} of ${all.length} tables were read.`] : losses,
  }
}

function writtenSheets(task: LargeXlsxTask, signal: AbortSignal): Promise<WrittenWorkbook> {
  return readInThread<WrittenWorkbook>({
    module: new URL('../data/spreadsheet/large-xlsx-worker.ts', import.meta.url),
    bytes: new Uint8Array(),
    about: { ...task },
    what: 'the workbook',
    signal,
    timeoutMs: LARGE_SHEET_LIMITS.seconds * 1000,
    heapMib: SHEET_LIMITS.heapMib,
    memoryMib: SHEET_LIMITS.memoryMib,
  })
}

async function tableOf(
  sheet: WrittenSheet,
  { name, folder, context }: { name: string; folder: string; context: LargeContext },
): Promise<Table> {
  await mkdir(folder)
  // SQL reads only what is in its own folder.
  const path = `${folder}/rows.csv`
  await rename(sheet.path, path)
  const { size } = await stat(path)
  try {
    const { tables } = await readLargeFile({ name, path, folder, size }, 'csv', context)
    return withSheetFacts(
      withLostCells(tables[0]!, sheet),
      { ...sheet, rows: { length: sheet.rows } },
      sheet.repeated,
    )
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function withLostCells(table: Table, { lost }: WrittenSheet): Table {
  if (lost.cells === 0) return table
  const cells = lost.cells === 1 ? '1 cell stands' : `${lost.cells} cells stand`
  const loss = `${cells} in columns that are blank in the first ${LARGE_SHEET_LIMITS.headRows} rows and ${lost.cells === 1 ? 'was' : 'were'} left out, the first in row ${lost.firstRow}.`
  return { ...table, losses: [...(table.losses ?? []), loss] }
}
