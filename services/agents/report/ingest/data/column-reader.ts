import type { Column } from '#schemas/document.ts'
import { INGEST_LIMITS } from '../limits.ts'
import type { PresentCell, RawCell } from './missing-marks.ts'

/** Reads one present cell in a 0-based row, or undefined when it does not fit the kind. */
export type CellReader = (cell: PresentCell, row: number) => PresentCell | undefined

/** Present cells of a column by row, null where nothing is. */
export type PresentCells = readonly (PresentCell | null)[]

/**
 * What one cell says by the reading of its column: a value of the column's kind (of times Unix ms), null where nothing is, and of a bound
 * such as `<0.05` on which side of it the value lies. `malformed` does not fit the kind.
 */
export type CellReading =
  | { value: number | string | boolean | null; bound?: 'below' | 'above' | undefined }
  | 'malformed'

/** Reads any cell of a column as its reading was decided, also ones that came later than the decision. Pure. */
export type ColumnRead = (cell: RawCell) => CellReading

/** The same for a cell that holds something. */
export type PresentRead = (cell: PresentCell) => CellReading

/** Nothing is there. */
export const MISSING: CellReading = { value: null }

/** A column, and what to say of how it was read. */
export interface Inferred {
  column: Column
  notes: string[]
  losses?: string[]
  read: PresentRead
  /** What a cell says in which nothing is, where that is something. */
  missing?: CellReading
  /** Texts of cells that were taken for "nothing here" in this column alone: `-999`, `pending`. */
  marks?: ReadonlySet<string>
}

/** Share of the present values that must fit; the rest is malformed. */
export const MIN_FIT = 0.9
const SAMPLE = 1_000
const SHOWN_CHARACTERS = 200

/** The column by one reader, or undefined when too little fits. Pure. */
export function readColumn(
  { name, kind, minFit = MIN_FIT }: { name: string; kind: Column['kind']; minFit?: number },
  present: PresentCells,
  reader: CellReader,
): Column | undefined {
  const malformed: Column['malformed'] = []
  let malformedCount = 0
  let count = 0
  // So many that do not fit are too many, whatever the rest holds: words are told from numbers long before the end.
  const most = (1 - minFit) * present.length + 1
  const values: Column['values'] = new Array(present.length).fill(null)
  for (let row = 0; row < present.length; row++) {
    const cell = present[row]!
    if (cell === null) continue
    count++
    const value = reader(cell, row)
    if (value !== undefined) {
      values[row] = value
      continue
    }
    malformedCount++
    if (malformedCount > most) return undefined
    if (malformed.length < INGEST_LIMITS.malformedShown)
      malformed.push({ row: row + 1, value: shownCell(cell) })
  }
  if (count - malformedCount < minFit * count) return undefined
  return { name, kind, values, malformed, malformedCount }
}

/** A column whose values need no reading. Pure. */
export function plainColumn(name: string, kind: Column['kind'], values: PresentCells): Column {
  return { name, kind, values: [...values], malformed: [], malformedCount: 0 }
}

/** The strings among some cells. Pure. */
export function textsOf(cells: readonly PresentCell[]): string[] {
  return cells.filter((cell) => typeof cell === 'string')
}

/** Up to 1,000 present values, evenly spread. Pure. */
export function sampleOf(present: PresentCells): PresentCell[] {
  let count = 0
  for (const cell of present) if (cell !== null) count++
  const step = Math.max(1, count / SAMPLE)
  const sample: PresentCell[] = []
  let seen = 0
  for (const cell of present) {
    if (cell === null) continue
    if (seen >= Math.floor(sample.length * step)) sample.push(cell)
    seen++
  }
  return sample
}

/** A cell as messages show it: cut where it is long. Pure. */
export function shownCell(cell: PresentCell): string {
  const text = String(cell)
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS - 1)}…` : text
}

/** From this share on a column of words that holds figures too says so. */
const MIN_MIXED_SHARE = 0.2
const MIN_MIXED = 5
const MAX_CODES = 0.2
const MAX_SWITCHES = 0.1

/** A column of words in which many cells, or a run of them, are something else: nobody would see it from its kind. Pure. */
export function mixedNotes(
  name: string,
  present: PresentCells,
  { fits, what }: { fits(cell: PresentCell | null): boolean; what: 'numbers' | 'dates' },
): string[] {
  const sample = sampleOf(present)
  if (sample.filter(fits).length * 2 < MIN_MIXED_SHARE * sample.length) return []
  let count = 0
  let fitting = 0
  let switches = 0
  let codes = 0
  let wasFit: boolean | undefined
  let first: { row: number; cell: PresentCell } | undefined
  for (const [row, cell] of present.entries()) {
    if (cell === null) continue
    count++
    const isFit = fits(cell)
    if (wasFit !== undefined && isFit !== wasFit) switches++
    wasFit = isFit
    if (isFit) fitting++
    else {
      if (/\d/.test(String(cell))) codes++
      first ??= { row: row + 1, cell }
    }
  }
  if (!first || fitting < MIN_MIXED || fitting < MIN_MIXED_SHARE * count) return []
  // `12a` among house numbers is as good a code as `12`; a run of other cells is another thing.
  if (what === 'numbers' && codes > MAX_CODES * (count - fitting) && switches > MAX_SWITCHES * count)
    return []
  return [
    `"${name}": ${fitting} of ${count} cells are ${what} and the others are not, the first "${shownCell(first.cell)}" in row ${first.row}; it is kept as text.`,
  ]
}
