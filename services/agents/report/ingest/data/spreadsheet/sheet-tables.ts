import type { Table } from '#schemas/document.ts'
import { INGEST_LIMITS } from '../../limits.ts'
import { parseCsv } from '../csv/parse-csv.ts'
import { type FoundTables, tablesOfBlocks } from '../csv/parse-csv-tables.ts'
import { tableBlocks } from '../csv/table-blocks.ts'
import { csvText } from '../csv-text.ts'
import type { Sheet, Workbook } from './sheet.ts'
import { SHEET_LIMITS } from './sheet-limits.ts'

export interface WorkbookTables {
  tables: Table[]
  notes: string[]
  losses: string[]
}

/**
 * The tables of a workbook. Each sheet goes through the reader of CSV, which finds headings, titles above them and totals
 * below. Pure.
 *
 * @param others sheets of the same workbook that hold something, too
 */
export function workbookTables(
  workbook: Workbook,
  { name, others = 0 }: { name: string; others?: number },
): WorkbookTables {
  const filled = workbook.sheets.filter(({ rows }) => rows.some(isFilled))
  const empty = workbook.sheets.filter((sheet) => !filled.includes(sheet))
  const found = filled.map((sheet) =>
    sheetTables(sheet, { name: filled.length + others === 1 ? name : `${name}#${sheet.name}` }),
  )
  const tables = found.flatMap((each) => each.tables)
  const kept = tables.slice(0, INGEST_LIMITS.tables)
  const unread = tables.length - kept.length
  const losses = [
    ...workbook.losses,
    ...found.flatMap((each) => each.losses),
    ...(unread > 0 ? [`Only ${kept.length} of ${tables.length} tables were read.`] : []),
  ]
  const notes = empty.length === 0 ? [] : [`${sheetsAre(empty)} empty.`]
  return { tables: kept, notes: [...workbook.notes, ...notes], losses }
}

function sheetsAre(sheets: readonly Sheet[]): string {
  const names = sheets.map(({ name }) => `"${name}"`)
  return names.length === 1 ? `The sheet ${names[0]} is` : `The sheets ${names.join(', ')} are`
}

/**
 * The tables of a sheet: one nearly always, several where blank rows or columns part them. What is to say of the whole sheet is said
 * with the first. Pure.
 */
export function sheetTables(sheet: Sheet, { name }: { name: string }): FoundTables {
  const blocks = tableBlocks(sheet.rows.map((row) => Array.from(row, (cell) => cell ?? '')))
  if (!blocks) return { tables: [sheetTable(sheet, { name })], losses: [] }
  const repeated = repeatMerged(sheet)
  // Once more, since cells that span rows hold for each of them now.
  const again = tableBlocks(sheet.rows.map((row) => Array.from(row, (cell) => cell ?? ''))) ?? blocks
  const { tables, losses } = tablesOfBlocks(again, { name })
  const [first, ...others] = tables
  return { tables: [withSheetFacts(first!, sheet, repeated), ...others], losses }
}

/** A table with what is to say of the whole sheet: of hidden rows, errors, merged cells and limits. Pure. */
export function withSheetFacts(table: Table, sheet: SheetFacts, repeated: number): Table {
  const losses = [...(table.losses ?? []), ...lossesOf(sheet)]
  const notes = [...notesOf(sheet, repeated), ...table.notes]
  return { ...table, notes, ...(losses.length > 0 && { losses }) }
}

/** One sheet, or another grid of cells, as a table. Pure. */
export function sheetTable(sheet: Sheet, { name }: { name: string }): Table {
  const repeated = repeatMerged(sheet)
  const table = parseCsv(csvText(filledPart(sheet.rows)), { name })
  return withSheetFacts(table, sheet, repeated)
}

/** Whether a row holds anything. Pure. */
export function isFilled(row: readonly string[]): boolean {
  return row.some((cell) => cell !== undefined && cell.trim() !== '')
}

