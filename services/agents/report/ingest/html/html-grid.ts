import { emptyCounts, type Sheet } from '../data/spreadsheet/sheet.ts'

/** A cell of a table of HTML. */
interface GridCell {
  text: string
  rowSpan: number
  columnSpan: number
}

/** A table of HTML while it is read. */
export interface HtmlGrid {
  caption: string
  rows: GridCell[][]
  /** Tables inside of its cells: then it only arranges a page. */
  inner: number
}

const MAX_SPAN = 1_000
const MAX_CELLS = 5_000_000

/** An empty table. */
export function emptyGrid(): HtmlGrid {
  return { caption: '', rows: [], inner: 0 }
}

/** What an attribute `rowspan` or `colspan` says, within reason. Pure. */
export function spanOf(attribute: string | undefined): number {
  const span = Number(attribute ?? 1)
  return Number.isInteger(span) && span > 1 ? Math.min(span, MAX_SPAN) : 1
}

/** Holds data when it has at least two rows and two columns and no table in it. Pure. */
export function isDataGrid({ rows, inner }: HtmlGrid): boolean {
  const filled = rows.filter((cells) => cells.some(({ text }) => text !== ''))
  return inner === 0 && filled.length >= 2 && filled.filter((cells) => cells.length >= 2).length >= 2
}

/** The table as a sheet, whose cells stand where a browser shows them. Pure. */
export function sheetOfGrid({ caption, rows }: HtmlGrid): Sheet {
  const placed: string[][] = []
  const merges: Sheet['merges'] = []
  const taken: Set<number>[] = []
  let cells = 0
  for (const [r, row] of rows.entries()) {
    let column = 0
    for (const { text, rowSpan, columnSpan } of row) {
      while (taken[r]?.has(column)) column++
      const bottom = Math.min(r + rowSpan, rows.length) - 1
      if (rowSpan > 1) merges.push({ top: r, left: column, bottom, right: column + columnSpan - 1 })
      for (let below = r + 1; below <= bottom && cells < MAX_CELLS; below++) {
        taken[below] ??= new Set()
        for (let c = column; c < column + columnSpan; c++, cells++) taken[below]!.add(c)
      }
      put(placed, { row: r, column, text })
      column += columnSpan
      cells += columnSpan
      if (cells >= MAX_CELLS) break
    }
  }
  return { name: caption, isHidden: false, rows: placed, merges, count: emptyCounts() }
}

function put(placed: string[][], { row, column, text }: { row: number; column: number; text: string }): void {
  while (placed.length <= row) placed.push([])
  const cells = placed[row]!
  while (cells.length < column) cells.push('')
  cells[column] = text
}
