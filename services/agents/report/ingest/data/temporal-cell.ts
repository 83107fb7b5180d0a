/** A way to write points in time, one for a whole column. */
export interface TemporalFormat {
  name: string
  /** Unix milliseconds; what has no zone counts as UTC. */
  parse(cell: string): number | undefined
}

type Part = 'year' | 'month' | 'day' | 'hour' | 'minute' | 'second' | 'zone'

const TIME =
  '(?:[T ](?<hour>\\d{1,2}):(?<minute>\\d{2})(?::(?<second>\\d{2}(?:[.,]\\d{1,9})?))? ?(?<zone>Z|[+-]\\d{2}:?\\d{2})?)?'
const YEAR = '(?<year>[12]\\d{3})'

export const TEMPORAL_FORMATS: readonly TemporalFormat[] = [
  written('ISO 8601', `${YEAR}-(?<month>\\d{2})(?:-(?<day>\\d{2})${TIME})?`),
  written('YYYY/MM/DD', `${YEAR}/(?<month>\\d{1,2})(?:/(?<day>\\d{1,2})${TIME})?`),
  written('DD.MM.YYYY', `(?<day>\\d{1,2})\\.(?<month>\\d{1,2})\\.${YEAR}${TIME}`),
  written('MM/DD/YYYY', `(?<month>\\d{1,2})/(?<day>\\d{1,2})/${YEAR}${TIME}`),
  written('DD/MM/YYYY', `(?<day>\\d{1,2})/(?<month>\\d{1,2})/${YEAR}${TIME}`),
  { name: 'quarter', parse: parseQuarter },
]

const YEAR_NAME = /(?:^|[\s_-])(?:year|yr|jahr|année|annee|año|anno|jaar|år|rok)$/iu

/** Whether plain numbers under this name are years. */
export function namesYears(name: string): boolean {
  return YEAR_NAME.test(name.trim())
}

/** 1 January of a year between 1500 and 2200. Pure. */
export function yearMs(value: number): number | undefined {
  return Number.isInteger(value) && value >= 1500 && value <= 2200 ? Date.UTC(value, 0, 1) : undefined
}

/**
 * The format that fits most of the sample. Slashes with days and months that could be either give none: a guess would
 * move every date. Pure.
 */
export function temporalFormatOf(sample: readonly string[]): { format?: TemporalFormat; ambiguous: boolean } {
  const fits = TEMPORAL_FORMATS.map((format) => ({
    format,
    count: sample.reduce((sum, cell) => sum + (format.parse(cell) === undefined ? 0 : 1), 0),
  })).sort((a, b) => b.count - a.count)
  const [best, second] = fits
  if (!best || best.count === 0) return { ambiguous: false }
  if (second!.count === best.count) return { ambiguous: sample.some((cell) => isNotPalindrome(cell)) }
  return { format: best.format, ambiguous: false }
}

/** 05/05/2024 is the same day either way and proves nothing. */
function isNotPalindrome(cell: string): boolean {
  const [a, b] = cell.split('/')
  return a !== b
}

function written(name: string, pattern: string): TemporalFormat {
  const whole = new RegExp(`^${pattern}$`)
  return {
    name,
    parse(cell) {
      const groups = cell.length <= 40 ? whole.exec(cell)?.groups : undefined
      return groups && instantMs(groups as Partial<Record<Part, string>>)
    },
  }
}

function instantMs(part: Partial<Record<Part, string>>): number | undefined {
  const month = Number(part.month)
  const day = Number(part.day ?? 1)
  const date = Date.UTC(Number(part.year), month - 1, day)
  // Date.UTC lets 31 February run over into March.
  if (new Date(date).getUTCMonth() !== month - 1 || new Date(date).getUTCDate() !== day) return undefined
  if (part.hour === undefined) return date
  const [hour, minute, second] = [Number(part.hour), Number(part.minute), secondsOf(part.second)]
  if (hour > 23 || minute > 59 || second >= 61) return undefined
  return date + hour * 3_600_000 + minute * 60_000 + Math.trunc(second * 1000) - zoneMs(part.zone)
}

function secondsOf(text: string | undefined): number {
  return text === undefined ? 0 : Number(text.replace(',', '.'))
}

function zoneMs(zone: string | undefined): number {
  if (zone === undefined || zone === 'Z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(-2))
  return (zone.startsWith('-') ? -minutes : minutes) * 60_000
}

function parseQuarter(cell: string): number | undefined {
  const found = /^([12]\d{3})[ -]?Q([1-4])$/.exec(cell) ?? undefined
  return found && Date.UTC(Number(found[1]), (Number(found[2]) - 1) * 3, 1)
}
