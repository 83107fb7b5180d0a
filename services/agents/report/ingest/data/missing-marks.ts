import type { Column } from '#schemas/document.ts'

/** A cell as it was read: CSV has strings only. */
export type RawCell = string | number | boolean | null
/** A cell that holds something. */
export type PresentCell = number | string | boolean

/** What people, programs and spreadsheets write where nothing is, whatever the column holds. Lower case. */
const ANYWHERE = new Set(
  '|na|n/a|#n/a|n.a.|null|nan|-|–|—|?|.|..|...|<na>|#div/0!|#value!|#ref!|#num!|#name?|#null!'.split('|'),
)
/** What may be a word among words, and says that nothing is there among numbers and dates. */
const AMONG_NUMBERS = new Set(
  'none|nil|inf|+inf|-inf|infinity|+infinity|-infinity|missing|unknown|unk|not available|nd|n.d.|nr|*|**|x|#|tbd|void'.split(
    '|',
  ),
)
const MAX_CHARACTERS = 13
const CODE = /^[A-Z]{2,3}$/
const MIN_CODE_SHARE = 0.8
const MIN_CODES = 3

/** Trimmed, and null when it says that nothing is there. Pure. */
export function presentCell(cell: RawCell | undefined): PresentCell | null {
  if (typeof cell === 'number') return Number.isNaN(cell) ? null : cell
  if (typeof cell !== 'string') return cell ?? null
  const text = cell.trim()
  return text.length <= MAX_CHARACTERS && ANYWHERE.has(text.toLowerCase()) ? null : text
}

/** It says among numbers that there is none. Pure. */
export function isMarkAmongNumbers(cell: PresentCell): boolean {
  if (typeof cell === 'number') return !Number.isFinite(cell)
  return typeof cell === 'string' && cell.length <= MAX_CHARACTERS && AMONG_NUMBERS.has(cell.toLowerCase())
}

/** All cells of a column: `NA` stays among codes of two or three capitals, where it may be Namibia. Pure. */
export function presentCells(cells: readonly RawCell[]): (PresentCell | null)[] {
  const present = cells.map(presentCell)
  const isMarked = cells.some((cell) => cell === 'NA')
  return isMarked && areCodes(present)
    ? present.map((cell, row) => (cells[row] === 'NA' ? 'NA' : cell))
    : present
}

function areCodes(present: readonly (PresentCell | null)[]): boolean {
  const found = present.filter((cell) => cell !== null)
  const codes = found.filter((cell) => typeof cell === 'string' && CODE.test(cell))
  return new Set(codes).size >= MIN_CODES && codes.length >= MIN_CODE_SHARE * found.length
}

/** Counts what stood in cells that are missing now, most frequent first; blank ones are no marks. */
export function marksOf(cells: readonly RawCell[], values: Column['values']): Pick<Column, 'missingMarks'> {
  const counts = new Map<string, number>()
  for (const [row, value] of values.entries()) {
    if (value !== null) continue
    const cell = cells[row]
    const text = typeof cell === 'string' ? cell.trim() : String(cell ?? '')
    const isMark = text !== '' && text.length <= MAX_CHARACTERS && isAnyMark(text.toLowerCase())
    if (isMark) counts.set(text, (counts.get(text) ?? 0) + 1)
  }
  if (counts.size === 0) return {}
  const missingMarks = [...counts].map(([mark, count]) => ({ mark, count })).sort((a, b) => b.count - a.count)
  return { missingMarks }
}

function isAnyMark(text: string): boolean {
  return ANYWHERE.has(text) || AMONG_NUMBERS.has(text)
}
