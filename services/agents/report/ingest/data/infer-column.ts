import type { Column } from '#schemas/document.ts'
import {
  type CellReader,
  type ColumnRead,
  type Inferred,
  MISSING,
  type PresentCells,
  plainColumn,
  readColumn,
  sampleOf,
  textsOf,
} from './column-reader.ts'
import { decimalSignOfTexts } from './decimal-sign.ts'
import {
  isMarkAmongNumbers,
  markNotes,
  marksOf,
  type PresentCell,
  presentCells,
  presentColumn,
  type RawCell,
} from './missing-marks.ts'
import type { DecimalSign } from './number-cell.ts'
import { readNumbers } from './number-column.ts'
import { readTimes } from './temporal-column.ts'
import { readWords } from './word-column.ts'

export { presentCell, type RawCell } from './missing-marks.ts'

const BOOLEAN_PAIRS = [
  ['true', 'false'],
  ['yes', 'no'],
  ['ja', 'nein'],
  ['oui', 'non'],
  ['sí', 'no'],
  ['si', 'no'],
] as const

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
): { column: Column; notes: string[]; read: ColumnRead } {
  const { present, read: presentOf } = presentColumn(cells)
  const { column, notes, marks, read } = infer(name, present, fallback)
  const missingMarks = marksOf(cells, column.values, marks)
  const isMeasured = column.kind === 'number' || column.kind === 'temporal'
  return {
    column: { ...column, ...(missingMarks.length > 0 && { missingMarks }) },
    notes: isMeasured ? [...notes, ...markNotes(column, missingMarks)] : notes,
    read(cell) {
      const found = presentOf(cell)
      if (found === null || (isMeasured && isMarkAmongNumbers(found))) return MISSING
      return read(found)
    },
  }
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
  const flags = booleanReader(sample)
  const boolean = flags && readColumn({ name, kind: 'boolean', minFit: 1 }, present, flags)
  if (flags && boolean) {
    const read = (cell: PresentCell) => {
      const value = flags(cell, 0)
      return value === undefined ? 'malformed' : { value }
    }
    return { column: boolean, notes: [], read }
  }
  // What says among words that nothing is there may be a word; among numbers and dates it is none.
  const measurable = present.map((cell) => (cell !== null && isMarkAmongNumbers(cell) ? null : cell))
  const number = readNumbers(name, measurable, fallback)
  if (number) return number
  const times = readTimes(name, measurable)
  if (times.column) return times
  const words = readWords(name, present)
  return { ...words, notes: [...times.notes, ...words.notes] }
}

function booleanReader(sample: readonly PresentCell[]): CellReader | undefined {
  if (sample.every((cell) => typeof cell === 'boolean'))
    return (cell) => (typeof cell === 'boolean' ? cell : undefined)
  const words = new Set<string>()
  for (const cell of sample) {
    words.add(String(cell).toLowerCase())
    if (words.size > 2) return undefined
  }
  const pair = BOOLEAN_PAIRS.find(([yes, no]) => [...words].every((word) => word === yes || word === no))
  if (!pair) return undefined
  return (cell) => {
    const word = String(cell).toLowerCase()
    return word === pair[0] ? true : word === pair[1] ? false : undefined
  }
}
