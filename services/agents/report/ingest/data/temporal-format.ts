import { TEMPORAL_FORMATS, type TemporalFormat } from './temporal-cell.ts'

interface Fit {
  format: TemporalFormat
  count: number
}

/** A reading of two-digit years that spans so many times less time than the other is the right one. */
const MIN_TIMES_NARROWER = 5
const MIN_DISTINCT = 5
const SHORT_YEAR = /^\d{2}([-/.])\d{2}\1\d{2}(?!\d)/
const MIN_SEASONS = 3
const YEAR_FIRST = 'YY-MM-DD'

/**
 * The format that fits most of the sample. Days and months that could be either give none: a guess would move every date. Pure.
 */
export function temporalFormatOf(sample: readonly string[]): { format?: TemporalFormat; ambiguous: boolean } {
  const fits: Fit[] = TEMPORAL_FORMATS.map((format) => ({
    format,
    count: sample.reduce((sum, cell) => sum + (format.parse(cell) === undefined ? 0 : 1), 0),
  })).sort((a, b) => b.count - a.count)
  const [first] = fits
  if (!first || first.count === 0) return { ambiguous: false }
  const short = first.format.isClear ? undefined : shortYearFormat(fits, sample)
  if (short) return short
  const season = first.format.isClear ? seasonFormat(fits, sample) : undefined
  if (season) return { format: season, ambiguous: false }
  const best = first
  // 05/05/2024 is the same day either way; `2010-11` is a month sooner than a season.
  const rivals = fits.filter(
    ({ format, count }) => count === best.count && !format.isClear && format.name !== YEAR_FIRST,
  )
  const differ = rivals.some(({ format }) =>
    sample.some((cell) => format.parse(cell) !== best.format.parse(cell)),
  )
  return !best.format.isClear && differ ? { ambiguous: true } : { format: best.format, ambiguous: false }
}

/** `2009-10`, `2010-11`, `2011-12`: each a year and the next one are no months. */
function seasonFormat(fits: readonly Fit[], sample: readonly string[]): TemporalFormat | undefined {
  const seasons = fits.find(({ format }) => format.name === 'fiscal year')
  const isAll = seasons?.count === fits[0]!.count && fits[0]!.format.name === 'ISO 8601'
  return isAll && new Set(sample).size >= MIN_SEASONS ? seasons.format : undefined
}

/** `21-01-31` begins with the year or ends with it: the reading in which the dates lie far closer together is meant. */
function shortYearFormat(
  fits: readonly Fit[],
  sample: readonly string[],
): { format?: TemporalFormat; ambiguous: boolean } | undefined {
  const short = sample.filter((cell) => SHORT_YEAR.test(cell))
  if (short.length * 2 < sample.length || new Set(short).size < MIN_DISTINCT) return undefined
  const rivals = fits.filter(({ format, count }) => count === fits[0]!.count && !format.isClear)
  const yearFirst = rivals.find(({ format }) => format.name === YEAR_FIRST)
  const yearLast = rivals.filter((rival) => rival !== yearFirst)
  if (!yearFirst || yearLast.length === 0) return undefined
  const first = spanMs(yearFirst.format, short)
  const last = Math.min(...yearLast.map(({ format }) => spanMs(format, short)))
  if (first * MIN_TIMES_NARROWER <= last) return { format: yearFirst.format, ambiguous: false }
  if (last * MIN_TIMES_NARROWER > first) return { ambiguous: true }
  const [only, ...others] = yearLast
  const differ = others.some(({ format }) =>
    short.some((cell) => format.parse(cell) !== only!.format.parse(cell)),
  )
  return differ ? { ambiguous: true } : { format: only!.format, ambiguous: false }
}

function spanMs(format: TemporalFormat, cells: readonly string[]): number {
  const times = cells.flatMap((cell) => format.parse(cell) ?? [])
  return (
    times.reduce((a, b) => Math.max(a, b), Number.NEGATIVE_INFINITY) -
    times.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY)
  )
}
