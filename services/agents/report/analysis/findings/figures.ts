/** A number as a sentence states it. */
export interface Figure {
  /** With its magnitude word applied: `1.5 million` is 1,500,000. A percentage stays as written: 12 % is 12. */
  value: number
  /** `%`, a currency or the word behind the number; absent when there is none. */
  unit?: string
  /** Half a unit of the last digit stated: what rounding may have hidden. */
  tolerance: number
  /** One end of a range such as `10 to 20 kg`: no value of its own. */
  inRange?: true
  /** Where it stands in the sentence, in UTF-16 units: with its sign, currency, magnitude and unit. */
  span: { start: number; end: number }
}

const MAGNITUDES: Readonly<Record<string, number>> = {
  k: 1e3,
  thousand: 1e3,
  m: 1e6,
  mn: 1e6,
  million: 1e6,
  bn: 1e9,
  billion: 1e9,
}
/** Letters that are units as often as magnitudes (3 m, 5 k): a magnitude only beside a currency, or `k` right behind the digits. */
const AMBIGUOUS = new Set(['m', 'k'])
const CURRENCY_WORD = /^(?:[€$£¥]|eur|usd|gbp|chf|jpy|euros?|dollars?|pounds?)$/i

const DIGITS = String.raw`\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?`
/** `km/h`, `µg/m³`, `°C`, `m²`, `€`, a word. */
const UNIT = String.raw`[€$£¥]|°[CF](?!\p{L})|[µμ]?\p{L}+[²³]?(?:\/\p{L}+[²³]?)?`
/**
 * Optional currency and sign; digits grouped by commas, or plain with a point or a decimal comma; optional magnitude and
 * unit. Not inside words, versions or dates: no letter, digit, point, colon, slash or hyphen may touch it outside.
 */
const FIGURE = new RegExp(
  String.raw`(?<![\p{L}\d.,:/#-])([€$£¥]\s?)?([+\-−])?(${DIGITS})(?![\d:/]|[.,]\d|-\d)` +
    String.raw`(?:\s?(%|percent|per cent)(?![\p{L}])|(\s?)(k|m|mn|bn|thousand|million|billion)(?![\p{L}²³/]))?(?:\s?(${UNIT}))?`,
  'giu',
)
/** `10–20`, `10-20`, `10 to 20`, `between 10 and 20`; no part of a date or a telephone number. */
const RANGE = new RegExp(
  String.raw`(?<![\p{L}\d.,:/#-])(?:(between )([€$£¥]?)(${DIGITS}) and |([€$£¥]?)(${DIGITS})(?: ?[–-] ?| to ))[€$£¥]?(${DIGITS})(?![\d:/]|[.,]\d|-\d)` +
    String.raw`(?:\s?(%|percent|per cent|${UNIT}))?`,
  'giu',
)
const MONTH = /^(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)/i
const ORDINAL = /^(st|nd|rd|th)$/i
/** Words behind a number that are no unit of it. */
const NOT_A_UNIT =
  /^(in|of|to|and|or|for|from|on|at|by|with|per|the|a|an|is|was|are|were|than|as|but|which|that|this|these|it|its|more|less|higher|lower|above|below|while|when|where|so|then|overall|altogether|over|between|during|since|until|after|before|last|next)$/i

/** What is longer is no sentence; only its beginning is searched, so that the cost stays bounded. In UTF-16 units. */
const MAX_LENGTH = 5_000
/** As far as words before a figure matter: `September `, `chapter `. */
const LOOK_BEHIND = 24

/** Every figure of a sentence, in its order; years, dates, times, ordinals, versions and list numbers are none. */
export function figuresOf(whole: string): Figure[] {
  const sentence = whole.slice(0, MAX_LENGTH)
  const ranges = rangesOf(sentence)
  const single = [...sentence.matchAll(FIGURE)].flatMap((match) => {
    const figure = figureOf(match, sentence)
    return figure && !ranges.some(({ span }) => overlaps(span, figure.span)) ? [figure] : []
  })
  return [...ranges, ...single].sort((a, b) => a.span.start - b.span.start)
}

function figureOf(match: RegExpExecArray, sentence: string): Figure | undefined {
  const [matched, currency, sign, digits, percent, gap, letters, following] = match
  const before = sentence.slice(Math.max(0, match.index - LOOK_BEHIND), match.index)
  const { magnitude, word } = readTail({ currency, gap, letters, following })
  const bare = !currency && !percent && !magnitude
  if (bare && isNoQuantity({ digits: digits!, word, before, matched })) return undefined
  const { number, decimals } = parseDigits(digits!)
  const factor = magnitude ? MAGNITUDES[magnitude.toLowerCase()]! : 1
  const value = (sign === '-' || sign === '−' ? -1 : 1) * number * factor
  const unit = percent ? '%' : (currency?.trim() ?? unitOf(word))
  const isUnitRead = unit !== undefined && !percent && currency === undefined && following === unit
  const end =
    match.index +
    matched.length -
    (isUnitRead || following === undefined ? 0 : followingLength(matched, following))
  return Number.isFinite(value)
    ? {
        value,
        ...(unit && { unit }),
        tolerance: 0.5 * factor * 10 ** -decimals,
        span: { start: match.index, end },
      }
    : undefined
}

/** The word behind that is no unit belongs to the sentence, not to the figure. */
function followingLength(matched: string, following: string): number {
  return matched.length - matched.slice(0, matched.length - following.length).trimEnd().length
}

interface Tail {
  currency: string | undefined
  gap: string | undefined
  letters: string | undefined
  following: string | undefined
}

/** What stands behind the digits: a magnitude and a unit, or a unit only. */
function readTail({ currency, gap, letters, following }: Tail): {
  magnitude?: string
  word: string | undefined
} {
  if (letters === undefined) return { word: following }
  if (!AMBIGUOUS.has(letters.toLowerCase())) return { magnitude: letters, word: following }
  const isMoney = currency !== undefined || CURRENCY_WORD.test(following ?? '')
  const isAttachedK = letters.toLowerCase() === 'k' && gap === ''
  return isMoney || isAttachedK ? { magnitude: letters, word: following } : { word: letters }
}

function rangesOf(sentence: string): Figure[] {
  return [...sentence.matchAll(RANGE)].flatMap((match) => {
    const [matched, , money, low, money2, low2, high, tail] = match
    const before = sentence.slice(Math.max(0, match.index - LOOK_BEHIND), match.index)
    const ends = [low ?? low2!, high!].map(parseDigits)
    const isYears = ends.every(({ number }) => /^(1[5-9]|20)\d\d$/.test(String(number)))
    const isDate =
      MONTH.test(tail ?? '') ||
      /\b(jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)\p{L}*\.?\s*$/iu.test(before)
    // `from 10 to 20` tells a start and an end, each a value of its own.
    const isCourse = /\bfrom\s*$/i.test(before)
    if (isYears || isDate || isCourse || !(ends[0]!.number < ends[1]!.number)) return []
    const percent = /^(%|percent|per cent)$/i.test(tail ?? '')
    const unit = percent ? '%' : money || money2 || unitOf(tail)
    const start = match.index
    return ends.map(
      ({ number, decimals }): Figure => ({
        value: number,
        ...(unit && { unit }),
        tolerance: 0.5 * 10 ** -decimals,
        inRange: true,
        span: { start, end: start + matched.length },
      }),
    )
  })
}

function overlaps(a: Figure['span'], b: Figure['span']): boolean {
  return a.start < b.end && b.start < a.end
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
  if (isYear && !CURRENCY_WORD.test(word ?? '')) return true
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
