import { type DecimalSign, parseNumber, unitSignOf } from './number-cell.ts'

/** A number as a cell states it. */
export interface Measured {
  value: number
  /** The cell states only a bound: `<0.05` lies below, `>100` above. */
  bound?: 'below' | 'above'
}

/** How the numbers of a column are to be read. */
export interface Notation {
  decimal: DecimalSign
  /** A word or sign behind or before each number, dropped: `kg`, `%`, `€`. */
  unit?: string
  /** `1:23:45` is so many seconds. */
  isDuration?: boolean
}

const UNITS = new Set(
  (
    'mm cm m km in ft yd mi mg g kg t lb lbs oz ml cl l s sec secs second seconds min mins minute minutes h hr hrs hour hours d day days ' +
    'week weeks month months yr yrs year years ms °c °f c f k hpa kpa pa bar psi w kw mw kwh mwh gwh wh v mv a ma hz khz mhz ghz ppm ppb ' +
    'kb mb gb tb kib mib gib b mph km/h kmh m/s m² km² ha mg/l µg/m³ g/l l/min rpm db lux cal kcal kj j n nm mol pts pcs bps kbps mbps'
  ).split(' '),
)
const WITH_WORD = /^([+\-−]?[\d.,  '’]*\d(?:[eE][+-]?\d+)?)\s?([°\p{L}µ][\p{L}°/²³µ]{0,7})$/u
const BOUND = /^(<=?|≤|>=?|≥)\s*(?=[\d.,+-])/
const DURATION = /^(\d{1,4}):([0-5]\d):([0-5]\d(?:[.,]\d+)?)$/
const DURATION_NAME = /duration|elapsed|lap|split|dauer|laufzeit|runtime|run time|race|finish/i
const MIN_SHARE = 0.8

/** The unit that a cell of words states, without brackets: `[hPa]`, `degC`, `%`; undefined for other words. Pure. */
export function unitsIn(cell: string): string | undefined {
  const text = cell.trim().replace(/^[([]|[)\]]$/g, '')
  const word = text.toLowerCase()
  if (/^deg ?[cf]$/.test(word)) return `°${word.at(-1)!.toUpperCase()}`
  return UNITS.has(word) || /^[%‰$€£¥]$|^[\p{L}µ°]{1,5}\/[\p{L}²³]{1,5}$|^(?:usd|eur|gbp|chf)$/u.test(word)
    ? text
    : undefined
}

/** Reads one cell; undefined when it is no number written that way. Pure. */
export function readMeasured(cell: string, { decimal, unit, isDuration }: Notation): Measured | undefined {
  if (isDuration) return durationOf(cell)
  const plain = parseNumber(cell, decimal)
  if (plain !== undefined) return { value: plain }
  const sign = BOUND.exec(cell)
  if (sign) {
    const inner = readMeasured(cell.slice(sign[0].length), { decimal, ...(unit !== undefined && { unit }) })
    if (!inner || inner.bound) return undefined
    return { value: inner.value, bound: /[<≤]/.test(sign[1]!) ? 'below' : 'above' }
  }
  if (unit === undefined) return undefined
  const word = WITH_WORD.exec(cell)
  const value =
    word && word[2]!.toLowerCase() === unit.toLowerCase() ? parseNumber(word[1]!.trim(), decimal) : undefined
  return value === undefined ? undefined : { value }
}

/** The unit that nearly all cells state behind their number, or durations; undefined when there is none. Pure. */
export function unitOf(name: string, sample: readonly string[]): Pick<Notation, 'unit' | 'isDuration'> {
  if (sample.length === 0) return {}
  const counts = new Map<string, number>()
  let durations = 0
  let isLong = false
  for (const cell of sample) {
    const word = WITH_WORD.exec(cell)?.[2]
    const unit = word !== undefined && UNITS.has(word.toLowerCase()) ? word : unitSignOf(cell)
    if (unit !== '') counts.set(unit, (counts.get(unit) ?? 0) + 1)
    const duration = DURATION.exec(cell)
    if (!duration) continue
    durations++
    isLong ||= Number(duration[1]) > 23
  }
  if (durations >= MIN_SHARE * sample.length && (isLong || DURATION_NAME.test(name)))
    return { unit: 's', isDuration: true }
  const [unit, count] = [...counts].sort((a, b) => b[1] - a[1])[0] ?? ['', 0]
  return count >= MIN_SHARE * sample.length ? { unit } : {}
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

function durationOf(cell: string): Measured | undefined {
  const found = DURATION.exec(cell)
  if (!found) return undefined
  return {
    value: Number(found[1]) * 3600 + Number(found[2]) * 60 + Number(found[3]!.replace(',', '.')),
  }
}
