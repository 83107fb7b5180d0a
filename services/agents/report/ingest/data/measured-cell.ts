import { type Companion, withoutCompanion } from './companion-figure.ts'
import { coordinateDegrees } from './coordinate-cell.ts'
import { type DurationStyle, durationSeconds, durationStyleOf } from './duration-cell.ts'
import { type DecimalSign, parseNumber } from './number-cell.ts'
import { conversionFactor, isCurrency, unitWord } from './unit-words.ts'

/** A number as a cell states it. */
export interface Measured {
  value: number
  /** The cell states only a bound: `<0.05` lies below, `>100` above. */
  bound?: 'below' | 'above'
}

/** How the numbers of a column are to be read. */
export interface Notation {
  decimal: DecimalSign
  /** What the values come out in; a cell in another unit of the same dimension is converted. */
  unit?: string
  /** Other units of the same dimension among the cells. */
  convertedFrom?: readonly string[]
  /** Units that stand beside numbers and cannot be converted into one another. */
  mixedUnits?: readonly string[]
  /** How durations are written; they come out in seconds. */
  duration?: DurationStyle
  /** A second figure stands beside the first, and is left out. */
  companion?: Companion | undefined
  /** Letters of a legend stand behind some numbers: `12.5 p`. */
  hasFlags?: boolean | undefined
  /** Some cells have the other decimal sign. */
  hasOtherDecimals?: boolean | undefined
  /** Cells without % are shares of 1. */
  hasShares?: boolean | undefined
  /** `52°31'N`: degrees come out, below zero in the south and west. */
  areCoordinates?: boolean | undefined
}

/** A cell in its parts: what stands before the number, its text, a power of ten (`k`, `M`, `Mio.`), what stands behind. */
interface Parts {
  number: string
  exponent: number
  /** As it is written, and in its usual form. */
  word: string
  unit: string | undefined
  isApart: boolean
}

