import { nameTokens } from '../../structure/name-tokens.ts'
import { isoWeekMs } from './period-cell.ts'
import { type NumericTime, yearTimeOf } from './year-time.ts'

export type { NumericTime }

const DAY_MS = 86_400_000
const TIME_NAME =
  /(?:^|[\s_-])(?:date|datum|day|time|timestamp|ts|epoch|unix|created|updated|modified|when|at|fecha|data|zeit)(?:$|[\s_-])|(?:Date|Time|Timestamp|At)$/i
/** 1 January 2000 to 2050: what devices and services write down. Seconds. */
const EPOCH_S = { from: 946_684_800, to: 2_524_608_000 } as const
/** Excel counts days from 30 December 1899: 1954 to 2064. */
const SERIAL = { from: 20_000, to: 60_000, zeroMs: Date.UTC(1899, 11, 30) } as const
const DATE_NAME = /(?:^|[\s_-])(?:date|datum|fecha|datetime)(?:$|[\s_-])|(?:Date|Datum)$/i
const MONTH_NAME = /yyyy-?mm$|(?:^|[\s_-])(?:month|monat|period|ym|date|datum|mois|mes)(?:$|[\s_-])/i
const WEEK_NAME = /week|^kw$|^cw$|woche|^yw$|yyyyww/
const MIN_VALUES = 3
/** Under a name that says so, the rest are slips. */
const MIN_FIT = 0.9

/**
 * Whether the numbers of a column are days as `yyyymmdd`, or by the name and the range months as `yyyymm`, times as
 * `yyyymmddhhmmss`, years and their parts, Unix seconds or milliseconds, or days as spreadsheets count them. Of a value that is none, `toMs` gives NaN. Pure.
 */
export function numericTimeOf(name: string, values: readonly number[]): NumericTime | undefined {
  if (values.length < MIN_VALUES) return undefined
  const fitting = values.filter((value) => compactDayMs(value) !== undefined).length
  const isNamed = TIME_NAME.test(name)
  if (fitting === values.length || (isNamed && fitting >= MIN_FIT * values.length))
    return { name: 'yyyymmdd', toMs: (value) => compactDayMs(value) ?? Number.NaN, granularity: 'day' }
  if (MONTH_NAME.test(name) && values.every((value) => compactMonthMs(value) !== undefined))
    return { name: 'yyyymm', toMs: (value) => compactMonthMs(value) ?? Number.NaN, granularity: 'month' }
  const years = yearTimeOf(name, values)
  if (years) return years
  const isWeek = nameTokens(name).some((token) => WEEK_NAME.test(token))
  if (isWeek && values.every((value) => compactWeekMs(value) !== undefined))
    return { name: 'yyyyww', toMs: (value) => compactWeekMs(value) ?? Number.NaN, granularity: 'week' }
  if (!isNamed) return undefined
  if (values.every((value) => compactTimeMs(value) !== undefined))
    return {
      name: 'yyyymmddhhmmss',
      toMs: (value) => compactTimeMs(value) ?? Number.NaN,
      granularity: 'time',
    }
  return countedTimeOf(name, values)
}

/** Counts since a day zero. */
function countedTimeOf(name: string, values: readonly number[]): NumericTime | undefined {
  const within = (from: number, to: number) => values.every((value) => value >= from && value <= to)
  if (within(EPOCH_S.from, EPOCH_S.to))
    return { name: 'Unix seconds', toMs: (value) => Math.round(value * 1000), ...fine(values, 86_400) }
  if (within(EPOCH_S.from * 1000, EPOCH_S.to * 1000) && values.every(Number.isInteger))
    return { name: 'Unix milliseconds', toMs: (value) => value, ...fine(values, DAY_MS) }
  // Days of a spreadsheet differ; a price of 25,000 that comes again does not.
  if (within(SERIAL.from, SERIAL.to) && (DATE_NAME.test(name) || new Set(values).size > values.length / 2))
    return {
      name: 'days as spreadsheets count them',
      toMs: (value) => Math.round(SERIAL.zeroMs + value * DAY_MS),
      ...fine(values, 1),
    }
  return undefined
}

function fine(values: readonly number[], dayUnits: number): Pick<NumericTime, 'granularity'> {
  return { granularity: values.every((value) => value % dayUnits === 0) ? 'day' : 'time' }
}

/** 20240229, from 1900 to 2100. */
function compactDayMs(value: number): number | undefined {
  if (!Number.isInteger(value) || value < 19_000_101 || value > 21_001_231) return undefined
  const [year, month, day] = [Math.floor(value / 10_000), Math.floor(value / 100) % 100, value % 100]
  const ms = Date.UTC(year, month - 1, day)
  return month >= 1 && new Date(ms).getUTCMonth() === month - 1 && new Date(ms).getUTCDate() === day
    ? ms
    : undefined
}

/** 202402. */
function compactMonthMs(value: number): number | undefined {
  return Number.isInteger(value) && value < 210_100 ? compactDayMs(value * 100 + 1) : undefined
}

/** 202404, the fourth week of ISO 8601. */
function compactWeekMs(value: number): number | undefined {
  const year = Math.floor(value / 100)
  return Number.isInteger(value) && year >= 1900 && year <= 2100 ? isoWeekMs(year, value % 100) : undefined
}

/** 20240229103000. */
function compactTimeMs(value: number): number | undefined {
  const day = compactDayMs(Math.floor(value / 1_000_000))
  const [hour, minute, second] = [
    Math.floor(value / 10_000) % 100,
    Math.floor(value / 100) % 100,
    value % 100,
  ]
  if (day === undefined || hour > 23 || minute > 59 || second > 59) return undefined
  return day + hour * 3_600_000 + minute * 60_000 + second * 1000
}
