/** Which sign separates decimals: `3.14` and `1,234.5`, or `3,14` and `1.234,5`. */
export type DecimalSign = '.' | ','

const PLAIN = /^-?(?:0|[1-9]\d{0,14})(?:\.\d+)?$/
const WITH_POINT =
  /^[+-]?(?:\d{1,15}|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d?(?:,\d{2})+,\d{3})?(?:\.\d*)?(?:[eE][+-]?\d{1,3})?$/
const WITH_COMMA = /^[+-]?(?:\d{1,15}|[1-9]\d{0,2}(?:\.\d{3})+)?(?:,\d*)?(?:[eE][+-]?\d{1,3})?$/
const UNIT = /^([+-]?)\s*(?:(?:USD|EUR|GBP|CHF)\s*|[$€£¥₹₩]\s?)|\s*(?:[%‰$€£¥₹₩]|USD|EUR|GBP|CHF)$/g
/** Nothing but digits and signs between them. */
const BARE = /^-?[\d.,]*\d$/
const GROUPED_BY_SPACE = /^[+-]?[1-9]\d{0,2}(?:[ \u00a0\u2009\u202f'’]\d{3})+(?![\d ])/
const GROUP_SPACE = /[ \u00a0\u2009\u202f'’]/g
const MAX_CHARACTERS = 40
const [ZERO, NINE, POINT, COMMA, MINUS] = [48, 57, 46, 44, 45]
/** Whole numbers of so many digits are exact as doubles, and so are powers of ten up to there. */
const EXACT_DIGITS = 15
const POWERS_OF_TEN = Array.from({ length: EXACT_DIGITS + 1 }, (_, exponent) => Number(`1e${exponent}`))
/** `12,-` and `5.–`: no cents. */
const WHOLE_PRICE = /(?<=\d)[.,][-–—]{1,2}$/
const POWER = /(?<=\d)\s?[×x·*]\s?10(?:\^([+\-−]?\d{1,3})|(⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}))$/
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹'

/** A cell as a number, or undefined. Percent and currency signs are dropped: `4 %` is 4. Pure. */
export function parseNumber(cell: string, decimal: DecimalSign): number | undefined {
  const plain = plainNumber(cell, decimal)
  if (plain !== undefined) return plain
  if (decimal === '.' && PLAIN.test(cell)) return finite(Number(cell))
  if (cell.length > MAX_CHARACTERS || !/\d/.test(cell)) return undefined
  const bare = BARE.test(cell) ? cell : bareNumber(cell)
  if (decimal === '.') return WITH_POINT.test(bare) ? finite(Number(bare.replaceAll(',', ''))) : undefined
  return WITH_COMMA.test(bare) ? finite(Number(bare.replaceAll('.', '').replace(',', '.'))) : undefined
}

/**
 * `-12.5` without the general way, most cells of most tables: undefined where it is anything else, or has more than 15 digits. Up to
 * those both the digits and the power of ten are exact, so that one division rounds as `Number` does (Clinger 1990). Pure.
 */
export function plainNumber(cell: string, decimal: DecimalSign): number | undefined {
  const mark = decimal === '.' ? POINT : COMMA
  const end = cell.length
  const start = cell.charCodeAt(0) === MINUS ? 1 : 0
  if (end === start || end - start > EXACT_DIGITS + 1) return undefined
  // A second digit after 0 is a code: `007`.
  if (cell.charCodeAt(start) === ZERO && end - start > 1 && cell.charCodeAt(start + 1) !== mark)
    return undefined
  let digits = 0
  let point = -1
  for (let at = start; at < end; at++) {
    const code = cell.charCodeAt(at)
    if (code >= ZERO && code <= NINE) digits = digits * 10 + (code - ZERO)
    else if (code === mark && point < 0 && at > start && at < end - 1) point = at
    else return undefined
  }
  if (point < 0 && end - start > EXACT_DIGITS) return undefined
  const value = point < 0 ? digits : digits / POWERS_OF_TEN[end - 1 - point]!
  return start === 0 ? value : -value
}

/** Sign that a number must have been written with; null when both readings are possible. Pure. */
export function decimalSignOf(cell: string): DecimalSign | null {
  const point = parseNumber(cell, '.') !== undefined
  const comma = parseNumber(cell, ',') !== undefined
  if (point === comma) return null
  return point ? '.' : ','
}

/** `00501`, but not `0` or `0.5`: digits that name something. Also numbers too long to be exact. */
export function isDigitCode(cell: string): boolean {
  return /^(?:0\d+|[1-9]\d{15,})$/.test(cell)
}

/** Without unit, thousands spaces, typographic or trailing minus and the brackets of accountants. */
function bareNumber(cell: string): string {
  const whole = /\d$/.test(cell) ? cell : cell.replace(WHOLE_PRICE, '')
  const signed = withPowers(whole)
    .replace(/^[\u2212\u2013]/, '-')
    .replace(/^(\d[\d.,]*)-$/, '-$1')
  const negative = /^\((.*)\)$/.exec(signed)
  const body = (negative ? `-${negative[1]}` : signed).replace(UNIT, '$1')
  return GROUPED_BY_SPACE.test(body) ? body.replace(GROUP_SPACE, '') : body
}

/** `1.2 × 10³`, `1.2x10^-3` as `1.2e3`. */
function withPowers(cell: string): string {
  const found = cell.includes('10') ? POWER.exec(cell) : null
  if (!found) return cell
  const power =
    found[1] ??
    Array.from(found[2]!, (sign) => (sign === '⁻' ? '-' : String(SUPERSCRIPTS.indexOf(sign)))).join('')
  return `${cell.slice(0, found.index)}e${power.replace('−', '-')}`
}

function finite(value: number): number | undefined {
  return Number.isFinite(value) ? value : undefined
}
