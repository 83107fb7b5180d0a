/**
 * Numbers of about 32 decimal digits as an unevaluated sum of two doubles (Dekker 1971, Knuth TAOCP 4.2.2).
 * Used where a difference of nearly equal sums decides: the residuals of a least-squares fit.
 * Valid for magnitudes between about 1e-140 and 1e140; products beyond that leave the range of the splitting.
 */
export interface DoubleDouble {
  readonly hi: number
  readonly lo: number
}

export const ZERO: DoubleDouble = { hi: 0, lo: 0 }

/** 2^27 + 1: splits a double into two halves of 26 bits. */
const SPLITTER = 134_217_729

export function fromNumber(value: number): DoubleDouble {
  return { hi: value, lo: 0 }
}

/** The exact sum of two doubles. */
export function twoSum(a: number, b: number): DoubleDouble {
  const hi = a + b
  const virtual = hi - a
  return { hi, lo: a - (hi - virtual) + (b - virtual) }
}

/** The exact product of two doubles. */
export function twoProduct(a: number, b: number): DoubleDouble {
  const hi = a * b
  const aBig = SPLITTER * a
  const aHigh = aBig - (aBig - a)
  const aLow = a - aHigh
  const bBig = SPLITTER * b
  const bHigh = bBig - (bBig - b)
  const bLow = b - bHigh
  return { hi, lo: aLow * bLow - (hi - aHigh * bHigh - aLow * bHigh - aHigh * bLow) }
}

/** a + b, to about 2^-104 relative. */
export function add(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const high = twoSum(a.hi, b.hi)
  const low = twoSum(a.lo, b.lo)
  const first = twoSum(high.hi, high.lo + low.hi)
  return twoSum(first.hi, first.lo + low.lo)
}

export function negate(a: DoubleDouble): DoubleDouble {
  return { hi: -a.hi, lo: -a.lo }
}

export function subtract(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  return add(a, negate(b))
}

/** a · b, to about 2^-102 relative. */
export function multiply(a: DoubleDouble, b: DoubleDouble): DoubleDouble {
  const product = twoProduct(a.hi, b.hi)
  return twoSum(product.hi, product.lo + (a.hi * b.lo + a.lo * b.hi))
}

/** base^exponent for a whole exponent of at least 0. */
export function power(base: number, exponent: number): DoubleDouble {
  let result = fromNumber(1)
  for (let i = 0; i < exponent; i++) result = multiply(result, fromNumber(base))
  return result
}
