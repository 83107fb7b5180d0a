import type { Column } from '#schemas/document.ts'

/** A cell as it was read: CSV has strings only. */
export type RawCell = string | number | boolean | null
/** A cell that holds something. */
export type PresentCell = number | string | boolean

/** What people, programs and spreadsheets write where nothing is, whatever the column holds. Lower case. */
export const ANYWHERE = new Set(
  '|na|n/a|#n/a|#na|n.a.|n.a|null|(null)|nan|-nan|-1.#ind|-|--|---|–|—|?|??|.|..|...|:|<na>|nat|\\n|#div/0!|#value!|#ref!|#num!|#name?|#null!|k.a.'.split(
    '|',
  ),
)
/** What may be a word among words, and says that nothing is there among numbers and dates. */
const AMONG_NUMBERS = new Set(
  'none|nil|inf|+inf|-inf|infinity|+infinity|-infinity|∞|-∞|missing|unknown|unk|not available|not applicable|no data|nd|n.d.|n/d|nr|*|**|x|#|tbd|tba|void|empty|blank|unbekannt|fehlt|keine angabe'.split(
    '|',
  ),
)
/** Marks that everybody knows need no sentence. */
const WELL_KNOWN = new Set('na|n/a|#n/a|n.a.|null|nan|-|–|—|<na>|nat|none'.split('|'))
const MAX_CHARACTERS = 16
/** Letters that are a mark, or a code among codes of their shape. */
const CODE_LIKE = /^(?:na|nan)$/i
const SHAPES = [/^[A-Z]{2}$/, /^[a-z]{2}$/, /^[A-Z]{3}$/, /^[A-Z][a-z]?$/]
const MIN_CODE_SHARE = 0.8
const MIN_CODES = 3
/** A code comes about as often as others do. */
const MAX_TIMES_AS_FREQUENT = 3
/** Codes among which NA is none. */
const US_STATES = new Set(
  'AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY DC PR'.split(
    ' ',
  ),
)

/** By code, whether an ASCII character begins a mark: most words are told by their first letter. */
const STARTS_MARK = startsOf(ANYWHERE)
const STARTS_MARK_AMONG_NUMBERS = startsOf(AMONG_NUMBERS)

function startsOf(marks: ReadonlySet<string>): Uint8Array {
  const starts = new Uint8Array(128)
  for (const mark of marks)
    for (const first of [mark.charCodeAt(0), mark.toUpperCase().charCodeAt(0)])
      if (first < starts.length) starts[first] = 1
  return starts
}

/** Trimmed, and null when it says that nothing is there. Pure. */
export function presentCell(cell: RawCell | undefined): PresentCell | null {
  if (typeof cell === 'number') return Number.isNaN(cell) ? null : cell
  if (typeof cell !== 'string') return cell ?? null
  const text = cell.trim()
  if (text === '') return null
  return mayStart(text, STARTS_MARK) && ANYWHERE.has(text.toLowerCase()) ? null : text
}

/** No mark begins with a digit: most cells of most tables are told by this alone. */
function mayStart(text: string, starts: Uint8Array): boolean {
  const first = text.charCodeAt(0)
  return text.length <= MAX_CHARACTERS && (first >= starts.length || starts[first] === 1)
}

/** It says among numbers that there is none. Pure. */
export function isMarkAmongNumbers(cell: PresentCell): boolean {
  if (typeof cell === 'number') return !Number.isFinite(cell)
  if (typeof cell !== 'string') return false
  return mayStart(cell, STARTS_MARK_AMONG_NUMBERS) && AMONG_NUMBERS.has(cell.toLowerCase())
}

/** All cells of a column: `NA` stays among codes of its shape, where it may be Namibia, sodium or an airport. Pure. */
export function presentCells(cells: readonly RawCell[]): (PresentCell | null)[] {
  return presentColumn(cells).present
}

/** The same, and how any other cell of this column is to be read. Pure. */
export function presentColumn(cells: readonly RawCell[]): PresentColumn {
  return withCodes(cells, cells.map(presentCell))
}

