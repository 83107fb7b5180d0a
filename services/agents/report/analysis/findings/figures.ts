/** A number as a sentence states it. */
export interface Figure {
  /** With its magnitude word applied: `1.5 million` is 1,500,000. A percentage stays as written: 12 % is 12. */
  value: number
  /** `%`, a currency or the word behind the number; absent when there is none. */
  unit?: string
  /** Half a unit of the last digit stated: what rounding may have hidden. */
  tolerance: number
}

const MAGNITUDES: Record<string, number> = {
  k: 1e3,
  thousand: 1e3,
  m: 1e6,
  mn: 1e6,
  million: 1e6,
  bn: 1e9,
  billion: 1e9,
}
const CURRENCIES = '€$£¥'
/**
 * Optional currency and sign; digits grouped by commas, or plain with a point or a decimal comma; optional magnitude and
 * unit. Not inside words, versions or dates: no letter, digit, point, colon, slash or hyphen may touch it outside.
 */
const FIGURE =
  /(?<![\p{L}\d.,:/#-])([€$£¥]\s?)?([+\-−])?(\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?)(?![\d:/]|[.,]\d|-\d)(?:\s?(%|percent|per cent)(?![\p{L}])|\s?(k|m|mn|bn|thousand|million|billion)(?![\p{L}]))?(?:\s?([€$£¥]|\p{L}+))?/giu
const MONTH = /^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)/i
const ORDINAL = /^(st|nd|rd|th)$/i
/** Words behind a number that are no unit of it. */
const NOT_A_UNIT =
  /^(in|of|to|and|or|for|from|on|at|by|with|per|the|a|an|is|was|are|were|than|as|but|which|that)$/i

/** Every figure of a sentence; years, dates, times, ordinals, versions and list numbers are none. */
export function figuresOf(sentence: string): Figure[] {
  return [...sentence.matchAll(FIGURE)].flatMap((match) => {
    const [matched, currency, sign, digits, percent, magnitude, word] = match
    const before = sentence.slice(0, match.index)
    const bare = !currency && !percent && !magnitude
    if (bare && isNoQuantity({ digits: digits!, word, before, matched })) return []
    const { number, decimals } = parseDigits(digits!)
    const factor = magnitude ? MAGNITUDES[magnitude.toLowerCase()]! : 1
    const value = (sign === '-' || sign === '−' ? -1 : 1) * number * factor
    const unit = percent ? '%' : (currency?.trim() ?? unitOf(word))
    return Number.isFinite(value)
      ? [{ value, ...(unit && { unit }), tolerance: 0.5 * factor * 10 ** -decimals }]
      : []
  })
}

function isNoQuantity(about: {
  digits: string
  word: string | undefined
  before: string
  matched: string
}): boolean {
  const { digits, word, before, matched } = about
  if (ORDINAL.test(word ?? '') && !/\s/.test(matched)) return true
  if (
    MONTH.test(word ?? '') ||
    /\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\p{L}*\.?\s*$/iu.test(before)
  )
    return true
  const isYear = /^(1[5-9]|20)\d\d$/.test(digits)
  const yearContext = !unitOf(word) || CURRENCIES.includes(word ?? ' ') === false
  if (isYear && yearContext) return true
  // `1. First point`, `Chapter 3`, `page 12`.
  return (
    (before.trim() === '' && !unitOf(word)) ||
    /\b(chapter|section|page|figure|table|version|no\.?|step)\s*$/i.test(before)
  )
}

/** 1,234.5 and 12.5 as in English; 12,5 has a decimal comma, since a group of thousands has three digits. */
function parseDigits(digits: string): { number: number; decimals: number } {
  const grouped = /^\d{1,3}(,\d{3})+(\.\d+)?$/.test(digits)
  const plain = grouped ? digits.replaceAll(',', '') : digits.replace(',', '.')
  return { number: Number(plain), decimals: plain.split('.')[1]?.length ?? 0 }
}

function unitOf(word: string | undefined): string | undefined {
  return word === undefined || NOT_A_UNIT.test(word) ? undefined : word
}
