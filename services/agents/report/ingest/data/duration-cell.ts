const CLOCK = /^(\d{1,4}):([0-5]\d):([0-5]\d(?:[.,]\d{1,6})?)$/
const SHORT_CLOCK = /^(\d{1,4}):([0-5]\d(?:[.,]\d{1,3})?)$/
const SPELT =
  /^(?:(\d+(?:[.,]\d+)?)\s?(?:d|days?|tage?))?[\s,]*(?:(\d+(?:[.,]\d+)?)\s?(?:h|hrs?|hours?|std\.?|stunden?))?[\s,]*(?:(\d+(?:[.,]\d+)?)\s?(?:m|mins?|min\.|minutes?|minuten?))?[\s,]*(?:(\d+(?:[.,]\d+)?)\s?(?:s|secs?|seconds?|sek\.?|sekunden?))?$/i
const ISO = /^P(?:(\d+(?:\.\d+)?)D)?(?:T(?:(\d+(?:\.\d+)?)H)?(?:(\d+(?:\.\d+)?)M)?(?:(\d+(?:\.\d+)?)S)?)?$/
/** `0 days 00:01:30`, as pandas writes it. */
const DAYS_AND_CLOCK = /^(\d{1,6})\s?(?:d|days?|tage?),? \+?(\d{1,2}):([0-5]\d):([0-5]\d(?:\.\d{1,9})?)$/i
const NAME =
  /duration|elapsed|\blap|split|dauer|laufzeit|fahrzeit|run ?time|\brace|finish|length|\bpace\b|time (?:taken|spent|on)|wait|durée|duraci|zeit$/i
const SECONDS = { day: 86_400, hour: 3_600, minute: 60 } as const
const HOURS_OF_A_DAY = 24
const MAX_CHARACTERS = 30
const MIN_SHARE = 0.8

/** `clock`: hours, minutes, seconds. `short`: minutes and seconds. `spelt`: `1h 20m`, `PT5M`. */
export type DurationStyle = 'clock' | 'short' | 'spelt'

/** Seconds of a duration that is written in a style; undefined for anything else. Pure. */
export function durationSeconds(cell: string, style: DurationStyle): number | undefined {
  if (cell.length > MAX_CHARACTERS || !/\d/.test(cell)) return undefined
  const number = (text: string | undefined) => Number((text ?? '0').replace(',', '.'))
  if (style === 'spelt') {
    const found = ISO.exec(cell) ?? DAYS_AND_CLOCK.exec(cell) ?? SPELT.exec(cell)
    if (!found) return undefined
    const [, days, hours, minutes, seconds] = found
    return (
      number(days) * SECONDS.day +
      number(hours) * SECONDS.hour +
      number(minutes) * SECONDS.minute +
      number(seconds)
    )
  }
  const long = CLOCK.exec(cell)
  if (long) return number(long[1]) * SECONDS.hour + number(long[2]) * SECONDS.minute + number(long[3])
  const short = style === 'short' ? SHORT_CLOCK.exec(cell) : undefined
  return short ? number(short[1]) * SECONDS.minute + number(short[2]) : undefined
}

/**
 * How a column writes durations, or undefined when it has none. A clock is only one by its name, or when it shows more than 24 hours:
 * `08:30:00` may be a time of day. Pure.
 */
export function durationStyleOf(name: string, sample: readonly string[]): DurationStyle | undefined {
  const enough = (holds: (cell: string) => boolean) =>
    sample.filter(holds).length >= MIN_SHARE * sample.length
  if (sample.length === 0) return undefined
  const isCompound = (cell: string) =>
    ISO.test(cell) || DAYS_AND_CLOCK.test(cell) || /\d\s?\p{L}+\.?[\s,]*\d+\s?\p{L}/u.test(cell)
  if (sample.some(isCompound) && enough((cell) => durationSeconds(cell, 'spelt') !== undefined))
    return 'spelt'
  const isNamed = NAME.test(name.replaceAll('_', ' '))
  const isLong = sample.some((cell) => Number(/^(\d+):/.exec(cell)?.[1] ?? 0) >= HOURS_OF_A_DAY)
  if (!isNamed && !isLong) return undefined
  if (enough((cell) => CLOCK.test(cell))) return 'clock'
  return enough((cell) => CLOCK.test(cell) || SHORT_CLOCK.test(cell)) ? 'short' : undefined
}
