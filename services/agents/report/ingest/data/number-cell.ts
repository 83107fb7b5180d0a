/** Which sign separates decimals: `3.14` and `1,234.5`, or `3,14` and `1.234,5`. */
export type DecimalSign = '.' | ','

const PLAIN = /^-?(?:0|[1-9]\d{0,14})(?:\.\d+)?$/
const WITH_POINT =
  /^[+-]?(?:\d{1,15}|[1-9]\d{0,2}(?:,\d{3})+|[1-9]\d?(?:,\d{2})+,\d{3})?(?:\.\d*)?(?:[eE][+-]?\d{1,3})?$/
const WITH_COMMA = /^[+-]?(?:\d{1,15}|[1-9]\d{0,2}(?:\.\d{3})+)?(?:,\d*)?(?:[eE][+-]?\d{1,3})?$/
const UNIT = /^([+-]?)\s*(?:(?:USD|EUR|GBP|CHF)\s*|[$€£¥₹₩]\s?)|\s*(?:[%‰$€£¥₹₩]|USD|EUR|GBP|CHF)$/g
const GROUPED_BY_SPACE = /^[+-]?[1-9]\d{0,2}(?:[ \u00a0\u2009\u202f'’]\d{3})+(?![\d ])/
const GROUP_SPACE = /[ \u00a0\u2009\u202f'’]/g
const MAX_CHARACTERS = 40
/** `12,-` and `5.–`: no cents. */
const WHOLE_PRICE = /(?<=\d)[.,][-–—]{1,2}$/
const POWER = /(?<=\d)\s?[×x·*]\s?10(?:\^([+\-−]?\d{1,3})|(⁻?[⁰¹²³⁴⁵⁶⁷⁸⁹]{1,3}))$/
const SUPERSCRIPTS = '⁰¹²³⁴⁵⁶⁷⁸⁹'

/** A cell as a number, or undefined. Percent and currency signs are dropped: `4 %` is 4. Pure. */
export function parseNumber(cell: string, decimal: DecimalSign): number | undefined {
  if (decimal === '.' && PLAIN.test(cell)) return finite(Number(cell))
  if (cell.length > MAX_CHARACTERS || !/\d/.test(cell)) return undefined
  const bare = bareNumber(cell)
  if (decimal === '.') return WITH_POINT.test(bare) ? finite(Number(bare.replaceAll(',', ''))) : undefined
  return WITH_COMMA.test(bare) ? finite(Number(bare.replaceAll('.', '').replace(',', '.'))) : undefined
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
