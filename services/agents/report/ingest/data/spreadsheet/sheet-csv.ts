import { closeSync, openSync, writeSync } from 'node:fs'
import { csvText } from '../csv-text.ts'
import { LARGE_SHEET_LIMITS } from './sheet-limits.ts'
import { isFilled } from './sheet-tables.ts'
import type { RowSink } from './xlsx-sheet.ts'

const ROWS_AT_ONCE = 1_000

/**
 * Writes the rows of a sheet as CSV with tabs, as the reader of small sheets makes them: without blank rows, and without the columns
 * that are blank in the first rows and left of others.
 */
export class SheetCsv implements RowSink {
  readonly #file: number
  readonly #headRows: number
  #waiting: string[][] = []
  #isHead = true
  #kept: readonly number[] = []
  #dropped: readonly number[] = []
  #width = 0
  rows = 0
  cells = 0
  /** Cells in columns that were left out, and the first row with one, 1-based. */
  lost = { cells: 0, firstRow: 0 }

  constructor(path: string, { headRows = LARGE_SHEET_LIMITS.headRows }: { headRows?: number } = {}) {
    this.#file = openSync(path, 'w')
    this.#headRows = headRows
  }

  add(_: number, cells: string[]): void {
    if (!isFilled(cells)) return
    this.rows++
    this.cells += cells.length
    this.#waiting.push(this.#isHead ? cells : this.#keptOf(cells, this.#width))
    if (this.#isHead && this.#waiting.length >= this.#headRows) this.#endHead()
    else if (!this.#isHead && this.#waiting.length >= ROWS_AT_ONCE) this.#write()
  }

  close(): void {
    try {
      if (this.#isHead) this.#endHead()
      this.#write()
    } finally {
      closeSync(this.#file)
    }
  }

  #endHead(): void {
    this.#isHead = false
    const rows = this.#waiting
    this.#width = rows.reduce((most, row) => Math.max(most, row.length), 0)
    const columns = Array.from({ length: this.#width }, (_, column) => column)
    const isUsed = columns.map((column) => rows.some((row) => (row[column] ?? '').trim() !== ''))
    this.#kept = columns.filter((column) => isUsed[column])
    this.#dropped = columns.filter((column) => !isUsed[column])
    // Titles above the table keep only their own cells.
    const first = rows.findIndex((row) => row.filter((cell) => (cell ?? '').trim() !== '').length > 1)
    this.#waiting = rows.map((row, r) => this.#keptOf(row, r < first ? row.length : this.#width))
  }

  #keptOf(cells: readonly string[], width: number): string[] {
    const row: string[] = []
    for (const column of this.#kept) if (column < width) row.push(cells[column] ?? '')
    for (let column = this.#width; column < cells.length; column++) row.push(cells[column] ?? '')
    for (const column of this.#dropped) {
      if ((cells[column] ?? '').trim() === '') continue
      this.lost.cells++
      this.lost.firstRow ||= this.rows
    }
    return row
  }

  #write(): void {
    if (this.#waiting.length === 0) return
    writeAll(this.#file, Buffer.from(`${csvText(this.#waiting)}\n`))
    this.#waiting = []
  }
}

function writeAll(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(file, bytes, at)
}
