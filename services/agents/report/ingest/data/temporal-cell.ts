import { type Granularity, type Instant, isoInstant } from './iso-instant.ts'
import { monthOf } from './month-names.ts'

export type { Granularity, Instant } from './iso-instant.ts'

/** A way to write points in time, one for a whole column. */
export interface TemporalFormat {
  name: string
  parse(cell: string): number | undefined
  read(cell: string): Instant | undefined
  /** It is written like one, though there may be no such day. */
  looksLike(cell: string): boolean
  /** It cannot be mistaken for another, as days and months in numbers can. */
  isClear: boolean
}

const QUARTER =
  /^(?:([12]\d{3})[ -]?Q([1-4])|Q([1-4])[ -/]?'?([12]\d{3}|\d{2})|([1-4])Q[ -/]?'?([12]\d{3}|\d{2}))$/i
/** `FY2020`, `2020/21`: the year in which it begins. */
const FISCAL_YEAR = /^(?:FY ?'?([12]\d{3}|\d{2})|([12]\d{3})[-/–](\d{2}|[12]\d{3}))$/i

type Part = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'half' | 'zone'
type Parts = Partial<Record<Part, string>>

const MAX_CHARACTERS = 45
const CLOCK =
  '(?<hour>\\d{1,2}):(?<minute>\\d{2})(?::(?<second>\\d{2}(?:[.,]\\d{1,9})?))?\\s?(?<half>[aApP]\\.?[mM]\\.?)?'
const ZONE = '(?<zone>Z|UTC|GMT|(?:GMT|UTC)?[+-]\\d{2}(?::?\\d{2})?)?(?: \\([^)]{1,20}\\))?'
const TIME = `(?:(?:[T ]|, ?| at )\\s?${CLOCK}\\s?${ZONE})?`
const YEAR = '(?<year>[12]\\d{3})'
/** Two digits are of 1969 to 2068, as POSIX has it. */
const SHORT_YEAR = '(?<year>[12]\\d{3}|\\d{2})'
const DAY = '(?<day>\\d{1,2})'
const MONTH = '(?<month>\\d{1,2})'
const ORDINAL = '(?:st|nd|rd|th|er|º|\\.)?'
const OF = '(?:of |de |del |di )?'
const WORD = '(?<month>[\\p{L}]{3,10}\\.?)'
const WEEKDAY = '(?:[\\p{L}]{2,10}\\.?,? )?'
/** `1.2.13` is a version: a short year after points asks for two digits everywhere. */
const POINTED = `(?:${DAY}\\.\\s?${MONTH}\\.\\s?${YEAR}|(?<day>\\d{2})\\.(?<month>\\d{2})\\.(?<year>\\d{2}))`

export const TEMPORAL_FORMATS: readonly TemporalFormat[] = [
  quickly(written('ISO 8601', `${YEAR}-${MONTH}(?:-${DAY}${TIME})?`), isoInstant),
  written('YYYY/MM/DD', `${YEAR}/${MONTH}(?:/${DAY}${TIME})?`),
  written('YYYY.MM.DD', `${YEAR}\\.${MONTH}\\.${DAY}${TIME}`),
  written('YYYY年MM月DD日', `${YEAR}年${MONTH}月(?:${DAY}日)?`),
  written('DD.MM.YYYY', `${POINTED}${TIME}`),
  unclear('MM/DD/YYYY', `${MONTH}/${DAY}/${SHORT_YEAR}${TIME}`),
  unclear('DD/MM/YYYY', `${DAY}/${MONTH}/${SHORT_YEAR}${TIME}`),
  unclear('MM-DD-YYYY', `(?:${MONTH}-${DAY}-${YEAR}|(?<month>\\d{2})-(?<day>\\d{2})-(?<year>\\d{2}))${TIME}`),
  unclear('DD-MM-YYYY', `(?:${DAY}-${MONTH}-${YEAR}|(?<day>\\d{2})-(?<month>\\d{2})-(?<year>\\d{2}))${TIME}`),
  written(
    'DD month YYYY',
    `${WEEKDAY}${DAY}${ORDINAL}[- /]?\\s?${OF}${WORD}[- /,]?\\s?${OF}${SHORT_YEAR}${TIME}`,
  ),
  written('month DD, YYYY', `${WEEKDAY}${WORD}[- ]\\s?${DAY}${ORDINAL},?[- ]\\s?${YEAR}${TIME}`),
  written('month DD time YYYY', `${WEEKDAY}${WORD} \\s?${DAY} ${CLOCK} (?:[A-Z]{3,4} )?${YEAR}`),
  written('month YYYY', `${WORD}[-, ]\\s?${OF}${YEAR}`),
  written('month YY', `${WORD}[-'’ ](?<year>\\d{2})`),
  written('YYYY month', `${YEAR}[- ]?${WORD}(?:[- ]${DAY})?`),
  written('MM/YYYY', `${MONTH}/${YEAR}`),
  written('YYYYMmm', `${YEAR}M(?<month>\\d{2})`),
  reader('quarter', QUARTER, readQuarter),
  reader('ISO week', /^[12]\d{3}[- ]?W\d{1,2}(?:-?[1-7])?$/i, readWeek),
  reader('fiscal year', FISCAL_YEAR, readFiscalYear),
]

const YEAR_NAME =
  /(?:^|[\s_-])(?:year|yr|jahr|année|annee|año|anno|jaar|år|rok|fy)(?:\s?\([^)]*\))?$|[a-z]Year$/iu

