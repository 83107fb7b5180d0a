import { unitWord } from '../unit-words.ts'
import { type CellClass, cellClass } from './cell-class.ts'
import { areNumberNames } from './number-names.ts'

/** What stands above the values of a table. */
export interface HeadedRows {
  /** Empty when the columns have no names. */
  header: readonly string[]
  body: string[][]
  /** Rows above the header that are no part of the table. */
  above: readonly (readonly string[])[]
  /** By column, where a row below the header states them. */
  units: readonly (string | undefined)[]
}

/** The start of a table, with what its columns hold further down. */
interface Head {
  rows: readonly (readonly string[])[]
  classes: readonly (readonly CellClass[])[]
  /** By column, what most of its cells are in the lower half; undefined for words. */
  kinds: readonly (CellClass | undefined)[]
}

const HEAD_ROWS = 100
const MAX_SKIPPED = 30
/** Cells of a column that must be of one class for it to be the column's. */
const MIN_KIND_SHARE = 0.6
const MAX_UNIT_CHARACTERS = 12
const MAX_NAME_CHARACTERS = 500

/**
 * Finds the names of the columns: the row above the first one that holds what the columns hold further down. Below a preamble of
 * any width, in two rows where groups of columns share a name, above a row of units. Pure.
 */
export function splitHeader(rows: readonly string[][]): HeadedRows {
  const head = headOf(rows)
  const first = firstOfBody(head)
  const above = head.rows.slice(0, first).filter(isFilled)
  const units = above.length >= 2 ? unitsRow(head, above.at(-1)!) : undefined
  if (units) above.pop()
  const names = above.pop()
  if (!names || !isNames(names)) return { header: [], body: rows.slice(0), above: [], units: [] }
  const groups = above.length > 0 ? groupedNames(above.at(-1)!, names) : undefined
  if (groups) above.pop()
  return {
    header: groups ?? names,
    body: rows.slice(first),
    above,
    units: units ?? [],
  }
}

/** Whether the first row names the columns. Pure. */
export function hasHeader(rows: readonly (readonly string[])[]): boolean {
  const head = headOf(rows)
  return firstOfBody(head) === 1 && isNames(head.rows[0]!)
}

function headOf(all: readonly (readonly string[])[]): Head {
  const rows = all.slice(0, HEAD_ROWS)
  const classes = rows.map((row) => row.map(cellClass))
  const lower = classes.slice(Math.floor(rows.length / 2))
  const width = Math.max(0, ...lower.map((row) => row.length))
  const kinds = Array.from({ length: width }, (_, column) =>
    kindOf(lower.map((row) => row[column] ?? 'blank')),
  )
  return { rows, classes, kinds }
}

function kindOf(cells: readonly CellClass[]): CellClass | undefined {
  const present = cells.filter((cell) => cell !== 'blank')
  return (['number', 'date', 'flag'] as const).find(
    (kind) =>
      present.length > 0 && present.filter((cell) => cell === kind).length >= MIN_KIND_SHARE * present.length,
  )
}

/** Index of the first row that is one of values. */
function firstOfBody(head: Head): number {
  const { rows, kinds } = head
  const end = Math.min(rows.length, MAX_SKIPPED)
  if (kinds.every((kind) => kind === undefined)) return firstOfWords(head)
  let first = 0
  while (first < end && !startsBody(head, first)) first++
  if (first === end) return rows.length === 1 ? 1 : 0
  if (!isFullOfWords(head, first - 1) && namesByNumbers(head, first)) return first + 1
  // A first row of values may hold a word that no number is, as other rows do.
  while (first > 0 && isBodyAbove(head, first - 1)) first--
  return first
}

/** A row that names every column leaves nothing to name for the one below. */
function isFullOfWords({ classes, kinds }: Head, at: number): boolean {
  const row = classes[at]
  return row !== undefined && row.length >= kinds.length && row.every((kind) => kind === 'word')
}

function startsBody(head: Head, at: number): boolean {
  return holdsValues(head, at) > 0 && (at + 1 >= head.rows.length || holdsValues(head, at + 1) >= 0)
}

/** Above 0 where more cells are what their column holds than are not. */
function holdsValues({ classes, kinds }: Head, at: number): number {
  let balance = 0
  for (const [column, kind] of kinds.entries()) {
    const cell = classes[at]![column] ?? 'blank'
    if (kind !== undefined && cell !== 'blank') balance += cell === kind ? 1 : -1
  }
  return balance
}

function namesByNumbers({ rows, classes, kinds }: Head, at: number): boolean {
  const row = rows[at]!
  const columns = kinds.flatMap((kind, column) =>
    kind === 'number' && classes[at]![column] === 'number' ? [column] : [],
  )
  const others = row.filter((_, column) => !columns.includes(column))
  const hasCorner = others.length > 0 && others.every((cell) => ['word', 'blank'].includes(cellClass(cell)))
  const pick = (from: readonly string[]) => columns.map((column) => (from[column] ?? '').trim())
  return areNumberNames(pick(row), rows.slice(at + 1).map(pick), hasCorner)
}

