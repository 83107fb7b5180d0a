import { isMarkAmongNumbers, presentCell } from '../missing-marks.ts'
import { parseNumber } from '../number-cell.ts'
import { TEMPORAL_FORMATS } from '../temporal-cell.ts'

/** What a cell looks like by itself, before anything is known of its column. */
export type CellClass = 'blank' | 'number' | 'date' | 'flag' | 'word'

/** `<0.05`, `5 kg`, `€ 3`, `1:23:45`: a number with something around it. */
const NUMBER_WITH_SIGNS =
  /^(?:[<>≤≥]=?\s*)?[+\-−(]?\s*(?:[A-Z]{0,3}[$€£¥]|[A-Z]{3}\s)?\s?\d+(?:[.,'’ ]\d{3})*(?:[.,]\d+)?\s?(?:[%°µ\p{L}][\p{L}°/²³µ]{0,7})?[*)]?$/u
const CLOCK = /^\d{1,3}:[0-5]\d(?::[0-5]\d(?:[.,]\d+)?)?$/
const MAX_CHARACTERS = 45

/** Tells numbers, dates and flags from words; a mark of a missing value is blank. Pure. */
export function cellClass(cell: string): CellClass {
  const present = presentCell(cell)
  if (present === null || present === '' || isMarkAmongNumbers(present)) return 'blank'
  const text = String(present)
  if (/^(?:true|false)$/i.test(text)) return 'flag'
  if (text.length > MAX_CHARACTERS || !/\d/.test(text)) return 'word'
  if (parseNumber(text, '.') !== undefined || parseNumber(text, ',') !== undefined || CLOCK.test(text))
    return 'number'
  if (TEMPORAL_FORMATS.some(({ looksLike }) => looksLike(text))) return 'date'
  return NUMBER_WITH_SIGNS.test(text) ? 'number' : 'word'
}
