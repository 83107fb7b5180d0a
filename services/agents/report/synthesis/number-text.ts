import { numberFormat } from '#platform/statistics/number-format.ts'

/** Numbers for people: rounded to what their scale supports, locale en, a true minus sign, units after a space. */

const MINUS = '\u2212'
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹'

/** Decimals that a column's range supports: 0 from a range of 300, 1 from 30, 2 from 1, then three digits of the range. */
export function decimalsFor(range: number): number {
  if (!Number.isFinite(range) || range === 0) return 2
  if (range >= 300) return 0
  if (range >= 30) return 1
  return range >= 1 ? 2 : Math.min(8, 2 - Math.floor(Math.log10(range)))
}

/**
 * A value rounded to the range of its column, so that all values of a column have the same decimals; without a range
 * to four digits. Whole numbers stay whole, millions are shortened, and what is beyond all that is a power of ten.
 */
export function numberText(value: number, range?: number): string {
  if (!Number.isFinite(value)) return 'not defined'
  const size = Math.abs(value)
  if (size !== 0 && (size >= 1e12 || (size < 1e-4 && (range ?? 0) < 1e-3))) return powerText(value)
  if (size >= 1e6) return compactText(value)
  if (range === undefined) {
    const decimals = Number.isInteger(value) || size === 0 ? 0 : 3 - Math.floor(Math.log10(size))
    return fixedText(value, Math.max(0, decimals), false)
  }
  // Beside thousands a small amount is small, and not nothing.
  if (value >= MIN_SMALL && size < 0.5 * 10 ** -decimalsFor(range))
    return fixedText(value, smallDecimals(size), false)
  const whole = Number.isInteger(value) && Number.isInteger(range)
  return fixedText(value, whole ? 0 : decimalsFor(range), true)
}

/** Less is what computing leaves of nothing. */
const MIN_SMALL = 1e-3

/** Two digits. */
function smallDecimals(size: number): number {
  return Math.min(8, 1 - Math.floor(Math.log10(size)))
}

/** A value with its unit, not to be broken apart. */
export function quantityText(value: number, unit: string | undefined, range?: number): string {
  const text = numberText(value, range)
  if (!unit) return text
  return `${text}\u00a0${unit}`
}

/** A change, always with its sign. */
export function signedText(value: number, range?: number): string {
  const text = numberText(value, range)
  return value > 0 ? `+${text}` : text
}

/** A share of 0 to 1 as per cent: `4.2 %`, `37 %`, `under 0.1 %`. */
export function percentText(share: number): string {
  const percent = share * 100
  const size = Math.abs(percent)
  if (size > 0 && size < 0.1) return 'under 0.1 %'
  // 99.97 % must not read as all of it.
  if (size > 99.9 && size < 100) return 'over 99.9 %'
  if (size >= 99.5 && size < 100) return `${fixedText(percent, 1, false)} %`
  return `${fixedText(percent, size < 10 ? 1 : 0, false)} %`
}

/** A p value as papers write it. */
export function pValueText(p: number): string {
  if (p < 0.001) return 'p < 0.001'
  return `p = ${p < 0.1 ? p.toFixed(3) : p.toFixed(2)}`
}

/** A coefficient between −1 and 1, two decimals and a sign. */
export function coefficientText(value: number): string {
  const text = fixedText(value, 2, true)
  return value > 0 ? `+${text}` : text
}

/** How many of something, with the noun in the right number. */
export function countText(count: number, singular: string, plural = `${singular}s`): string {
  return `${fixedText(count, 0, false)} ${count === 1 ? singular : plural}`
}

/** Units of sizes, each a thousand of the one before, and the decimals that they are told with. */
const BYTE_UNITS = [
  ['B', 0],
  ['kB', 1],
  ['MB', 1],
  ['GB', 2],
  ['TB', 2],
] as const

/** Bytes as people say them: `1.04 GB`. */
export function bytesText(bytes: number): string {
  // What would be rounded to a thousand is one of the next unit.
  const at = BYTE_UNITS.findIndex(
    ([, decimals], i) => Number((bytes / 1000 ** i).toFixed(decimals)) < 1000 || i === BYTE_UNITS.length - 1,
  )
  const [unit, decimals] = BYTE_UNITS[at]!
  return `${fixedText(bytes / 1000 ** at, decimals, false)} ${unit}`
}

function fixedText(value: number, decimals: number, keepZeros: boolean): string {
  // A year or another four-digit number is easier to read without a comma.
  const useGrouping = Math.abs(value) >= 10_000
  const text = numberFormat({
    minimumFractionDigits: keepZeros ? decimals : 0,
    maximumFractionDigits: decimals,
    useGrouping,
  }).format(value)
  return text === '-0' || /^-0\.0*$/.test(text) ? text.slice(1) : text.replace('-', MINUS)
}

/** `711.8M`: more digits of a large number would only look exact. */
function compactText(value: number): string {
  return numberFormat({ notation: 'compact', maximumSignificantDigits: 4 }).format(value).replace('-', MINUS)
}

function powerText(value: number): string {
  const [mantissa, exponent] = value.toExponential(2).split('e')
  const power = Number(exponent)
  const digits = [...String(Math.abs(power))].map((digit) => SUPERSCRIPTS[Number(digit)]).join('')
  return `${mantissa!.replace('-', MINUS)} × 10${power < 0 ? '⁻' : ''}${digits}`
}
