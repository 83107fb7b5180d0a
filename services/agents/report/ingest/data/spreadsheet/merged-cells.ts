import type { SheetMerge } from './sheet.ts'
import { LARGE_SHEET_LIMITS } from './sheet-limits.ts'
import { holdsValues } from './sheet-tables.ts'
import type { RowSink } from './xlsx-sheet.ts'

/** Sees all rows of a sheet pass, and then knows which merged cells span rows of data. */
export class ValueRows implements RowSink {
  readonly #sink: RowSink
  readonly #isValueRow = new Uint8Array(LARGE_SHEET_LIMITS.rows)
  #rows = 0

  constructor(sink: RowSink) {
    this.#sink = sink
  }

  add(row: number, cells: string[]): void {
    this.#rows = row + 1
    if (holdsValues(cells)) this.#isValueRow[row] = 1
    this.#sink.add(row, cells)
  }

  /** Those that hold for several rows, by their first row; their last row is one of the sheet. */
  spanning(merges: readonly SheetMerge[]): SheetMerge[] {
    const upTo = new Uint32Array(this.#rows + 1)
    for (let row = 0; row < this.#rows; row++) upTo[row + 1] = upTo[row]! + this.#isValueRow[row]!
    return merges
      .map((merge) => ({ ...merge, bottom: Math.min(merge.bottom, this.#rows - 1) }))
      .filter(({ top, bottom }) => bottom > top && upTo[bottom + 1]! > upTo[top]!)
      .sort((a, b) => a.top - b.top)
  }
}

/** Repeats merged cells in each row that they span, as rows pass. */
export class MergedCells implements RowSink {
  readonly #sink: RowSink
  readonly #merges: readonly SheetMerge[]
  /** By column. */
  readonly #open = new Map<number, { bottom: number; value: string }>()
  #next = 0
  #nextRow = 0
  /** How many were spread. */
  repeated = 0

  /** @param merges as `ValueRows` gives them */
  constructor(sink: RowSink, merges: readonly SheetMerge[]) {
    this.#sink = sink
    this.#merges = merges
  }

  add(row: number, cells: string[]): void {
    // Rows between that have no cells of their own.
    for (; this.#nextRow < row && this.#open.size > 0; this.#nextRow++) this.#pass(this.#nextRow, [])
    this.#nextRow = row + 1
    this.#pass(row, cells)
  }

  #pass(row: number, cells: string[]): void {
    for (const [column, { bottom, value }] of this.#open) {
      if (bottom < row) {
        this.#open.delete(column)
        continue
      }
      while (cells.length < column) cells.push('')
      cells[column] = value
    }
    for (; (this.#merges[this.#next]?.top ?? row + 1) <= row; this.#next++) {
      const { top, left, bottom } = this.#merges[this.#next]!
      const value = cells[left] ?? ''
      if (top < row || value === '') continue
      this.#open.set(left, { bottom, value })
      this.repeated++
    }
    if (cells.length > 0) this.#sink.add(row, cells)
  }
}
