import type { PresentCell } from './missing-marks.ts'

// Zero-width spaces, joiners of lines and marks of direction: nobody sees them, and programs leave them.
const UNSEEN = /[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069]/g
/** `="00123"`, as programs write it so that spreadsheets keep a text. */
const FORMULA_TEXT = /^="(.*)"$/
/** `'00123`, as it is typed into spreadsheets for the same end. */
const TYPED_TEXT = /^'(?=[\d+-])[^']*$/
const MIN_SHARE = 0.5
/** Zero of each script whose digits people write: Arabic, Persian, Devanagari, Bengali, Thai, full width. */
const ZEROS = [0x660, 0x6f0, 0x966, 0x9e6, 0xe50, 0xff10] as const
const OTHER_DIGIT = /[\u0660-\u0669\u06f0-\u06f9\u0966-\u096f\u09e6-\u09ef\u0e50-\u0e59\uff10-\uff19]/
const SIGNS: Readonly<Record<string, string>> = {
  '\u066b': '.',
  '\u066c': ',',
  '\u066a': '%',
  '．': '.',
  '，': ',',
  '－': '-',
  '＋': '+',
  '％': '%',
  '／': '/',
  '：': ':',
}

/** What takes off the cells of a column that nobody sees or means; undefined where there is nothing to take off. Pure. */
export function cellCleaner(sample: readonly PresentCell[]): ((cell: string) => string) | undefined {
  const texts = sample.filter((cell) => typeof cell === 'string')
  const enough = (shape: RegExp) =>
    texts.length > 0 && texts.filter((cell) => shape.test(cell)).length >= MIN_SHARE * texts.length
  const isUnseen = texts.some((cell) => cell.search(UNSEEN) >= 0)
  const wrapped = [FORMULA_TEXT, TYPED_TEXT].find(enough)
  if (!isUnseen && !wrapped) return undefined
  return (cell) => {
    const seen = isUnseen ? cell.replace(UNSEEN, '').trim() : cell
    if (wrapped === FORMULA_TEXT) return FORMULA_TEXT.exec(seen)?.[1]?.trim() ?? seen
    return wrapped === TYPED_TEXT && TYPED_TEXT.test(seen) ? seen.slice(1) : seen
  }
}

/** Whether digits of another script stand in a cell. Pure. */
export function hasOtherDigits(cell: PresentCell): boolean {
  return typeof cell === 'string' && OTHER_DIGIT.test(cell)
}

/** `１２．５` and `١٢٫٥` as `12.5`. Pure. */
export function asciiDigits(cell: string): string {
  return Array.from(cell, (character) => SIGNS[character] ?? asciiDigit(character)).join('')
}

function asciiDigit(character: string): string {
  const code = character.codePointAt(0)!
  const zero = ZEROS.find((first) => code >= first && code <= first + 9)
  return zero === undefined ? character : String(code - zero)
}