/** A row above the first values that is one of the body: it lacks them, or is made of the words and codes of the rows below. */
function isBodyAbove(head: Head, at: number): boolean {
  const { rows } = head
  const row = rows[at]!
  if (!isFilled(row) || unitsRow(head, row)) return false
  if (comesAgain(head, at)) return true
  const named = rows.slice(0, at).filter((_, above) => holdsValues(head, above) < 0)
  if (named.length === 0) return false
  const isFull = (cells: readonly string[]) => cells.every((cell) => cellClass(cell) !== 'blank')
  const hasGaps = !isFull(row) && named.some(isFull)
  return holdsValues(head, at) === 0 || hasGaps || looksLikeBelow(row, rows.slice(at + 1))
}

/** A cell of the row that is no value comes again further down in its column, in a row that is not the same. */
function comesAgain({ rows, classes, kinds }: Head, at: number): boolean {
  const row = rows[at]!
  const others = rows.slice(at + 1).filter((other) => other.join('\n') !== row.join('\n'))
  return row.some((cell, column) => {
    const isWord = cell.trim() !== '' && (kinds[column] === undefined || classes[at]![column] === 'word')
    return isWord && others.some((other) => other[column] === cell)
  })
}

/** A table of words: the first row that is as wide as most names the columns, unless its words are among those below. */
function firstOfWords(head: Head): number {
  const { rows } = head
  const widths = rows.map(filled).sort((a, b) => a - b)
  const usual = widths[Math.floor(widths.length / 2)] ?? 0
  const full = rows.findIndex((row) => filled(row) >= usual)
  if (full < 0 || full > MAX_SKIPPED) return 0
  return comesAgain(head, full) || looksLikeBelow(rows[full]!, rows.slice(full + 1)) ? full : full + 1
}

/** Words of digits and capitals that are built like all below them: `a0` over `a1`, `a2`. */
function looksLikeBelow(row: readonly string[], below: readonly (readonly string[])[]): boolean {
  if (below.length < 3) return false
  let balance = 0
  for (const [column, cell] of row.entries()) {
    const shapes = new Set(below.map((other) => shapeOf(other[column] ?? '')))
    const [shape = ''] = shapes
    if (shapes.size === 1 && /[9@]/.test(shape)) balance += shapeOf(cell) === shape ? 1 : -1
  }
  return balance > 0
}

function shapeOf(cell: string): string {
  return cell
    .trim()
    .replace(/\d+/g, '9')
    .replace(/\p{L}+/gu, 'a')
}

/** Names are not values, not too long, and at least half of them differ. */
function isNames(row: readonly string[]): boolean {
  const names = row.map((cell) => cell.trim()).filter((cell) => cell !== '')
  return (
    names.length > 0 &&
    names.every((name) => name.length <= MAX_NAME_CHARACTERS) &&
    new Set(names).size * 2 >= names.length
  )
}

/** `,2022,,2023,` over `region,units,price,units,price`: `units 2022`, `price 2022` … */
function groupedNames(top: readonly string[], names: readonly string[]): string[] | undefined {
  const groups = withoutRepeats(top.map((cell) => cell.trim()))
  if (names.length < 3 || top.length > names.length) return undefined
  // A name that spans both rows stands in the upper one, or in both.
  const isTall = names.map((name, i) => groups[i] !== '' && ['', groups[i]].includes(name.trim()))
  const spans = groups.filter((cell, i) => cell !== '' && !isTall[i] && groups[i + 1] === '').length
  const isShared = new Set(names).size < names.length
  if (spans === 0) return undefined
  if (!isShared && !((groups[0] === '' || isTall[0]) && spans >= 2)) return undefined
  let group = ''
  const joined = names.map((name, i) => {
    if (isTall[i]) group = ''
    else group = groups[i] || group
    return isTall[i] ? groups[i]! : [name.trim(), group].filter((part) => part !== '').join(' ')
  })
  return new Set(joined).size === joined.length ? joined : undefined
}

/** `2021,2021,2022,2022` as `2021,,2022,`: some write the name of a group over each of its columns. */
function withoutRepeats(groups: readonly string[]): readonly string[] {
  return groups.map((cell, i) => (i > 0 && cell !== '' && cell === groups[i - 1] ? '' : cell))
}

/** A row of units below the names: words over the columns of numbers, at least half of them known. */
function unitsRow({ kinds }: Head, row: readonly string[]): (string | undefined)[] | undefined {
  const stated = row.flatMap((cell, column) => {
    const text = cell.trim()
    return kinds[column] === 'number' && !/^[-–—]?$/.test(text) ? [text] : []
  })
  const areShort = stated.every((cell) => cell.length <= MAX_UNIT_CHARACTERS)
  const known = stated.filter((cell) => unitWord(cell) !== undefined).length
  if (stated.length === 0 || !areShort || known * 2 <= stated.length) return undefined
  return row.map((cell, column) => (kinds[column] === 'number' ? unitWord(cell) : undefined))
}

function isFilled(row: readonly string[]): boolean {
  return filled(row) > 0
}

function filled(row: readonly string[]): number {
  return row.filter((cell) => cell.trim() !== '').length
}
