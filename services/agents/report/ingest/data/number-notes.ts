import type { Column } from '#schemas/document.ts'
import { MIN_FIT, type PresentCells } from './column-reader.ts'
import { FLAG, type Notation, OTHER_DECIMAL } from './measured-cell.ts'
import { parseNumber } from './number-cell.ts'

/** Rows whose value is only a bound, 1-based. */
export interface Bounds {
  below: number[]
  above: number[]
}

/** What is said of a column of numbers: units, signs beside them, cells that are none, bounds. Pure. */
export function numberNotes(
  column: Column,
  {
    notation,
    bounds,
    count,
    cells,
  }: { notation: Notation; bounds: Bounds; count: number; cells: PresentCells },
): string[] {
  return [
    ...unitNotes(column.name, notation),
    ...notationNotes(column.name, notation, cells),
    ...nearlyNotes(column, count),
    ...boundNotes(column, bounds),
  ]
}

function unitNotes(name: string, { unit, convertedFrom, mixedUnits, duration }: Notation): string[] {
  if (duration !== undefined) return [`"${name}" holds durations, read as seconds.`]
  if (mixedUnits)
    return [`"${name}" is given in ${mixedUnits.join(' and ')}; the numbers were not converted.`]
  if (convertedFrom)
    return [`"${name}" is given in ${convertedFrom.join(', ')} and ${unit}, and was converted to ${unit}.`]
  return unit === undefined ? [] : [`"${name}" is given in ${unit}; the sign was dropped.`]
}

/** What is said of cells beside plain ones: shares among percentages, letters of a legend. */
function notationNotes(name: string, notation: Notation, cells: PresentCells): string[] {
  const count = (shape: (cell: string) => boolean) =>
    cells.reduce<number>((sum, cell) => sum + (typeof cell === 'string' && shape(cell) ? 1 : 0), 0)
  const notes: string[] = []
  if (notation.unit === '%') {
    const bare = count((cell) => /\d\s*$/.test(cell))
    const what = notation.hasShares
      ? 'are shares of 1 and were multiplied by 100'
      : 'are taken for per cent too'
    if (bare > 0) notes.push(`"${name}": ${bare} of ${cells.length} cells have no %; they ${what}.`)
  }
  if (notation.hasOtherDecimals) {
    const others = count(
      (cell) => OTHER_DECIMAL.test(cell) && parseNumber(cell, notation.decimal) === undefined,
    )
    notes.push(
      `"${name}": ${others} of ${cells.length} cells have "${notation.decimal === '.' ? ',' : '.'}" for the decimal sign, unlike the others, and are read so.`,
    )
  }
  if (notation.areCoordinates) notes.push(`"${name}" is read as degrees; south and west are below zero.`)
  if (notation.hasFlags) {
    const flagged = cells.filter((cell) => typeof cell === 'string' && FLAG.test(cell))
    notes.push(
      `"${name}": signs of a legend stand behind ${flagged.length} of ${cells.length} numbers, such as "${flagged[0]}"; they were left out.`,
    )
  }
  return notes
}

function nearlyNotes({ name, values, malformed, malformedCount }: Column, count: number): string[] {
  const first = malformed[0]
  if (!first || malformedCount <= (1 - MIN_FIT) * count) return []
  return [
    `"${name}": ${malformedCount} of ${values.length} cells are no numbers, such as "${first.value}" in row ${first.row}; they count as missing.`,
  ]
}

function boundNotes({ name, values }: Column, { below, above }: Bounds): string[] {
  const count = below.length + above.length
  if (count === 0) return []
  return [
    `"${name}": ${count} of ${values.length} values are only bounds (such as <0.05 or >100) and count as the bound itself.`,
  ]
}
