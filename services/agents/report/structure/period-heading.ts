import { monthNumber } from './calendar-part.ts'
import type { Granularity } from './row-axis.ts'

/** A time that the heading of a column names. */
export interface Period {
  ms: number
  granularity: Granularity
  /** What else it says: `sales` of `sales 2019`. */
  stem: string
}

const YEAR = '(?<year>(?:18|19|20)\\d\\d)'
const FORMS: readonly [RegExp, Granularity][] = [
  [new RegExp(`^${YEAR}-(?<month>\\d\\d)-(?<day>\\d\\d)$`), 'day'],
  [/^(?<month>\d{1,2})\/(?<day>\d{1,2})\/(?<year>(?:20)?\d\d)$/, 'day'],
  [new RegExp(`^(?<stem>.*?)[\\s_-]*${YEAR}[-_ ]?[mM]?(?<month>0[1-9]|1[0-2])$`), 'month'],
  [new RegExp(`^(?<stem>.*?)[\\s_-]*${YEAR}[-_ ]?[qQ](?<quarter>[1-4])$`), 'quarter'],
  [new RegExp(`^(?<month>0?[1-9]|1[0-2])[./-]${YEAR}$`), 'month'],
  [new RegExp(`^${YEAR}[./](?<month>0[1-9]|1[0-2])$`), 'month'],
  [new RegExp(`^[qQ](?<quarter>[1-4])[-_ ]?${YEAR}$`), 'quarter'],
  [new RegExp(`^(?<word>\\p{L}{3,9})[-_ ]?${YEAR}$`, 'u'), 'month'],
  // `2019`, `X2019`, `FY2019`, `sales 2019`, `2019 [YR2019]`, `2019 sales`.
  [new RegExp(`^(?:[xXyY]|FY|CY)?${YEAR}(?: ?\\[.*\\])?$`), 'year'],
  [new RegExp(`^(?<stem>.*\\D)[\\s_-]*${YEAR}$`), 'year'],
  [new RegExp(`^${YEAR}[\\s_-]+(?<stem>\\D+)$`), 'year'],
]
const CENTURY = 2000

/** The time a heading names; undefined for other headings. Pure. */
export function periodHeading(heading: string): Period | undefined {
  const name = heading.trim()
  for (const [form, granularity] of FORMS) {
    const found = form.exec(name)?.groups
    if (!found) continue
    const month = found.word === undefined ? Number(found.month ?? 1) : monthNumber(found.word)
    if (month === undefined) continue
    const written = Number(found.year)
    const year = written < 100 ? CENTURY + written : written
    const first = found.quarter === undefined ? month : 3 * Number(found.quarter) - 2
    const ms = Date.UTC(year, first - 1, Number(found.day ?? 1))
    const stem = (found.stem ?? '').replace(/^[\s_-]+|[\s_-]+$/g, '')
    if (new Date(ms).getUTCMonth() === first - 1) return { ms, granularity, stem }
  }
  return undefined
}
