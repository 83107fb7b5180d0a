import { weekdayNumber } from '../../structure/calendar-part.ts'
import { monthOf } from '../../structure/month-names.ts'
import type { Granularity, Instant } from './instant.ts'
import { isoInstant } from './iso-instant.ts'
import { PERIOD_SHAPES, readFiscalYear, readHalfYear, readQuarter, readWeek, yearOf } from './period-cell.ts'
import { ZONE_PATTERN, zoneMs } from './time-zone.ts'

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

type Part = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'half' | 'zone'
type Parts = Partial<Record<Part, string>>

const MAX_CHARACTERS = 45
/** Letters lie above it. */
const DIGIT_NINE = 57
const CLOCK =
  '(?<hour>\\d{1,2})[:.h](?<minute>\\d{2})(?:[:.](?<second>\\d{2}(?:[.,]\\d{1,9})?))?\\s?(?:(?<half>[aApP]\\.?[mM]\\.?)|Uhr|h)?'
const TIME = `(?:(?:[T _]|, ?| at | um | à )\\s?${CLOCK}\\s?${ZONE_PATTERN})?`
const YEAR = '(?<year>[12]\\d{3})'
/** `3-1450` is a range. */
const NEAR_YEAR = '(?<year>18\\d{2}|19\\d{2}|20\\d{2}|21\\d{2})'
/** Two digits are of 1969 to 2068, as POSIX has it. */
const SHORT_YEAR = '(?<year>[12]\\d{3}|\\d{2})'
const DAY = '(?<day>\\d{1,2})'
const MONTH = '(?<month>\\d{1,2})'
const ORDINAL = '(?:st|nd|rd|th|er|º|\\.)?'
const OF = '(?:of |de |del |di )?'
const WORD = '(?<month>[\\p{L}]{3,12}\\.?)'
const WEEKDAY = '(?:[\\p{L}]{2,10}\\.?,? )?'
/** `1.2.13` is a version: a short year after points asks for two digits everywhere. */
const POINTED = `${DAY}\\.\\s?${MONTH}\\.\\s?${YEAR}`
const TWO = (part: 'year' | 'month' | 'day') => `(?<${part}>\\d{2})`

export const TEMPORAL_FORMATS: readonly TemporalFormat[] = [
  quickly(written('ISO 8601', `${YEAR}-${MONTH}(?:-${DAY}${TIME})?`), isoInstant),
  written('YYYY/MM/DD', `${YEAR}/${MONTH}(?:/${DAY}${TIME})?`),
  written('YYYY.MM.DD', `${YEAR}\\.${MONTH}\\.${DAY}${TIME}`),
  written('YYYY年MM月DD日', `${YEAR}[年년] ?${MONTH}[月월](?: ?${DAY}[日일])?`),
  written('DD.MM.YYYY', `${POINTED}${TIME}`),
  unclear('DD.MM.YY', `${TWO('day')}\\.${TWO('month')}\\.${TWO('year')}${TIME}`),
  written(
    'YYYYMMDDThhmmss',
    `${YEAR}${TWO('month')}${TWO('day')}T(?<hour>\\d{2})(?<minute>\\d{2})(?<second>\\d{2})?${ZONE_PATTERN}`,
  ),
  written(
    'YYYY-MM-DD_hh-mm-ss',
    `${YEAR}-${MONTH}-${DAY}[_T ](?<hour>\\d{2})-(?<minute>\\d{2})(?:-(?<second>\\d{2}))?`,
  ),
  written('DD/month/YYYY:hh:mm:ss', `${DAY}/${WORD}/${YEAR}:${CLOCK} ${ZONE_PATTERN}`),
  unclear('MM/DD/YYYY', `${MONTH}/${DAY}/${SHORT_YEAR}${TIME}`),
  unclear('DD/MM/YYYY', `${DAY}/${MONTH}/${SHORT_YEAR}${TIME}`),
  unclear('MM-DD-YYYY', `(?:${MONTH}-${DAY}-${YEAR}|(?<month>\\d{2})-(?<day>\\d{2})-(?<year>\\d{2}))${TIME}`),
  unclear('DD-MM-YYYY', `(?:${DAY}-${MONTH}-${YEAR}|(?<day>\\d{2})-(?<month>\\d{2})-(?<year>\\d{2}))${TIME}`),
  unclear('YY-MM-DD', `${TWO('year')}(?<sign>[-/.])${TWO('month')}\\k<sign>${TWO('day')}${TIME}`),
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
  written('MM-YYYY', `${MONTH}-${NEAR_YEAR}`),
  written('YYYYMmm', `${YEAR}[- ]?[Mm](?<month>\\d{1,2})`),
  reader('quarter', PERIOD_SHAPES.quarter, readQuarter),
  reader('half-year', PERIOD_SHAPES.half, readHalfYear),
  reader('ISO week', PERIOD_SHAPES.week, readWeek),
  reader('fiscal year', PERIOD_SHAPES.fiscal, readFiscalYear),
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

/** A format of years and months by a pattern with groups of these names, which leaves no doubt. Pure. */
export function monthFormat(name: string, pattern: string): TemporalFormat {
  return written(name, pattern)
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
    if (ms === undefined) return undefined
    return {
      ms,
      granularity: granularityOf(groups),
      ...(groups.zone !== undefined && { zoneMs: zoneMs(groups.zone) }),
      ...(groups.year!.length === 2 && { hasShortYear: true }),
    }
  })
}

