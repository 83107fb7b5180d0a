import type { Instant } from './instant.ts'

const YEAR = "'?([12]\\d{3}|\\d{2})"
const FOUR = '([12]\\d{3})'
/** `2021-Q1`, `Q1 2021`, `1Q21`, `Q1 FY21`, `1. Quartal 2021`, `1st quarter 2021`, `T1 2021`. */
const QUARTERS = [
  new RegExp(`^${FOUR}[ -/]?[QT]([1-4])$`, 'i'),
  new RegExp(`^([1-4])[QT][ -/]?${YEAR}$`, 'i'),
  new RegExp(`^[QT]([1-4])[ -/]?(?:FY ?)?${YEAR}$`, 'i'),
  new RegExp(
    `^([1-4])(?:\\.|st|nd|rd|th|er|e|º|°)? ?(?:quarter|quartal|qtr|trimestre|trim\\.?|kwartał|кв\\.?)[ ,/-]*(?:of |de |del )?${YEAR}$`,
    'i',
  ),
  new RegExp(`^${FOUR} ?(?:quarter|quartal|qtr) ?([1-4])$`, 'i'),
]
/** `H1 2021`, `2021H1`, `1H21`, `2021-S1`, `1. Halbjahr 2021`. */
const HALVES = [
  new RegExp(`^${FOUR}[ -/]?[HS]([12])$`, 'i'),
  new RegExp(`^([12])H[ -/]?${YEAR}$`, 'i'),
  new RegExp(`^[HS]([12])[ -/]?(?:FY ?)?${YEAR}$`, 'i'),
  new RegExp(
    `^([12])(?:\\.|st|nd|er|º)? ?(?:half|halbjahr|semestre|semester|hj)[ ,/-]*(?:of |de |del )?${YEAR}$`,
    'i',
  ),
]
/** `2021-W04`, `2021W04-1`, `W04 2021`, `KW 4/2021`, `2021 week 4`. */
const WEEK_WORD = '(?:W|KW|CW|WK|week|woche|semaine|semana|uge|vecka)'
const WEEKS = [
  new RegExp(`^${FOUR}[ -/]?${WEEK_WORD}[ .-]?(\\d{1,2})(?:-?([1-7]))?$`, 'i'),
  new RegExp(`^${WEEK_WORD}[ .-]?(\\d{1,2})[ ,./-]{1,2}${FOUR}$`, 'i'),
]
/** `FY2020`, `2020/21`, `FY 2020/21`: the year in which it begins. */
const FISCAL_YEAR =
  /^(?:FY ?'?([12]\d{3}|\d{2})|(?:FY ?)?([12]\d{3})[-/–](\d{2}|[12]\d{3})|FY ?(\d{2})[-/–](\d{2}))$/i
const DAY_MS = 86_400_000

/** Shapes of all periods that a reader of this file knows. */
export const PERIOD_SHAPES = {
  quarter: anyOf(QUARTERS),
  half: anyOf(HALVES),
  week: anyOf(WEEKS),
  fiscal: FISCAL_YEAR,
} as const

/** The first day of a quarter. Pure. */
export function readQuarter(cell: string): Instant | undefined {
  const found = numbersOf(cell, QUARTERS)
  return found && { ms: Date.UTC(found.year, (found.part - 1) * 3, 1), granularity: 'quarter' }
}

/** The first day of a half-year; told to the month. Pure. */
export function readHalfYear(cell: string): Instant | undefined {
  const found = numbersOf(cell, HALVES)
  return found && { ms: Date.UTC(found.year, (found.part - 1) * 6, 1), granularity: 'month' }
}

/** 1 January of the year in which a fiscal year or a season begins. Pure. */
export function readFiscalYear(cell: string): Instant | undefined {
  const [, named, from, to, short, shortTo] = FISCAL_YEAR.exec(cell) ?? []
  if (named !== undefined) return { ms: Date.UTC(yearOf(named), 0, 1), granularity: 'year' }
  const [first, last] = [from ?? short, to ?? shortTo]
  if (first === undefined || (Number(first) + 1) % 100 !== Number(last) % 100) return undefined
  return { ms: Date.UTC(yearOf(first), 0, 1), granularity: 'year' }
}

/** The Monday of an ISO week, or the day of it that is named. Pure. */
export function readWeek(cell: string): Instant | undefined {
  const found = numbersOf(cell, WEEKS)
  if (!found) return undefined
  const ms = isoWeekMs(found.year, found.part)
  if (ms === undefined) return undefined
  const day = /W\d{2}-?([1-7])$/i.exec(cell)?.[1]
  return { ms: ms + (Number(day ?? 1) - 1) * DAY_MS, granularity: day === undefined ? 'week' : 'day' }
}

/** The Monday of a week of ISO 8601; undefined where the year has no such week. Pure. */
export function isoWeekMs(year: number, week: number): number | undefined {
  if (!Number.isInteger(week) || week < 1 || week > weeksOf(year)) return undefined
  return firstMonday(year) + (week - 1) * 7 * DAY_MS
}

/** Two digits are of 1969 to 2068, as POSIX has it. Pure. */
export function yearOf(text: string): number {
  const year = Number(text)
  if (text.length > 2) return year
  return year + (year < 69 ? 2000 : 1900)
}

/** Year and part, whichever stands first: years have four digits or stand last. */
function numbersOf(cell: string, shapes: readonly RegExp[]): { year: number; part: number } | undefined {
  for (const shape of shapes) {
    const [, first, second] = shape.exec(cell) ?? []
    if (first === undefined || second === undefined) continue
    return first.length === 4
      ? { year: Number(first), part: Number(second) }
      : { year: yearOf(second), part: Number(first) }
  }
  return undefined
}

/** Week 1 is the one with 4 January. */
function firstMonday(year: number): number {
  const fourth = Date.UTC(year, 0, 4)
  return fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * DAY_MS
}

function weeksOf(year: number): number {
  return Math.round((firstMonday(year + 1) - firstMonday(year)) / (7 * DAY_MS))
}

function anyOf(shapes: readonly RegExp[]): RegExp {
  return new RegExp(shapes.map(({ source }) => source).join('|'), 'i')
}