interface PresentColumn {
  present: (PresentCell | null)[]
  read: (cell: RawCell) => PresentCell | null
}

function withCodes(cells: readonly RawCell[], present: (PresentCell | null)[]): PresentColumn {
  const counts = new Map<string, number>()
  for (let row = 0; row < present.length; row++) {
    if (present[row] !== null) continue
    const cell = cells[row]
    if (typeof cell !== 'string' || cell === '') continue
    const mark = cell.trim()
    if (CODE_LIKE.test(mark)) counts.set(mark, (counts.get(mark) ?? 0) + 1)
  }
  const codes = new Set(
    [...counts].filter(([mark, count]) => isCode(mark, count, present)).map(([mark]) => mark),
  )
  if (codes.size === 0) return { present, read: presentCell }
  const read = (cell: RawCell) => {
    const text = typeof cell === 'string' ? cell.trim() : ''
    return codes.has(text) ? text : presentCell(cell)
  }
  return { present: present.map((cell, row) => cell ?? read(cells[row] ?? null)), read }
}

function isCode(mark: string, count: number, present: readonly (PresentCell | null)[]): boolean {
  const shape = SHAPES.find((candidate) => candidate.test(mark))
  if (!shape) return false
  const frequency = new Map<string, number>()
  let total = 0
  let shaped = 0
  for (const cell of present) {
    if (cell === null) continue
    total++
    if (typeof cell !== 'string' || !shape.test(cell)) continue
    shaped++
    frequency.set(cell, (frequency.get(cell) ?? 0) + 1)
  }
  const codes = [...frequency.keys()]
  if (codes.length < MIN_CODES || shaped < MIN_CODE_SHARE * total) return false
  // No state of the USA has it.
  if (mark === 'NA' && codes.length > MIN_CODES && codes.every((code) => US_STATES.has(code))) return false
  return count <= MAX_TIMES_AS_FREQUENT * Math.max(...frequency.values())
}

/**
 * Counts what stood in cells that are missing now, most frequent first; blank ones are no marks. Pure.
 *
 * @param marks texts that count as marks in this column alone
 */
export function marksOf(
  cells: readonly RawCell[],
  values: Column['values'],
  marks: ReadonlySet<string> = new Set(),
): NonNullable<Column['missingMarks']> {
  const counts = new Map<string, number>()
  for (let row = 0; row < values.length; row++) {
    if (values[row] !== null) continue
    const cell = cells[row]
    const text = typeof cell === 'string' ? cell.trim() : String(cell ?? '')
    if (text === '') continue
    const isMark = marks.has(text) || (text.length <= MAX_CHARACTERS && isAnyMark(text.toLowerCase()))
    if (isMark) counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  return [...counts].map(([mark, count]) => ({ mark, count })).sort((a, b) => b.count - a.count)
}

/** What to say of marks that a reader may not expect; numbers among them are told elsewhere. Pure. */
export function markNotes(
  { name, values }: Column,
  marks: readonly { mark: string; count: number }[],
): string[] {
  const unusual = marks.filter(
    ({ mark }) => !WELL_KNOWN.has(mark.toLowerCase()) && !/^[+-]?[\d.]/.test(mark.replace(/^\.+$/, '')),
  )
  if (unusual.length === 0) return []
  const count = unusual.reduce((sum, { count: times }) => sum + times, 0)
  const shown = unusual
    .slice(0, 3)
    .map(({ mark }) => `"${mark}"`)
    .join(', ')
  return [
    `"${name}": ${count} of ${values.length} cells hold ${shown} instead of a value and ${count === 1 ? 'counts' : 'count'} as missing.`,
  ]
}

/** Whether a text says somewhere that nothing is there. Pure. */
export function isAnyMark(given: string): boolean {
  const text = given.toLowerCase()
  return ANYWHERE.has(text) || AMONG_NUMBERS.has(text)
}
