import { MurmurError } from '#platform/errors/murmur-error.ts'
import { readXml } from '../../archive/read-xml.ts'
import { readZipEntry, zipEntriesOf } from '../../archive/zip-entries.ts'
import { INGEST_LIMITS } from '../../limits.ts'
import { unmistakable } from './number-format.ts'
import { emptyCounts, type Sheet, type Workbook } from './sheet.ts'
import { SHEET_LIMITS } from './sheet-limits.ts'

/**
 * All sheets of an OpenDocument spreadsheet (OASIS OpenDocument 1.3 part 3, §9).
 *
 * @throws MurmurError BROKEN_FILE, LIMIT_EXCEEDED, UNSUPPORTED_FORMAT
 */
export async function readOds(bytes: Uint8Array): Promise<Workbook> {
  const entry = zipEntriesOf(bytes)?.get('content.xml')
  if (!entry) throw new MurmurError('BROKEN_FILE', 'the spreadsheet has no content')
  const reader = new OdsReader()
  await readXml(readZipEntry(bytes, entry, SHEET_LIMITS.partBytes), reader)
  const more = reader.sheetCount - reader.sheets.length
  const losses =
    more > 0 ? [`Only the first ${reader.sheets.length} of ${reader.sheetCount} sheets were read.`] : []
  return { sheets: reader.sheets, losses, notes: [] }
}

class OdsReader {
  readonly sheets: Sheet[] = []
  sheetCount = 0
  #sheet: Sheet | undefined
  #row: string[] = []
  #rowRepeat = 1
  #cells = 0
  #cell: { attributes: Record<string, string>; text: string; paragraphs: number } | undefined
  #inParagraph = false
  #inNote = false

  open = (name: string, attributes: Record<string, string>): void => {
    if (name === 'table') this.#openSheet(attributes)
    else if (name === 'table-row') {
      this.#row = []
      this.#rowRepeat = repeatOf(attributes['table:number-rows-repeated'])
      const isHidden =
        attributes['table:visibility'] !== undefined && attributes['table:visibility'] !== 'visible'
      if (isHidden && this.#sheet) this.#sheet.count.hiddenRows++
    } else if (name === 'table-cell' || name === 'covered-table-cell') {
      this.#cell = { attributes, text: '', paragraphs: 0 }
    } else if (name === 'annotation') this.#inNote = true
    else if (name === 'p' && this.#cell && !this.#inNote) {
      if (this.#cell.paragraphs++ > 0) this.#cell.text += ' '
      this.#inParagraph = true
    } else if (name === 's' && this.#inParagraph && this.#cell) this.#cell.text += ' '
  }

  text = (piece: string): void => {
    if (this.#inParagraph && this.#cell) this.#cell.text += piece
  }

  close = (name: string): void => {
    if (name === 'p') this.#inParagraph = false
    else if (name === 'annotation') this.#inNote = false
    else if (name === 'table-cell' || name === 'covered-table-cell') this.#closeCell()
    else if (name === 'table-row') this.#closeRow()
    else if (name === 'table') this.#sheet = undefined
  }

  #openSheet(attributes: Record<string, string>): void {
    this.sheetCount++
    if (this.sheets.length >= INGEST_LIMITS.tables) return
    this.#sheet = {
      name: attributes['table:name'] ?? '',
      isHidden: attributes['table:display'] === 'false',
      rows: [],
      merges: [],
      count: emptyCounts(),
    }
    this.sheets.push(this.#sheet)
  }

  #closeCell(): void {
    const cell = this.#cell
    this.#cell = undefined
    if (!cell || !this.#sheet) return
    const value = cellText(cell.attributes, cell.text)
    if (/^(?:#[A-Z/0]+[!?]?|Err:\d+)$/.test(value)) this.#sheet.count.errors++
    const repeat = repeatOf(cell.attributes['table:number-columns-repeated'])
    const spans = repeatOf(cell.attributes['table:number-rows-spanned'])
    if (spans > 1 && value !== '') {
      const at = { top: this.#sheet.rows.length, left: this.#row.length }
      this.#sheet.merges.push({ ...at, bottom: at.top + spans - 1, right: at.left })
    }
    const room = SHEET_LIMITS.columns - this.#row.length
    for (let i = 0; i < Math.min(repeat, room); i++) this.#row.push(value)
  }

  #closeRow(): void {
    const sheet = this.#sheet
    if (!sheet) return
    const isEmpty = this.#row.every((cell) => cell === '')
    // Sheets end with one empty row, repeated to the last that there can be.
    const repeat = isEmpty ? Math.min(this.#rowRepeat, 1) : this.#rowRepeat
    for (let i = 0; i < repeat; i++) {
      if (sheet.rows.length >= SHEET_LIMITS.rows || this.#cells >= SHEET_LIMITS.cells) {
        if (!isEmpty) sheet.count.unreadRows += repeat - i
        return
      }
      sheet.rows.push(i === 0 ? this.#row : [...this.#row])
      this.#cells += this.#row.length
    }
  }
}

function repeatOf(given: string | undefined): number {
  const count = Number(given ?? 1)
  return Number.isInteger(count) && count > 0 ? count : 1
}

/** As people would write it; what a cell shows is rounded, so the value counts. */
function cellText(attributes: Record<string, string>, text: string): string {
  const value = attributes['office:value'] ?? ''
  switch (attributes['office:value-type']) {
    case 'float':
      return unmistakable(value)
    case 'percentage':
      return `${Number((Number(value) * 100).toPrecision(15))}%`
    case 'currency':
      return `${value} ${attributes['office:currency'] ?? ''}`.trim()
    case 'date':
      return (attributes['office:date-value'] ?? text).replace(/T00:00:00(?:\.0+)?$/, '')
    case 'time':
      return (attributes['office:time-value'] ?? '').replace(/^PT(\d+)H(\d+)M(\d+)(?:[.,]\d+)?S$/, '$1:$2:$3')
    case 'boolean':
      return attributes['office:boolean-value'] ?? text
    default:
      return text.slice(0, SHEET_LIMITS.cellCharacters)
  }
}
