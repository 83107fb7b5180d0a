import {
  type ColumnRead,
  type Inferred,
  MISSING,
  mixedNotes,
  type PresentCells,
  plainColumn,
  sampleOf,
  textsOf,
} from './column-reader.ts'
import { decimalSignOfTexts } from './decimal-sign.ts'
import { readFlags } from './flag-column.ts'
import {
  isMarkAmongNumbers,
  markNotes,
  marksOf,
  type PresentCell,
  presentCell,
  presentCells,
  presentColumn,
  type RawCell,
} from './missing-marks.ts'
import { type DecimalSign, parseNumber } from './number-cell.ts'
import { readNumbers } from './number-column.ts'
import { asciiDigits, cellCleaner, hasOtherDigits } from './plain-cell.ts'
import { readPointedMonths, readTimes } from './temporal-column.ts'
import { readWords } from './word-column.ts'

export { presentCell, type RawCell } from './missing-marks.ts'

/** Cells of a column that are asked how numbers are written. */
const MAX_LOOKED_AT = 5_000

/**
 * Decides the kind of a column and reads its values by it. Pure.
 *
 * @param fallback how numbers are written elsewhere in the table, for columns that do not tell
 * @returns `read` reads other cells of the column in the same way: of these cells it gives exactly the values of the column
 */
export function inferColumn(
  name: string,
  cells: readonly RawCell[],
  fallback: DecimalSign = '.',
): { column: Inferred['column']; notes: string[]; losses: string[]; read: ColumnRead } {
  const { present, read: presentOf } = cleanColumn(cells)
  const { column, notes, marks, read, losses = [], missing = MISSING } = infer(name, present, fallback)
  const missingMarks = marksOf(cells, column.values, marks)
  const isMeasured = column.kind === 'number' || column.kind === 'temporal'
  return {
    column: { ...column, ...(missingMarks.length > 0 && { missingMarks }) },
    notes: isMeasured ? [...notes, ...markNotes(column, missingMarks)] : notes,
    losses,
    read(cell) {
      const found = presentOf(cell)
      if (found === null) return missing
      return isMeasured && isMarkAmongNumbers(found) ? MISSING : read(found)
    },
  }
}

/** Present cells without what nobody sees or means in them. */
function cleanColumn(cells: readonly RawCell[]): ReturnType<typeof presentColumn> {
  const column = presentColumn(cells)
  const clean = cellCleaner(sampleOf(column.present))
  if (!clean) return column
  const read = (cell: PresentCell | null) => (typeof cell === 'string' ? presentCell(clean(cell)) : cell)
  return { present: column.present.map(read), read: (cell) => read(column.read(cell)) }
}

/** How the numbers of a column are written; null when it does not tell. Pure. */
export function decimalSignOfColumn(cells: readonly RawCell[]): DecimalSign | null {
  // Present ones are found among few, so that all cells are looked at once.
  const step = Math.max(1, Math.floor(cells.length / MAX_LOOKED_AT))
  const some = step === 1 ? cells : cells.filter((_, row) => row % step === 0)
  return decimalSignOfTexts(textsOf(sampleOf(presentCells(some))))
}

function infer(name: string, present: PresentCells, fallback: DecimalSign): Inferred {
  const sample = sampleOf(present)
  if (sample.length === 0)
    return { column: plainColumn(name, 'empty', present), notes: [], read: () => 'malformed' }
  const flags = readFlags(name, present)
  if (flags) return flags
  // What says among words that nothing is there may be a word; among numbers and dates it is none.
  const digits = sample.some(hasOtherDigits)
  const plain = (cell: PresentCell | null) => (digits && typeof cell === 'string' ? asciiDigits(cell) : cell)
  const measurable = present.map((cell) => (cell !== null && isMarkAmongNumbers(cell) ? null : plain(cell)))
  const months = readPointedMonths(name, measurable)
  if (months) return months
  const number = readNumbers(name, measurable, fallback)
  if (number) return digits ? withPlain(number, plain) : number
  const times = readTimes(name, measurable)
  if (times.column) return digits ? withPlain(times, plain) : times
  const words = readWords(name, present)
  return { ...words, notes: [...times.notes, ...wordNotes(name, present), ...words.notes] }
}

function withPlain(inferred: Inferred, plain: (cell: PresentCell | null) => PresentCell | null): Inferred {
  return { ...inferred, read: (cell) => inferred.read(plain(cell)!) }
}

/** `120/80`, `52.1°N 13.4°E`, `52.1, 13.4`, `10 × 20`; `10-20` is a range and no pair. */
const PAIR =
  /^(?=.{3,40}$)[+-]?\d+(?:[.,]\d+)?(?:\s?\/\s?|\s?[x×]\s?|[,;]\s?|\s?°\s?[NSEW]?[,;/]?\s?|(?<=\.\d+)\s)[+-]?\d+(?:[.,]\d+)?\s?(?:°\s?[NSEW]?)?$/
const MIN_PAIRS = 5
const MIN_PAIR_SHARE = 0.8

/** A column of words that holds numbers too says how many. */
function wordNotes(name: string, present: PresentCells): string[] {
  const isNumber = (cell: PresentCell | null) =>
    typeof cell === 'number' ||
    (typeof cell === 'string' && (parseNumber(cell, '.') ?? parseNumber(cell, ',')) !== undefined)
  const mixed = mixedNotes(name, present, { fits: isNumber, what: 'numbers' })
  const texts = textsOf(sampleOf(present))
  const pairs = texts.filter((cell) => PAIR.test(cell))
  if (pairs.length < MIN_PAIRS || pairs.length < MIN_PAIR_SHARE * texts.length) return mixed
  return [...mixed, `"${name}" holds two figures in a cell (${pairs[0]}) and is kept as text.`]
}