/** Whether plain numbers under this name are years. */
export function namesYears(name: string): boolean {
  return YEAR_NAME.test(name.trim())
}

/** 1 January of a year between 1500 and 2200. Pure. */
export function yearMs(value: number): number | undefined {
  return Number.isInteger(value) && value >= 1500 && value <= 2200 ? Date.UTC(value, 0, 1) : undefined
}

/**
 * The format that fits most of the sample. Days and months that could be either give none: a guess would move every date. Pure.
 */
export function temporalFormatOf(sample: readonly string[]): { format?: TemporalFormat; ambiguous: boolean } {
  const fits = TEMPORAL_FORMATS.map((format) => ({
    format,
    count: sample.reduce((sum, cell) => sum + (format.parse(cell) === undefined ? 0 : 1), 0),
  })).sort((a, b) => b.count - a.count)
  const [best] = fits
  if (!best || best.count === 0) return { ambiguous: false }
  // 05/05/2024 is the same day either way; `2010-11` is a month sooner than a season.
  const rivals = fits.filter(({ format, count }) => count === best.count && !format.isClear)
  const differ = rivals.some(({ format }) =>
    sample.some((cell) => format.parse(cell) !== best.format.parse(cell)),
  )
  return !best.format.isClear && differ ? { ambiguous: true } : { format: best.format, ambiguous: false }
}

const COARSEST_FIRST: readonly Granularity[] = ['year', 'quarter', 'month', 'week', 'day', 'time']

/** The finest of some; times that are all midnight are days. Pure. */
export function finestOf(instants: Iterable<Instant>): Granularity {
  let finest = 0
  let isMidnight = true
  for (const { ms, granularity } of instants) {
    finest = Math.max(finest, COARSEST_FIRST.indexOf(granularity))
    isMidnight &&= ms % 86_400_000 === 0
  }
  return COARSEST_FIRST[finest] === 'time' && isMidnight ? 'day' : COARSEST_FIRST[finest]!
}

function unclear(name: string, pattern: string): TemporalFormat {
  return { ...written(name, pattern), isClear: false }
}

function written(name: string, pattern: string): TemporalFormat {
  const whole = new RegExp(`^${pattern}$`, 'u')
  return reader(name, whole, (cell) => {
    const groups = whole.exec(cell)?.groups as Parts | undefined
    if (!groups) return undefined
    const ms = instantMs(groups)
    return ms === undefined ? undefined : { ms, granularity: granularityOf(groups) }
  })
}

function reader(name: string, shape: RegExp, read: (cell: string) => Instant | undefined): TemporalFormat {
  const bounded = (cell: string) => (cell.length <= MAX_CHARACTERS ? read(cell) : undefined)
  return {
    name,
    read: bounded,
    parse: (cell) => bounded(cell)?.ms,
    looksLike: (cell) => cell.length <= MAX_CHARACTERS && shape.test(cell),
    isClear: true,
  }
}

