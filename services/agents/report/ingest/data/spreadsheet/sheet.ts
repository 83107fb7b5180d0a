/** A sheet of a workbook as rows of cells, each as CSV would have it; trailing empty cells may be missing. */
export interface Sheet {
  name: string
  isHidden: boolean
  rows: string[][]
  merges: SheetMerge[]
  count: SheetCounts
}

/** A cell that spans others: only the first of them holds the value. 0-based, ends included. */
export interface SheetMerge {
  top: number
  left: number
  bottom: number
  right: number
}

export interface SheetCounts {
  /** Cells that hold an error such as `#DIV/0!`. */
  errors: number
  /** Formulas whose value was never computed by the program that wrote the file. */
  uncomputed: number
  /** Rows that the program does not show, mostly by a filter. */
  hiddenRows: number
  /** Rows beyond the limit, as the sheet claims; 0 when all were read. */
  unreadRows: number
  cutCells: number
  /** Cells that span others, beyond the limit. */
  unreadMerges: number
}

export interface Workbook {
  sheets: Sheet[]
  /** Of the whole workbook: charts, pictures and sheets that were not read. */
  losses: string[]
  notes: string[]
}

/** A count of nothing yet. */
export function emptyCounts(): SheetCounts {
  return { errors: 0, uncomputed: 0, hiddenRows: 0, unreadRows: 0, cutCells: 0, unreadMerges: 0 }
}
