import { join } from 'node:path'
import { parentPort, workerData } from 'node:worker_threads'
import { scanXml } from '../../archive/xml-scanner.ts'
import { zipOfFile } from '../../archive/zip-source.ts'
import { threadAnswer } from '../../thread-answer.ts'
import { MergedCells, ValueRows } from './merged-cells.ts'
import { openXlsx, type SheetSource } from './read-xlsx.ts'
import type { Sheet, SheetCounts } from './sheet.ts'
import { SheetCsv } from './sheet-csv.ts'
import { LARGE_SHEET_LIMITS, SHEET_LIMITS } from './sheet-limits.ts'
import { type WorkbookTables, workbookTables } from './sheet-tables.ts'
import { StringTable } from './string-table.ts'
import { type CellContext, type RowSink, readSheetXml, SheetReader } from './xlsx-sheet.ts'

/** Thread that reads one untrusted workbook from disk: large sheets go to files as CSV, the others become tables. */
export interface LargeXlsxTask {
  path: string
  name: string
  /** Where files may be written. */
  folder: string
  /** Paths in the workbook of the sheets that are large. */
  large: readonly string[]
  /** Sheets of more rows are not held in memory. */
  heldRows: number
}

export interface WrittenWorkbook extends WorkbookTables {
  written: WrittenSheet[]
}

/** A sheet that was written as CSV. */
export interface WrittenSheet {
  name: string
  isHidden: boolean
  path: string
  rows: number
  count: SheetCounts
  /** Merged cells that were repeated in each row that they span. */
  repeated: number
  /** Cells in columns that are blank in the first rows. */
  lost: { cells: number; firstRow: number }
}

/** The same as in memory, but rows that hold nothing count for no limit. */
const SMALL_AFTER_ALL = { rows: LARGE_SHEET_LIMITS.rows, cells: SHEET_LIMITS.cells }

async function read({ path, name, folder, large, heldRows }: LargeXlsxTask): Promise<WrittenWorkbook> {
  const strings = new StringTable()
  const { partBytes } = LARGE_SHEET_LIMITS
  const { sheets, context, losses } = await openXlsx(await zipOfFile(path), { partBytes, strings })
  const written: WrittenSheet[] = []
  const small: Sheet[] = []
  for (const [i, sheet] of sheets.entries()) {
    const { name: sheetName, isHidden } = sheet
    const isLarge = large.includes(sheet.path)
    if (isLarge) {
      const { cells, ...found } = await writeSheet(sheet, context, join(folder, `sheet-${i + 1}.csv`))
      if (found.rows > heldRows || cells > SHEET_LIMITS.cells) {
        written.push({ name: sheetName, isHidden, ...found })
        continue
      }
    }
    const limits = isLarge ? SMALL_AFTER_ALL : SHEET_LIMITS
    small.push(await readSheetXml(sheet.xml(), { name: sheetName, isHidden, limits, ...context }))
  }
  const others = written.length
  return { written, ...workbookTables({ sheets: small, losses, notes: [] }, { name, others }) }
}

async function writeSheet(
  sheet: SheetSource,
  context: CellContext,
  path: string,
): Promise<Omit<WrittenSheet, 'name' | 'isHidden'> & { cells: number }> {
  const csv = new SheetCsv(path)
  const values = new ValueRows(csv)
  const { merges, count } = await passRows(sheet, context, values).finally(() => csv.close())
  // What is merged stands behind the rows, so that they are read again.
  const spanning = values.spanning(merges)
  const { rows, cells, lost } = csv
  if (spanning.length === 0) return { path, rows, cells, lost, count, repeated: 0 }
  const again = new SheetCsv(path)
  const spread = new MergedCells(again, spanning)
  await passRows(sheet, context, spread).finally(() => again.close())
  return { path, rows: again.rows, cells: again.cells, lost: again.lost, count, repeated: spread.repeated }
}

async function passRows(
  sheet: SheetSource,
  context: CellContext,
  sink: RowSink,
): Promise<Pick<Sheet, 'merges' | 'count'>> {
  const reader = new SheetReader({ context, sink, limits: LARGE_SHEET_LIMITS })
  await scanXml(sheet.xml(), reader)
  return reader.finish(LARGE_SHEET_LIMITS.rows)
}

// Without a parent this file was merely imported, by a tool that looks at modules.
if (parentPort) parentPort.postMessage(await threadAnswer(() => read(workerData as LargeXlsxTask)))
