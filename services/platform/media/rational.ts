/** An exact positive fraction in lowest terms, as ffmpeg counts rates: NTSC is 30000/1001 frames a second, not 29.97. */
export interface Rational {
  readonly numerator: number
  readonly denominator: number
}

/** Undefined unless both are positive integers. Pure. */
export function rational(numerator: number, denominator = 1): Rational | undefined {
  if (!(Number.isSafeInteger(numerator) && Number.isSafeInteger(denominator))) return undefined
  if (numerator <= 0 || denominator <= 0) return undefined
  const divisor = greatestCommonDivisor(numerator, denominator)
  return { numerator: numerator / divisor, denominator: denominator / divisor }
}

/** `30000/1001` of ffprobe, `30000:1001` of yuv4mpeg2; undefined for `0/0` and whatever else is no positive fraction. Pure. */
export function parseRational(text: string): Rational | undefined {
  const [, numerator, denominator] = /^(\d+)[/:](\d+)$/.exec(text.trim()) ?? []
  return rational(Number(numerator), Number(denominator))
}

/** A number to `decimals` places; undefined when nothing positive is left of it. Pure. */
export function rationalFromDecimal(value: number, decimals = 6): Rational | undefined {
  const denominator = 10 ** decimals
  return rational(Math.round(value * denominator), denominator)
}

/** Printed rates have two decimals; half of the last one, and what the printing itself rounds. */
const PRINTED_TOLERANCE = 0.006

/**
 * A frame rate as ffmpeg prints it, with two decimals: 23.98 is 24000/1001, and over an hour the difference is half a
 * second. Undefined when it is not positive. Pure.
 */
export function rationalFromPrintedRate(value: number): Rational | undefined {
  const ntsc = Math.ceil(value) * 1000
  const isNtsc = !Number.isInteger(value) && Math.abs(ntsc / 1001 - value) < PRINTED_TOLERANCE
  return isNtsc ? rational(ntsc, 1001) : rationalFromDecimal(value)
}

export function toNumber({ numerator, denominator }: Rational): number {
  return numerator / denominator
}

/** As ffmpeg's options take it: `25` or `30000/1001`. */
export function formatRational({ numerator, denominator }: Rational): string {
  return denominator === 1 ? String(numerator) : `${numerator}/${denominator}`
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