function reader(name: string, shape: RegExp, read: (cell: string) => Instant | undefined): TemporalFormat {
  const bounded = (cell: string) => {
    if (cell.length > MAX_CHARACTERS) return undefined
    const found = read(cell)
    if (found) return found
    // `mar` is a Tuesday in French, and March before a year.
    const rest = withoutWeekday(cell)
    return rest === cell ? undefined : read(rest)
  }
  return {
    name,
    read: bounded,
    parse: (cell) => bounded(cell)?.ms,
    looksLike: (cell) =>
      cell.length <= MAX_CHARACTERS && (shape.test(cell) || shape.test(withoutWeekday(cell))),
    isClear: true,
  }
}

/** Asks another reader first, which gives the same or nothing. */
function quickly(format: TemporalFormat, first: (cell: string) => Instant | undefined): TemporalFormat {
  const read = (cell: string) => first(cell) ?? format.read(cell)
  return { ...format, read, parse: (cell) => read(cell)?.ms }
}

/** `Mon, 3 Jan 2022`, `2022-01-03 (Mon)`: the day of the week says nothing that the date does not. */
function withoutWeekday(cell: string): string {
  const first = cell.charCodeAt(0)
  const before = first > DIGIT_NINE ? /^(\p{L}{2,12})\.?,?\s+(?=\S)/u.exec(cell) : null
  if (before && weekdayNumber(before[1]) !== undefined) return cell.slice(before[0].length)
  const behind = /[)）]$/.test(cell) ? /\s?[(（](\p{L}{1,12})\.?[)）]$/u.exec(cell) : null
  const isDay =
    behind && (weekdayNumber(behind[1]) !== undefined || /^[月火水木金土日월화수목금토일]$/.test(behind[1]!))
  return isDay ? cell.slice(0, behind.index) : cell
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
  // The end of a day, in ISO 8601.
  if (hour === 24 && Number(part.minute) === 0 && secondsOf(part.second) === 0)
    return date + hour * 3_600_000 - zoneMs(part.zone)
  const [minute, second] = [Number(part.minute), secondsOf(part.second)]
  if (hour === undefined || hour > 23 || minute > 59 || second >= 61) return undefined
  return date + hour * 3_600_000 + minute * 60_000 + Math.trunc(second * 1000) - zoneMs(part.zone)
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
