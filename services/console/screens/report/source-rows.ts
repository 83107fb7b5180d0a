/** One record of a delimited text, and where it stands. */
export interface SourceRecord {
  /** 1-based line that it begins in. */
  readonly line: number
  readonly cells: readonly string[]
}

/** A table as it stands in its source: its rows are numbered as findings number them. */
export interface SourceTable {
  readonly columns: readonly string[]
  readonly rows: readonly SourceRecord[]
  /** What the place of a row is called: a line of a text, or an entry of a list. */
  readonly place: 'line' | 'entry'
}

export type Located =
  | { readonly table: SourceTable; readonly why?: undefined }
  | { readonly table?: undefined; readonly why: string }

const DELIMITERS = [',', ';', '\t', '|'] as const
/** The names of the columns stand within the first so many records. */
const MAX_PREAMBLE = 60

/**
 * Finds a table in the text of its source. It is found only where it has exactly the rows that the report counted: then row n of a finding is the
 * n-th record, and else nobody can say from here which one it is. Pure.
 * @param about what the report says of the table: its name (with the path in a JSON document behind `#`), columns and number of rows
 */
export function locateTable(
  text: string,
  about: { table: string; columns: readonly string[]; rows: number },
): Located {
  const start = text.trimStart()[0]
  if (start === '{' || start === '[') {
    const found = entriesOf(text, about.table)
    if (found) return checked(found, about.rows)
  }
  const delimited = delimitedTable(text, about.columns)
  if (!delimited) return { why: 'the names of its columns were not found in the file as they are' }
  return checked(delimited, about.rows)
}

function checked(table: SourceTable, rows: number): Located {
  if (table.rows.length === rows) return { table }
  return {
    why: `the file has ${table.rows.length} rows and the report counts ${rows}: some were left out or put together when it was read`,
  }
}

function delimitedTable(text: string, columns: readonly string[]): SourceTable | undefined {
  const wanted = new Set(columns.map(plainName))
  let best: { records: SourceRecord[]; at: number; score: number } | undefined
  for (const delimiter of DELIMITERS) {
    const records = parseDelimited(text, delimiter)
    for (const [at, { cells }] of records.slice(0, MAX_PREAMBLE).entries()) {
      const score = cells.filter((cell) => wanted.has(plainName(cell))).length
      if (score > (best?.score ?? 0)) best = { records, at, score }
    }
  }
  if (!best || best.score < Math.max(1, Math.ceil(columns.length / 2))) return undefined
  return {
    columns: best.records[best.at]!.cells.map((cell) => cell.trim()),
    rows: best.records.slice(best.at + 1),
    place: 'line',
  }
}

/** Records of RFC 4180 with any delimiter; those without any content are left out. Pure. */
export function parseDelimited(text: string, delimiter: string): SourceRecord[] {
  const records: SourceRecord[] = []
  let cells: string[] = []
  let cell = ''
  let isQuoted = false
  let line = 1
  let startLine = 1
  const endRecord = () => {
    cells.push(cell)
    if (cells.some((each) => each.trim() !== '')) records.push({ line: startLine, cells })
    cells = []
    cell = ''
  }
  for (let at = text.charCodeAt(0) === 0xfeff ? 1 : 0; at < text.length; at++) {
    const char = text[at]!
    if (char === '\n') line++
    if (isQuoted) {
      if (char !== '"') cell += char
      else if (text[at + 1] === '"') cell += text[++at]!
      else isQuoted = false
    } else if (char === '"' && cell === '') isQuoted = true
    else if (char === delimiter) {
      cells.push(cell)
      cell = ''
    } else if (char === '\n') {
      endRecord()
      startLine = line
    } else if (char !== '\r') cell += char
  }
  if (cell !== '' || cells.length > 0) endRecord()
  return records
}

/** The list of records in a JSON document, or in one a line. */
function entriesOf(text: string, table: string): SourceTable | undefined {
  const path = table.includes('#') ? table.slice(table.indexOf('#') + 1).split('.') : []
  const list = jsonLines(text) ?? listAt(text, path)
  if (!list || list.length === 0) return undefined
  const columns = [...new Set(list.flatMap((entry) => Object.keys(recordOf(entry))))]
  return {
    columns,
    rows: list.map((entry, at) => ({
      line: at + 1,
      cells: columns.map((column) => textOf(recordOf(entry)[column])),
    })),
    place: 'entry',
  }
}

function jsonLines(text: string): unknown[] | undefined {
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  if (lines.length < 2 || !lines[0]!.trim().endsWith('}')) return undefined
  try {
    return lines.map((line) => JSON.parse(line) as unknown)
  } catch {
    return undefined
  }
}

function listAt(text: string, path: readonly string[]): unknown[] | undefined {
  try {
    let value = JSON.parse(text) as unknown
    for (const key of path) value = recordOf(value)[key]
    if (Array.isArray(value)) return value
    // A document that is one list under a name.
    const lists = Object.values(recordOf(value)).filter(Array.isArray)
    return lists.length === 1 ? lists[0] : undefined
  } catch {
    return undefined
  }
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {}
}

function textOf(value: unknown): string {
  if (value === undefined || value === null) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** A name without what differs between how it stands in a file and how a report says it. */
function plainName(name: string): string {
  return name.trim().replace(/\s+/g, ' ').toLowerCase()
}

/** Where a column stands; -1: nowhere. Pure. */
export function columnAt({ columns }: SourceTable, column: string | undefined): number {
  return column === undefined ? -1 : columns.findIndex((each) => plainName(each) === plainName(column))
}

/** So many rows are shown around each one that is meant, and so many are meant at once, at most. */
const AROUND = 3
const MAX_MEANT = 40

/** The rows to show, in order, with gaps between those that do not follow each other. 1-based; `undefined` stands for a gap. Pure. */
export function rowsToShow(meant: readonly number[], total: number): (number | undefined)[] {
  const shown = new Set<number>()
  const some = meant.length === 0 ? [1] : meant.slice(0, MAX_MEANT)
  for (const row of some)
    for (let each = Math.max(1, row - AROUND); each <= Math.min(total, row + AROUND); each++) shown.add(each)
  const rows: (number | undefined)[] = []
  for (const row of [...shown].sort((a, b) => a - b)) {
    const before = rows.at(-1)
    if ((before === undefined && row > 1) || (before !== undefined && row > before + 1)) rows.push(undefined)
    rows.push(row)
  }
  const last = rows.at(-1)
  if (last !== undefined && last < total) rows.push(undefined)
  return rows
}