/** Asks another reader first, which gives the same or nothing. */
function quickly(format: TemporalFormat, first: (cell: string) => Instant | undefined): TemporalFormat {
  const read = (cell: string) => first(cell) ?? format.read(cell)
  return { ...format, read, parse: (cell) => read(cell)?.ms }
}

function granularityOf({ day, hour }: Parts): Granularity {
  if (hour !== undefined) return 'time'
  return day === undefined ? 'month' : 'day'
}

function instantMs(part: Parts): number | undefined {
  const month = /^\d+$/.test(part.month!) ? Number(part.month) : monthOf(part.month!)
  if (month === undefined) return undefined
  const day = Number(part.day ?? 1)
  const date = Date.UTC(yearOf(part.year!), month - 1, day)
  // Date.UTC lets 31 February run over into March.
  if (new Date(date).getUTCMonth() !== month - 1 || new Date(date).getUTCDate() !== day) return undefined
  if (part.hour === undefined) return date
  const hour = hourOf(Number(part.hour), part.half)
  const [minute, second] = [Number(part.minute), secondsOf(part.second)]
  if (hour === undefined || hour > 23 || minute > 59 || second >= 61) return undefined
  return date + hour * 3_600_000 + minute * 60_000 + Math.trunc(second * 1000) - zoneMs(part.zone)
}

function yearOf(text: string): number {
  const year = Number(text)
  if (text.length > 2) return year
  return year + (year < 69 ? 2000 : 1900)
}

/** 12 AM is midnight. */
function hourOf(hour: number, half: string | undefined): number | undefined {
  if (half === undefined) return hour
  if (hour < 1 || hour > 12) return undefined
  return (hour % 12) + (/^p/i.test(half) ? 12 : 0)
}

function secondsOf(text: string | undefined): number {
  return text === undefined ? 0 : Number(text.replace(',', '.'))
}

function zoneMs(zone: string | undefined): number {
  if (zone === undefined || !/\d/.test(zone)) return 0
  const [, sign, hours, rest] = /([+-])(\d{2}):?(\d{2})?$/.exec(zone) ?? []
  const minutes = Number(hours) * 60 + Number(rest ?? 0)
  return (sign === '-' ? -minutes : minutes) * 60_000
}

function readQuarter(cell: string): Instant | undefined {
  const found = QUARTER.exec(cell)
  if (!found) return undefined
  const year = found[1] ?? found[4] ?? found[6]!
  const quarter = Number(found[2] ?? found[3] ?? found[5])
  return { ms: Date.UTC(yearOf(year), (quarter - 1) * 3, 1), granularity: 'quarter' }
}

function readFiscalYear(cell: string): Instant | undefined {
  const [, named, from, to] = FISCAL_YEAR.exec(cell) ?? []
  if (named !== undefined) return { ms: Date.UTC(yearOf(named), 0, 1), granularity: 'year' }
  if (from === undefined || (Number(from) + 1) % 100 !== Number(to) % 100) return undefined
  return { ms: Date.UTC(Number(from), 0, 1), granularity: 'year' }
}

/** The Monday of an ISO week, or the day of it that is named. */
function readWeek(cell: string): Instant | undefined {
  const found = /^([12]\d{3})[- ]?W(\d{1,2})(?:-?([1-7]))?$/i.exec(cell)
  if (!found) return undefined
  const [year, week] = [Number(found[1]), Number(found[2])]
  if (week < 1 || week > weeksOf(year)) return undefined
  const day = found[3] === undefined ? 1 : Number(found[3])
  const ms = firstMonday(year) + ((week - 1) * 7 + day - 1) * 86_400_000
  return { ms, granularity: found[3] === undefined ? 'week' : 'day' }
}

/** Week 1 is the one with 4 January. */
function firstMonday(year: number): number {
  const fourth = Date.UTC(year, 0, 4)
  return fourth - ((new Date(fourth).getUTCDay() + 6) % 7) * 86_400_000
}

function weeksOf(year: number): number {
  return Math.round((firstMonday(year + 1) - firstMonday(year)) / (7 * 86_400_000))
}
