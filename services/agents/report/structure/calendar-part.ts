import { monthOf } from './month-names.ts'
import { nameTokens } from './name-tokens.ts'

/** A part of a date that a column of its own can hold. */
export type CalendarPart = 'quarter' | 'month' | 'week' | 'weekday' | 'day' | 'hour' | 'minute'

const RANGES: Record<CalendarPart, readonly [low: number, high: number]> = {
  quarter: [1, 4],
  month: [1, 12],
  week: [0, 53],
  weekday: [0, 7],
  // Day of the month or of the year.
  day: [1, 366],
  hour: [0, 24],
  minute: [0, 59],
}

/** The last word of the name, or all of it. */
const NAMES: readonly [RegExp, CalendarPart][] = [
  [/^(quarter|qtr|quartal|trimester|trimestre)$/, 'quarter'],
  [/^(month|months|mnth|mon|monat|mois|mes|maand)$/, 'month'],
  [/^(week|weeknumber|weeknum|weekno|woche|kw|semaine|semana|isoweek)$/, 'week'],
  [/^(weekday|dayofweek|dow|wochentag|jour)$/, 'weekday'],
  [/^(day|dayofmonth|dayofyear|doy|tag|dia)$/, 'day'],
  [/^(hour|hours|hr|stunde|heure|hora)$/, 'hour'],
  [/^(minute|min|mins)$/, 'minute'],
]

/** What part of a date a name says its column holds: `month`, `Order Month`, `day_of_week`. Pure. */
export function namedCalendarPart(name: string): CalendarPart | undefined {
  const tokens = nameTokens(name)
  // `months since start` and `temperature of the day` are measures: one word more at most.
  if (tokens.length > 2 && tokens[1] !== 'of') return undefined
  const joined = tokens.join('')
  const last = tokens.at(-1) ?? ''
  const whole = NAMES.find(([pattern]) => pattern.test(joined))
  const found = whole ?? NAMES.find(([pattern, part]) => part !== 'minute' && pattern.test(last))
  return found?.[1]
}

/** Whether whole numbers can be this part of a date. Pure. */
export function isCalendarRange(part: CalendarPart, { min, max }: { min: number; max: number }): boolean {
  const [low, high] = RANGES[part]
  return min >= low && max <= high
}

const LANGUAGES = ['en', 'de', 'fr', 'es', 'it', 'nl', 'pt'] as const
/** A Monday. */
const FIRST_WEEKDAY_MS = Date.UTC(2024, 0, 1)
const DAY_MS = 86_400_000
const WEEKDAYS = weekdayNumbers()

function weekdayNumbers(): Map<string, number> {
  const found = new Map<string, number>()
  for (const language of LANGUAGES) {
    for (const weekday of ['long', 'short'] as const) {
      const format = new Intl.DateTimeFormat(language, { weekday, timeZone: 'UTC' })
      for (let i = 0; i < 7; i++) {
        const word = plainWord(format.format(FIRST_WEEKDAY_MS + i * DAY_MS))
        if (!found.has(word)) found.set(word, i + 1)
      }
    }
  }
  // Spellings beside those of Intl.
  const others = { tues: 2, wednes: 3, thur: 4, thurs: 4 }
  for (const [word, number] of Object.entries(others)) found.set(word, number)
  return found
}

function plainWord(text: string): string {
  return text.toLowerCase().replace(/[.\s]/g, '')
}

/** 1 to 12 for `Jan`, `January`, `Januar` … or `07`; undefined for other words. Pure. */
export function monthNumber(value: unknown): number | undefined {
  if (typeof value === 'number')
    return Number.isInteger(value) && value >= 1 && value <= 12 ? value : undefined
  if (typeof value !== 'string') return undefined
  if (/^(0?[1-9]|1[0-2])$/.test(value.trim())) return Number(value)
  return monthOf(plainWord(value))
}

/** 1 (Monday) to 7 for the name of a weekday. Pure. */
export function weekdayNumber(value: unknown): number | undefined {
  return typeof value === 'string' ? WEEKDAYS.get(plainWord(value)) : undefined
}

/** 1 to 4 for `Q3`, `3` or 3. Pure. */
export function quarterNumber(value: unknown): number | undefined {
  const found = /^q?\s?([1-4])$/i.exec(String(value).trim())
  return found ? Number(found[1]) : undefined
}