const SHAPE =
  /^(?<sign>[+\-−–]?)\s?(?<before>[^\d\s.,+\-−–()<>≤≥]{1,4}\.?)?\s?(?<body>[+\-−]?\d[\d., \u00a0\u2009\u202f'’]*|[+\-−]?[.,]\d+)(?<mark>\*{1,3}|†|‡|\s?\[\w{1,3}\])?(?<after>\s?[^\d\s.,*[\]†‡][^*[\]]{0,18})?$/u
const SCALES: Readonly<Record<string, number>> = {
  k: 3,
  K: 3,
  tsd: 3,
  thousand: 3,
  mn: 6,
  mln: 6,
  mio: 6,
  million: 6,
  millions: 6,
  millionen: 6,
  M: 6,
  bn: 9,
  mrd: 9,
  B: 9,
  billion: 9,
  billions: 9,
  milliarden: 9,
  T: 12,
  trillion: 12,
}
const SCALED =
  /^(thousand|tsd|mn|mln|mio|millions?|millionen|bn|mrd|milliarden|billions?|trillion|[kKMBT])\.?(?:\s+|$)(.*)$/i
const BOUND =
  /^(<=?|≤|>=?|≥|(?:less than|fewer than|under|below|up to|at most|weniger als|unter|bis zu|moins de|menos de|more than|over|above|at least|mehr als|über|plus de|más de)(?=\s))\s*(?=[\d.,+$€£-])/i
const BELOW = /^(?:[<≤]|less|fewer|under|below|up|at most|weniger|unter|bis|moins|menos)/i
/** `90+`, `100 or more`. */
const OPEN_END = /(?<=\d)\s?(?:\+|(?:or|and|und|et|y) (?:more|over|above|older|mehr|älter|plus|más))$/i
const ABOUT = /^(?:[~≈]|ca?\.|circa|about|approx\.?|etwa|rund|env\.|environ)\s?(?=[\d+\-−])/i
/** Behind a number with a space, in brackets or raised: what a legend explains. */
export const FLAG = /(?<=\d)(?:\s[bcdefinprsuz]{1,3}|\s?\([a-z]{1,2}\)|[¹²³⁴⁵⁶⁷⁸⁹]{1,2})$/
/** A sign with other than three digits behind it parts no thousands. */
export const OTHER_DECIMAL = /^[+\-−]?\d+[.,](?:\d{1,2}|\d{4,})$/
const MIN_SHARE = 0.8
/** One word, not the rest of a date or of an address. */
const UNKNOWN_UNIT = /^\p{L}{2,12}\.?$/u
/** Less is a slip, not a second unit. */
const MIN_MIXED_SHARE = 0.05
const MIN_CONVERTIBLE = 0.95
const MAX_CHARACTERS = 40

/** Reads one cell; undefined when it is no number written that way. Pure. */
export function readMeasured(cell: string, notation: Notation): Measured | undefined {
  if (notation.duration !== undefined) {
    const value = durationSeconds(cell, notation.duration)
    return value === undefined ? undefined : { value }
  }
  if (notation.areCoordinates) {
    const value = coordinateDegrees(cell)
    return value === undefined ? undefined : { value }
  }
  const plain = parseNumber(cell, notation.decimal)
  if (plain === undefined) return readSigned(cell, notation)
  if (!notation.hasShares || cell.includes('%')) return { value: plain }
  return { value: Math.abs(plain) <= 1 ? Number((plain * 100).toPrecision(15)) : plain }
}

/** A number with a bound, a second figure, a flag, a unit or "about" beside it. */
function readSigned(cell: string, notation: Notation): Measured | undefined {
  const sign = BOUND.exec(cell)
  if (sign) {
    const rest = cell.slice(sign[0].length)
    const inner = BOUND.test(rest) ? undefined : readMeasured(rest, notation)
    return inner && { value: inner.value, bound: BELOW.test(sign[1]!) ? 'below' : 'above' }
  }
  const { companion, hasFlags } = notation
  for (const bare of [
    companion ? withoutCompanion(cell, companion) : cell,
    cell.replace(ABOUT, ''),
    hasFlags ? cell.replace(FLAG, '') : cell,
  ])
    if (bare !== cell) return readMeasured(bare, notation)
  if (notation.hasOtherDecimals && OTHER_DECIMAL.test(cell)) {
    const value = parseNumber(cell, notation.decimal === '.' ? ',' : '.')
    if (value !== undefined) return { value }
  }
  const open = OPEN_END.exec(cell)
  const least = open ? parseNumber(cell.slice(0, open.index), notation.decimal) : undefined
  return least === undefined ? withUnit(cell, notation) : { value: least, bound: 'above' }
}

/** Whether some numbers carry letters of a legend: measures with decimals do, houses (`12 b`) don't. Pure. */
export function haveFlags(sample: readonly string[]): boolean {
  const isPlain = (cell: string) =>
    parseNumber(cell, '.') !== undefined || parseNumber(cell, ',') !== undefined
  const flagged = sample.filter((cell) => FLAG.test(cell))
  if (flagged.length === 0) return false
  const plain = sample.filter(isPlain)
  const isMeasure = plain.some((cell) => /\d[.,]\d/.test(cell)) || flagged.every((cell) => /\)$/.test(cell))
  return isMeasure && plain.length >= flagged.length
}

/** Whether the cells without % are shares of 1 beside percentages: `0.12` beside `12 %`. Pure. */
export function haveShares(sample: readonly string[], decimal: DecimalSign): boolean {
  const signed: number[] = []
  const bare: number[] = []
  for (const cell of sample) {
    const value = parseNumber(cell, decimal)
    if (value !== undefined) (cell.includes('%') ? signed : bare).push(Math.abs(value))
  }
  const enough = Math.min(signed.length, bare.length) >= MIN_MIXED_SHARE * sample.length
  const areShares = bare.every((value) => value <= 1) && bare.some((value) => value > 0 && value < 1)
  return enough && areShares && signed.filter((value) => value > 1).length * 2 > signed.length
}

function withUnit(cell: string, { decimal, unit, mixedUnits = [] }: Notation): Measured | undefined {
  const parts = partsOf(cell)
  if (!parts) return undefined
  const stated = parts.unit ?? parts.word
  const factor =
    stated === '' || mixedUnits.includes(stated)
      ? 1
      : unit === undefined
        ? undefined
        : conversionFactor(stated, unit)
  const value = factor === undefined ? undefined : parseNumber(parts.number, decimal)
  if (value === undefined) return undefined
  // By its text: 2.3 × 10⁶ in binary is 2299999.9999999995.
  return { value: (parts.exponent === 0 ? value : Number(`${value}e${parts.exponent}`)) * factor! }
}

/** The units that nearly all cells state beside their number, or durations; nothing when there are none. Pure. */
export function unitOf(name: string, sample: readonly string[]): Omit<Notation, 'decimal'> {
  if (sample.length === 0) return {}
  const duration = durationStyleOf(name, sample)
  if (duration) return { unit: 's', duration }
  const counts = new Map<string, { count: number; isKnown: boolean; isClear: boolean }>()
  for (const cell of sample) {
    const parts = partsOf(cell.replace(BOUND, ''))
    if (!parts || parts.word === '') continue
    const key = parts.unit ?? parts.word
    const seen = counts.get(key) ?? { count: 0, isKnown: parts.unit !== undefined, isClear: false }
    // `12A` is a seat or a house; `12 A` is a current.
    seen.isClear ||= parts.isApart || key.length > 1 || !/\p{L}/u.test(key)
    counts.set(key, { ...seen, count: seen.count + 1 })
  }
  const found = [...counts].sort(([, a], [, b]) => b.count - a.count)
  const [top] = found
  if (!top) return {}
  const [unit, { count, isKnown, isClear }] = top
  const total = found.reduce((sum, [, other]) => sum + other.count, 0)
  if (!isKnown || !isClear) return UNKNOWN_UNIT.test(unit) && isApartInAll(top[1], sample) ? { unit } : {}
  const convertible = found.filter(([other]) => conversionFactor(other, unit) !== undefined)
  if (convertible.reduce((sum, [, other]) => sum + other.count, 0) >= MIN_CONVERTIBLE * total) {
    const target = finestOfTies(
      convertible.filter(([, other]) => other.count === count).map(([word]) => word),
    )
    const convertedFrom = convertible.map(([word]) => word).filter((word) => word !== target)
    return { unit: target, ...(convertedFrom.length > 0 && { convertedFrom }) }
  }
  const mixedUnits = found
    .filter(([, other]) => other.isKnown && other.count >= MIN_MIXED_SHARE * sample.length)
    .map(([word]) => word)
  return mixedUnits.length > 1 && mixedUnits.every(isCurrency) ? { mixedUnits } : {}
}

function finestOfTies(units: readonly string[]): string {
  return units.reduce((a, b) => ((conversionFactor(b, a) ?? 1) < 1 ? b : a))
}

/** A word that is no known unit counts as one when nearly every cell has it: `12 users`. */
function isApartInAll(
  { count, isClear }: { count: number; isClear: boolean },
  sample: readonly string[],
): boolean {
  return isClear && count >= MIN_SHARE * sample.length
}

/** `$(1,234)` and `(€ 5)` are below zero. */
function unbracketed(cell: string): string {
  const found = /^([^\d()\s]{0,4})\s?\(([^\d()]{0,4}[\d.,'’ ]+[^\d()]{0,4})\)$/.exec(cell)
  return found ? `-${found[1]}${found[2]}` : cell
}

function partsOf(given: string): Parts | undefined {
  const cell = unbracketed(given)
  const found = cell.length <= MAX_CHARACTERS ? SHAPE.exec(cell)?.groups : undefined
  if (!found) return undefined
  const { sign = '', before = '', body = '', after = '' } = found
  const scaled = SCALED.exec(after.trim())
  // 300 K is a temperature, 300K a price.
  const isApart = /\s$/.test(body) || /^\s/.test(after)
  const isScale = scaled && (scaled[1]!.length > 1 || !isApart) && scaleOf(scaled[1]!) !== undefined
  const behind = isScale ? scaled[2]!.trim() : after.trim()
  if (before !== '' && !isCurrency(before)) return undefined
  if (before !== '' && behind !== '' && !isScale) return undefined
  const word = before === '' ? behind : before
  return {
    number: `${sign}${body.trim()}`.replace(/^[+\-−–](?=[+\-−])/, ''),
    exponent: isScale ? scaleOf(scaled[1]!)! : 0,
    word,
    unit: word === '' ? undefined : unitWord(word),
    isApart: before !== '' || isApart,
  }
}

function scaleOf(word: string): number | undefined {
  return SCALES[word] ?? (word.length > 1 ? SCALES[word.toLowerCase()] : undefined)
}

/**
 * The sign of decimals where points or commas part thousands and nothing else: every one is followed by three digits, numbers
 * below 1,000 have none and no number above does without. `1.204` beside `512` and `364.500` is 1,204. Pure.
 */
export function thousandsNotation(sample: readonly string[]): DecimalSign | undefined {
  for (const [sign, decimal] of [
    ['.', ','],
    [',', '.'],
  ] as const) {
    const grouped = new RegExp(`^[+-]?[1-9]\\d{0,2}(?:\\${sign}\\d{3})+$`)
    const parted = sample.filter((cell) => grouped.test(cell))
    const others = sample.filter((cell) => !grouped.test(cell) && /\d/.test(cell))
    const areSmall = others.every((cell) => /^[+-]?\d{1,3}$/.test(cell))
    // All of them with three decimals may as well be measured to a thousandth.
    const isTold = others.length > 0 || parted.some((cell) => cell.split(sign).length > 2)
    if (parted.length >= 2 && areSmall && isTold) return decimal
  }
  return undefined
}

/** The number of a cell without what stands beside it; the cell itself when there is none. Pure. */
export function numberText(cell: string): string {
  return partsOf(cell.replace(BOUND, ''))?.number ?? cell
}
