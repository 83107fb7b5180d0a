import { readXml } from '../../archive/read-xml.ts'
import { cellPosition, cellRange } from './cell-reference.ts'
import { formattedNumber, type NumberFormat } from './number-format.ts'
import { emptyCounts, type Sheet } from './sheet.ts'
import { SHEET_LIMITS } from './sheet-limits.ts'

export interface CellContext {
  sharedStrings: readonly string[]
  formats: readonly NumberFormat[]
  is1904: boolean
}

/** A cell while it is read. */
interface OpenCell {
  column: number
  type: string
  style: number
  value: string
  hasValue: boolean
  hasFormula: boolean
}

const NUMBER: NumberFormat = { kind: 'number' }
/** Of `xml:space`, and characters that XML can't hold: `_x000D_`. */
const ESCAPED = /_x([0-9A-Fa-f]{4})_/g

/** The cells of one sheet (ECMA-376 part 1, §18.3.1), until a limit. */
export async function readSheetXml(
  xml: AsyncIterable<Uint8Array>,
  about: { name: string; isHidden: boolean } & CellContext,
): Promise<Sheet> {
  const sheet: Sheet = { ...about, rows: [], merges: [], count: emptyCounts() }
  const reader = new SheetReader(sheet, about)
  await readXml(xml, reader)
  reader.finish()
  return {
    name: sheet.name,
    isHidden: sheet.isHidden,
    rows: sheet.rows,
    merges: sheet.merges,
    count: sheet.count,
  }
}

class SheetReader {
  #sheet: Sheet
  #context: CellContext
  #row = -1
  #column = 0
  #cells = 0
  #claimedRows = 0
  #cell: OpenCell | undefined
  #takesText = false
  #inReading = false
  #isFull = false

  constructor(sheet: Sheet, context: CellContext) {
    this.#sheet = sheet
    this.#context = context
  }

  open = (name: string, attributes: Record<string, string>): void => {
    if (name === 'c') this.#openCell(attributes)
    else if (name === 'v' || (name === 't' && !this.#inReading)) this.#takesText = this.#cell !== undefined
    else if (name === 'f' && this.#cell) this.#cell.hasFormula = true
    else if (name === 'row') this.#openRow(attributes)
    else if (name === 'rPh') this.#inReading = true
    else if (name === 'mergeCell') this.#addMerge(attributes.ref)
    else if (name === 'dimension') this.#claimedRows = (cellRange(attributes.ref)?.last.row ?? -1) + 1
  }

  text = (piece: string): void => {
    if (!this.#takesText || !this.#cell) return
    this.#cell.value += piece
    this.#cell.hasValue = true
  }

  close = (name: string): void => {
    if (name === 'v' || name === 't') this.#takesText = false
    else if (name === 'c') this.#closeCell()
    else if (name === 'rPh') this.#inReading = false
  }

  isDone = (): boolean => this.#isFull

  finish(): void {
    if (!this.#isFull) return
    // More rows than were read are there, but only the sheet itself can say how many.
    this.#sheet.count.unreadRows = Math.max(1, this.#claimedRows - this.#sheet.rows.length)
  }

  #openRow({ r, hidden }: Record<string, string>): void {
    const given = Number(r)
    this.#row = Number.isInteger(given) && given > this.#row + 1 ? given - 1 : this.#row + 1
    this.#column = 0
    this.#isFull ||= this.#row >= SHEET_LIMITS.rows || this.#cells >= SHEET_LIMITS.cells
    if (hidden === '1' || hidden === 'true') this.#sheet.count.hiddenRows++
  }

  #openCell({ r, t = 'n', s = '0' }: Record<string, string>): void {
    this.#column = cellPosition(r)?.column ?? this.#column
    this.#cell = {
      column: this.#column,
      type: t,
      style: Number(s),
      value: '',
      hasValue: false,
      hasFormula: false,
    }
    this.#column++
  }

  #closeCell(): void {
    const cell = this.#cell
    this.#cell = undefined
    this.#takesText = false
    if (!cell || this.#isFull || cell.column >= SHEET_LIMITS.columns) return
    if (!cell.hasValue) {
      if (cell.hasFormula && cell.type !== 'str') this.#sheet.count.uncomputed++
      return
    }
    const { rows, count } = this.#sheet
    while (rows.length <= this.#row) rows.push([])
    const row = rows[this.#row]!
    while (row.length < cell.column) row.push('')
    const text = this.#textOf(cell)
    if (text.length > SHEET_LIMITS.cellCharacters) count.cutCells++
    row[cell.column] = text.slice(0, SHEET_LIMITS.cellCharacters)
    this.#cells++
  }

  #textOf({ type, value, style }: OpenCell): string {
    switch (type) {
      case 's':
        return unescaped(this.#context.sharedStrings[Number(value)] ?? '')
      case 'b':
        return value === '1' ? 'true' : 'false'
      case 'e':
        this.#sheet.count.errors++
        return value
      case 'n':
        return formattedNumber(value, this.#context.formats[style] ?? NUMBER, this.#context)
      case 'd':
        return value.replace(/T00:00:00(?:\.0+)?Z?$/, '')
      default:
        return unescaped(value)
    }
  }

  #addMerge(reference: string | undefined): void {
    const range = cellRange(reference)
    if (!range || this.#sheet.merges.length >= SHEET_LIMITS.rows) return
    const { first, last } = range
    this.#sheet.merges.push({ top: first.row, left: first.column, bottom: last.row, right: last.column })
  }
}

function unescaped(text: string): string {
  return text.includes('_x')
    ? text.replace(ESCAPED, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text
}