/**
 * A cell that spans rows of data holds for each of them. Headings that span columns stay as they are: what reads headings
 * knows them.
 *
 * @returns how many cells were spread
 */
function repeatMerged({ rows, merges }: Sheet): number {
  let repeated = 0
  for (const { top, left, bottom } of merges) {
    const value = rows[top]?.[left] ?? ''
    const last = Math.min(bottom, rows.length - 1)
    if (value === '' || last <= top || !rows.slice(top, last + 1).some(holdsValues)) continue
    repeated++
    for (let row = top + 1; row <= last; row++) {
      const cells = rows[row]!
      while (cells.length < left) cells.push('')
      cells[left] = value
    }
  }
  return repeated
}

/** A row with a number or a date in it is one of data. Pure. */
export function holdsValues(row: readonly string[]): boolean {
  return row.some((cell) => /^[-+]?\d[\d.,:\-T]*\s*[%$€£¥]?$/.test(cell))
}

/** A sheet without its cells. */
export interface SheetFacts extends Pick<Sheet, 'isHidden' | 'count'> {
  rows: { readonly length: number }
}

function notesOf({ isHidden, count }: SheetFacts, repeated: number): string[] {
  const notes: string[] = []
  if (isHidden) notes.push('The sheet is hidden in the workbook.')
  if (count.hiddenRows > 0) {
    const rows = count.hiddenRows === 1 ? '1 row is' : `${count.hiddenRows} rows are`
    notes.push(`${rows} hidden in the workbook, and read like the others.`)
  }
  if (repeated > 0) {
    const cells = repeated === 1 ? '1 merged cell counts' : `${repeated} merged cells count`
    notes.push(`${cells} for each row that ${repeated === 1 ? 'it spans' : 'they span'}.`)
  }
  if (count.errors > 0) {
    notes.push(`${count.errors === 1 ? '1 cell holds' : `${count.errors} cells hold`} an error of a formula.`)
  }
  return notes
}

function lossesOf({ rows, count }: SheetFacts): string[] {
  const losses: string[] = []
  if (count.unreadRows > 0) {
    const all = rows.length + count.unreadRows
    losses.push(`Only the first ${rows.length} rows of the sheet were read, of ${all} or more.`)
  }
  if (count.uncomputed > 0) {
    const cells = count.uncomputed === 1 ? '1 formula has' : `${count.uncomputed} formulas have`
    losses.push(
      `${cells} no stored value and count as empty: open the file in a spreadsheet program and save it.`,
    )
  }
  if (count.cutCells > 0) {
    const cells = count.cutCells === 1 ? '1 cell was' : `${count.cutCells} cells were`
    losses.push(`${cells} cut after ${SHEET_LIMITS.cellCharacters} characters.`)
  }
  if (count.unreadMerges > 0) {
    const cells =
      count.unreadMerges === 1 ? '1 merged cell counts' : `${count.unreadMerges} merged cells count`
    losses.push(`${cells} only for the first row, because a sheet has at most ${SHEET_LIMITS.merges}.`)
  }
  return losses
}

/** Without the columns and rows that are empty on all sides. Titles above the table keep only their own cells. */
function filledPart(rows: readonly string[][]): string[][] {
  const filled = rows.filter(isFilled)
  const left = Math.min(...starts(filled))
  const width = filled.reduce((max, row) => Math.max(max, row.length), 0)
  const head = filled.findIndex((row) => row.filter((cell) => (cell ?? '').trim() !== '').length > 1)
  return filled.map((row, r) => {
    const end = r < head ? row.length : width
    return Array.from({ length: end - left }, (_, i) => row[left + i] ?? '')
  })
}

/** The first filled columns, each once: there are few, and all rows would be too many arguments. */
function starts(rows: readonly string[][]): Set<number> {
  return new Set(rows.map((row) => row.findIndex((cell) => (cell ?? '').trim() !== '')))
}
