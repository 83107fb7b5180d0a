/** 0-based position of a cell. */
export interface CellPosition {
  row: number
  column: number
}

/** `AB12` as a position; undefined for what is none. Pure. */
export function cellPosition(reference: string | undefined): CellPosition | undefined {
  const [, letters, digits] = /^\$?([A-Z]{1,3})\$?(\d{1,7})$/.exec(reference ?? '') ?? []
  if (letters === undefined) return undefined
  let column = 0
  for (const letter of letters) column = column * 26 + (letter.charCodeAt(0) - 64)
  return { row: Number(digits) - 1, column: column - 1 }
}

/** `A1:C3` as its corners; a single cell is both. Pure. */
export function cellRange(
  reference: string | undefined,
): { first: CellPosition; last: CellPosition } | undefined {
  const [from, to = from] = (reference ?? '').split(':')
  const [first, last] = [cellPosition(from), cellPosition(to)]
  return first && last && { first, last }
}

const CAPITAL_A = 65
const CAPITALS = 26

/** The 0-based column of `AB12`, one time in each cell of a sheet; undefined for what is no such reference. Pure. */
export function columnOf(reference: string | undefined): number | undefined {
  if (reference === undefined) return undefined
  let column = 0
  for (let i = 0; i < reference.length; i++) {
    const letter = reference.charCodeAt(i) - CAPITAL_A
    if (letter < 0 || letter >= CAPITALS) return i === 0 ? cellPosition(reference)?.column : column - 1
    column = column * CAPITALS + letter + 1
  }
  return undefined
}
