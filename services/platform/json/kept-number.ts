interface Decimal {
  /** Without zeros at either end; empty for zero. */
  digits: string
  /** The number is 0.DIGITS times ten to this. */
  exponent: number
}

const NUMBER = /^-?(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/

/**
 * Whether a JSON number comes out as it went in: JavaScript reads it as a double, and writes that down again. Whole numbers have
 * to be the same, fractions may be rounded, and none may become infinite, or zero where it was not. What is no number is left
 * to the parser. Pure.
 */
export function isKept(text: string): boolean {
  const asWritten = decimalOf(text)
  if (!asWritten || asWritten.digits === '') return true
  const value = Number(text)
  if (!Number.isFinite(value) || value === 0) return false
  const isWhole = asWritten.digits.length <= asWritten.exponent
  if (!isWhole) return true
  const asRead = decimalOf(String(value))
  return asRead?.digits === asWritten.digits && asRead.exponent === asWritten.exponent
}

function decimalOf(text: string): Decimal | undefined {
  const [, whole, fraction = '', power = '0'] = NUMBER.exec(text) ?? []
  if (whole === undefined) return undefined
  const all = whole + fraction
  let start = 0
  let end = all.length
  while (start < end && all[start] === '0') start++
  while (end > start && all[end - 1] === '0') end--
  return { digits: all.slice(start, end), exponent: whole.length - start + Number(power) }
}
