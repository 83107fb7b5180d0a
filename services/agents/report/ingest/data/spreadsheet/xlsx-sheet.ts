import { attributeOf, scanXml, type XmlScan } from '../../archive/xml-scanner.ts'
import { cellRange, columnOf } from './cell-reference.ts'
import { formattedNumber, type NumberFormat } from './number-format.ts'
import { emptyCounts, type Sheet, type SheetMerge } from './sheet.ts'
import { SHEET_LIMITS } from './sheet-limits.ts'

export interface CellContext {
  sharedStrings: { at(index: number): string | undefined }
  formats: readonly NumberFormat[]
  is1904: boolean
}

/** Where the rows of a sheet go, in their order; rows without cells are left out. */
export interface RowSink {
  /** @param row 0-based @param cells trailing ones may be missing, and inner ones be holes */
  add(row: number, cells: string[]): void
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
  {
    name,
    isHidden,
    limits = SHEET_LIMITS,
    ...context
  }: { name: string; isHidden: boolean; limits?: SheetReading['limits'] } & CellContext,
): Promise<Sheet> {
  const rows: string[][] = []
  const sink: RowSink = {
    add(row, cells) {
      while (rows.length < row) rows.push([])
      rows.push(cells)
    },
  }
  const reader = new SheetReader({ context, sink, limits })
  await scanXml(xml, reader)
  const { merges, count } = reader.finish(rows.length)
  return { name, isHidden, rows, merges, count }
}

export interface SheetReading {
  context: CellContext
  sink: RowSink
  limits: { rows: number; cells: number }
}

/** Gives the rows of a sheet to a sink and counts what is to tell of them. */
export class SheetReader implements XmlScan {
  readonly #sink: RowSink
  readonly #context: CellContext
  readonly #limits: { rows: number; cells: number }
  readonly #merges: SheetMerge[] = []
  readonly #count = emptyCounts()
  #row = -1
  #column = 0
  #cells = 0
  #rowCells: string[] = []
  #claimedRows = 0
  #cell: OpenCell | undefined
  #takesText = false
  #inReading = false
  #isFull = false

  constructor({ context, sink, limits }: SheetReading) {
    this.#context = context
    this.#sink = sink
    this.#limits = limits
  }

  open(name: string, attributes: string): void {
    if (name === 'c') this.#openCell(attributes)
    else if (name === 'v' || (name === 't' && !this.#inReading)) this.#takesText = this.#cell !== undefined
    else if (name === 'f' && this.#cell) this.#cell.hasFormula = true
    else if (name === 'row') this.#openRow(attributes)
    else if (name === 'rPh') this.#inReading = true
    else if (name === 'mergeCell') this.#addMerge(attributeOf(attributes, 'ref'))
    else if (name === 'dimension')
      this.#claimedRows = (cellRange(attributeOf(attributes, 'ref'))?.last.row ?? -1) + 1
  }

  text(piece: string): void {
    if (!this.#takesText || !this.#cell) return
    this.#cell.value = this.#cell.value === '' ? piece : this.#cell.value + piece
    this.#cell.hasValue = true
  }

  close(name: string): void {
    if (name === 'v' || name === 't') this.#takesText = false
    else if (name === 'c') this.#closeCell()
    else if (name === 'rPh') this.#inReading = false
  }

  isDone(): boolean {
    return this.#isFull
  }

  /** @param rows how many were kept */
  finish(rows: number): Pick<Sheet, 'merges' | 'count'> {
    this.#endRow()
    // More rows than were read are there, but only the sheet itself can say how many.
    if (this.#isFull) this.#count.unreadRows = Math.max(1, this.#claimedRows - rows)
    return { merges: this.#merges, count: this.#count }
  }

  #openRow(attributes: string): void {
    this.#endRow()
    const given = Number(attributeOf(attributes, 'r'))
    this.#row = Number.isInteger(given) && given > this.#row + 1 ? given - 1 : this.#row + 1
    this.#column = 0
    this.#isFull ||= this.#row >= this.#limits.rows || this.#cells >= this.#limits.cells
    const hidden = attributeOf(attributes, 'hidden')
    if (hidden === '1' || hidden === 'true') this.#count.hiddenRows++
  }

  #endRow(): void {
    if (this.#rowCells.length === 0) return
    this.#sink.add(this.#row, this.#rowCells)
    this.#rowCells = []
  }

  #openCell(attributes: string): void {
    this.#column = columnOf(attributeOf(attributes, 'r')) ?? this.#column
    this.#cell = {
      column: this.#column,
      type: attributeOf(attributes, 't') ?? 'n',
      style: Number(attributeOf(attributes, 's') ?? 0),
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
    if (!cell || this.#isFull || this.#row < 0 || cell.column >= SHEET_LIMITS.columns) return
    if (!cell.hasValue) {
      if (cell.hasFormula && cell.type !== 'str') this.#count.uncomputed++
      return
    }
    const row = this.#rowCells
    while (row.length < cell.column) row.push('')
    const text = this.#textOf(cell)
    if (text.length > SHEET_LIMITS.cellCharacters) this.#count.cutCells++
    row[cell.column] =
      text.length > SHEET_LIMITS.cellCharacters ? text.slice(0, SHEET_LIMITS.cellCharacters) : text
    this.#cells++
  }

  #textOf({ type, value, style }: OpenCell): string {
    switch (type) {
      case 's':
        return unescaped(this.#context.sharedStrings.at(Number(value)) ?? '')
      case 'b':
        return value === '1' ? 'true' : 'false'
      case 'e':
        this.#count.errors++
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
    if (!range) return
    if (this.#merges.length >= SHEET_LIMITS.merges) {
      this.#count.unreadMerges++
      return
    }
    const { first, last } = range
    this.#merges.push({ top: first.row, left: first.column, bottom: last.row, right: last.column })
  }
}

function unescaped(text: string): string {
  return text.includes('_x')
    ? text.replace(ESCAPED, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
    : text
}
