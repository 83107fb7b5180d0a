import { Parser } from 'htmlparser2'
import { INGEST_LIMITS } from '../limits.ts'
import { emptyGrid, type HtmlGrid, isDataGrid, spanOf } from './html-grid.ts'

/** What a page says: its text without its tables, and the tables. */
export interface HtmlPage {
  /** Blocks are separated by empty lines, entries and lines of a block by line ends. */
  text: string
  title: string
  headings: { level: number; text: string }[]
  grids: HtmlGrid[]
}

/** Never shown, or no part of what a page says. */
const SILENT = new Set(
  'script style noscript template svg math object iframe canvas audio video select datalist head'.split(' '),
)
const BLOCKS = new Set(
  'address article aside blockquote body center dd details dialog div dl dt fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr html legend main nav ol p pre section summary table ul'.split(
    ' ',
  ),
)
const LINES = new Set(['li', 'br', 'tr', 'caption', 'option'])
const CELLS = new Set(['td', 'th'])
/** Numbers of footnotes in cells, `[1]` and `[a]`, would make words of numbers. */
const FOOTNOTE = /^\[[\w ]{1,8}\]$/
const HIDDEN = /display\s*:\s*none/i

/**
 * Reads a page as a browser shows it: words of neighbouring elements apart, scripts and styles out, tables of data by
 * themselves and tables that only arrange the page as text. Pure.
 */
export function readHtmlPage(html: string): HtmlPage {
  const reader = new PageReader()
  const parser = new Parser(reader, { decodeEntities: true, lowerCaseTags: true })
  parser.write(html)
  parser.end()
  return reader.page()
}

interface OpenTable {
  grid: HtmlGrid
  /** What was written before it. */
  outside: string[]
  rowSpan: number
  columnSpan: number
  inCell: boolean
}

class PageReader {
  #out: string[] = []
  #tables: OpenTable[] = []
  #title = ''
  #headings: HtmlPage['headings'] = []
  #grids: HtmlGrid[] = []
  /** Depth inside of elements that are not shown. */
  #silent = 0
  #inTitle = false
  #openTags: { name: string; isSilent: boolean; mark: number }[] = []

  onopentag = (name: string, attributes: Record<string, string>): void => {
    const isSilent = SILENT.has(name) || HIDDEN.test(attributes.style ?? '') || 'hidden' in attributes
    if (isSilent) this.#silent++
    this.#openTags.push({ name, isSilent, mark: this.#out.length })
    if (name === 'title') this.#inTitle = this.#title === ''
    if (this.#silent > 0) return
    if (name === 'table') this.#openTable()
    else if (CELLS.has(name)) this.#openCell(attributes)
    else if (name === 'tr') this.#tables.at(-1)?.grid.rows.push([])
    else this.#breakAt(name)
  }

  ontext = (text: string): void => {
    if (this.#inTitle) this.#title += text
    else if (this.#silent === 0) this.#out.push(text.replace(/\s+/g, ' '))
  }

  onclosetag = (name: string): void => {
    const tag = this.#openTags.pop()
    if (name === 'title') this.#inTitle = false
    if (tag?.isSilent) this.#silent--
    if (this.#silent > 0 || tag?.isSilent) return
    if (name === 'table') this.#closeTable()
    else if (CELLS.has(name)) this.#closeCell()
    else if (name === 'caption') this.#closeCaption(tag?.mark ?? 0)
    else if (/^h[1-6]$/.test(name)) this.#closeHeading(Number(name[1]), tag?.mark ?? 0)
    else if (name === 'sup') this.#dropFootnote(tag?.mark ?? 0)
    else if (BLOCKS.has(name)) this.#out.push('\n\n')
  }

  page(): HtmlPage {
    while (this.#tables.length > 0) this.#closeTable()
    return {
      text: tidied(this.#out.join('')),
      title: this.#title.replace(/\s+/g, ' ').trim(),
      headings: this.#headings,
      grids: this.#grids,
    }
  }

  #breakAt(name: string): void {
    if (BLOCKS.has(name)) this.#out.push('\n\n')
    else if (LINES.has(name)) this.#out.push('\n')
  }

  #openTable(): void {
    const around = this.#tables.at(-1)
    if (around) around.grid.inner++
    this.#tables.push({ grid: emptyGrid(), outside: this.#out, rowSpan: 1, columnSpan: 1, inCell: false })
    this.#out = []
  }

  #openCell({ rowspan, colspan }: Record<string, string>): void {
    const table = this.#tables.at(-1)
    if (!table) return
    if (table.inCell) this.#closeCell()
    if (table.grid.rows.length === 0) table.grid.rows.push([])
    table.rowSpan = spanOf(rowspan)
    table.columnSpan = spanOf(colspan)
    table.inCell = true
    this.#out = []
  }

  #closeCell(): void {
    const table = this.#tables.at(-1)
    if (!table?.inCell) return
    table.inCell = false
    const text = tidied(this.#out.join(''))
    this.#out = []
    table.grid.rows.at(-1)?.push({ text, rowSpan: table.rowSpan, columnSpan: table.columnSpan })
  }

  #closeCaption(mark: number): void {
    const table = this.#tables.at(-1)
    if (!table || table.inCell) return
    table.grid.caption = tidied(this.#out.splice(mark).join('')).replace(/\s+/g, ' ')
  }

  #closeTable(): void {
    this.#closeCell()
    const table = this.#tables.pop()
    if (!table) return
    const { grid, outside } = table
    this.#out = outside
    this.#out.push('\n\n')
    if (isDataGrid(grid)) {
      if (grid.caption === '') grid.caption = this.#headings.at(-1)?.text ?? ''
      this.#grids.push(grid)
      return
    }
    const cells = grid.rows.map((row) => row.map(({ text }) => text).filter((text) => text !== ''))
    const separator = grid.inner > 0 ? '\n\n' : ' '
    this.#out.push([grid.caption, ...cells.map((row) => row.join(separator))].join('\n'), '\n\n')
  }

  #closeHeading(level: number, mark: number): void {
    const text = tidied(this.#out.slice(mark).join('')).replace(/\s+/g, ' ')
    if (text !== '' && this.#headings.length < INGEST_LIMITS.headings) {
      this.#headings.push({ level, text: text.slice(0, 300) })
    }
    this.#out.push('\n\n')
  }

  #dropFootnote(mark: number): void {
    if (FOOTNOTE.test(this.#out.slice(mark).join('').trim())) this.#out.splice(mark)
  }
}

/** Single spaces, at most one empty line. */
function tidied(text: string): string {
  return text
    .replace(/[^\S\n]+/g, ' ')
    .replace(/ ?\n ?/g, '\n')
    .replace(/\n{3,}/g, '\n\n')
    .trim()
}
