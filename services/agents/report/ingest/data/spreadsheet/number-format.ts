/** What a number in a sheet stands for, by its format. */
export type NumberFormat =
  | { kind: 'number' }
  | { kind: 'percent' }
  | { kind: 'currency'; sign: string }
  | { kind: 'date' | 'time' | 'elapsed' }

const NUMBER: NumberFormat = { kind: 'number' }
const DATE: NumberFormat = { kind: 'date' }
const TIME: NumberFormat = { kind: 'time' }
const SECONDS_PER_DAY = 86_400
/** Numbers of formats that every workbook has (ECMA-376 part 1, §18.8.30); those of dates in East Asian versions too. */
const BUILT_IN: Record<number, NumberFormat> = {
  9: { kind: 'percent' },
  10: { kind: 'percent' },
  14: DATE,
  15: DATE,
  16: DATE,
  17: DATE,
  18: TIME,
  19: TIME,
  20: TIME,
  21: TIME,
  22: DATE,
  45: TIME,
  46: { kind: 'elapsed' },
  47: TIME,
}
const EAST_ASIAN_DATES = [27, 28, 29, 30, 31, 34, 35, 36, 50, 51, 52, 53, 54, 57, 58]

/** The format of a built-in number. Pure. */
export function builtInFormat(id: number): NumberFormat {
  return BUILT_IN[id] ?? (EAST_ASIAN_DATES.includes(id) ? DATE : NUMBER)
}

/** The format of a code such as `0.0%`, `dd/mm/yyyy` or `#,##0 [$€-407]`; of several sections the first counts. Pure. */
export function parseNumberFormat(code: string): NumberFormat {
  const section = code.split(';', 1)[0] ?? ''
  const currency =
    /\[\$([^\]-]{1,5})(?:-[^\]]*)?\]/.exec(section)?.[1] ?? /["\\]?([$€£¥₹₩])["\\]?/.exec(section)?.[1]
  if (/\[(?:h+|m+|s+)\]/i.test(section)) return { kind: 'elapsed' }
  // What is in quotes, escaped, a colour, a condition or a locale is no part of the pattern.
  const bare = section.replace(/"[^"]*"|\\.|\[[^\]]*\]|_.|\*./g, '')
  if (bare.includes('%')) return { kind: 'percent' }
  if (/[yd]|e{2}/i.test(bare) || /m{3}/i.test(bare)) return DATE
  if (/[hs]/i.test(bare)) return TIME
  return currency !== undefined ? { kind: 'currency', sign: currency } : NUMBER
}

/**
 * A number as people would write it: `4.5%`, `12.5 €`, `2024-01-31`, `12:30:00`. Days count from 30 December 1899, or from
 * 1 January 1904 where the workbook says so. Pure.
 */
export function formattedNumber(raw: string, format: NumberFormat, { is1904 }: { is1904: boolean }): string {
  const value = Number(raw)
  if (raw.trim() === '' || !Number.isFinite(value)) return raw
  switch (format.kind) {
    case 'percent':
      return `${withoutNoise(value * 100)}%`
    case 'currency':
      return `${unmistakable(raw)} ${format.sign}`
    case 'date':
      return dateText(value, is1904) ?? raw
    case 'time':
      return value < 1 ? timeText(value) : (dateText(value, is1904) ?? raw)
    case 'elapsed':
      return elapsedText(value)
    case 'number':
      return unmistakable(raw)
  }
}

/** `1.125` as `1.1250`: among texts the point of the first could part thousands. Pure. */
export function unmistakable(raw: string): string {
  return /^-?[1-9]\d{0,2}\.\d{3}$/.test(raw) ? `${raw}0` : raw
}

/** 15 digits are what a double keeps of a decimal number: 0.07 × 100 is 7. */
function withoutNoise(value: number): string {
  return String(Number(value.toPrecision(15)))
}

const MS_PER_DAY = SECONDS_PER_DAY * 1000
const EPOCH_1900_MS = Date.UTC(1899, 11, 30)
const EPOCH_1904_MS = Date.UTC(1904, 0, 1)
/** The day that was none: Excel holds 1900 for a leap year, so days before 1 March 1900 are one off. */
const FIRST_OF_MARCH_1900 = 60
/** 31 December 9999. */
const LAST_DAY = 2_958_466

function dateText(days: number, is1904: boolean): string | undefined {
  if (days < 0 || days >= LAST_DAY) return undefined
  const epoch = is1904 ? EPOCH_1904_MS : EPOCH_1900_MS
  const shift = !is1904 && days < FIRST_OF_MARCH_1900 ? 1 : 0
  const ms = epoch + Math.round((days + shift) * SECONDS_PER_DAY) * 1000
  const iso = new Date(ms).toISOString()
  return ms % MS_PER_DAY === 0 ? iso.slice(0, 10) : iso.slice(0, 19)
}

function timeText(days: number): string {
  return new Date(Math.round(days * SECONDS_PER_DAY) * 1000).toISOString().slice(11, 19)
}

function elapsedText(days: number): string {
  const seconds = Math.round(days * SECONDS_PER_DAY)
  const two = (part: number) => String(part).padStart(2, '0')
  return `${Math.trunc(seconds / 3600)}:${two(Math.abs(Math.trunc(seconds / 60)) % 60)}:${two(Math.abs(seconds) % 60)}`
}
