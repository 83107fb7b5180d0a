/** Parts of a time by arithmetic: a `Date` for each of a million rows would cost more than what is asked of them. */

const DAY_MS = 86_400_000
const HOUR_MS = 3_600_000
/** Days from 1 March of the year 0 to 1970. */
const EPOCH_DAY = 719_468
/** Days of 400 years, after which the calendar comes again. */
const ERA_DAYS = 146_097

/** 0 (January) to 11 of a time in Unix milliseconds, UTC (Hinnant's `civil_from_days`). Pure. */
export function monthOf(ms: number): number {
  const day = Math.floor(ms / DAY_MS) + EPOCH_DAY
  const dayOfEra = day - Math.floor(day / ERA_DAYS) * ERA_DAYS
  const year = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36_524) -
      Math.floor(dayOfEra / 146_096)) /
      365,
  )
  const dayOfYear = dayOfEra - (365 * year + Math.floor(year / 4) - Math.floor(year / 100))
  // Years start in March there, so that a leap day is their last.
  const fromMarch = Math.floor((5 * dayOfYear + 2) / 153)
  return fromMarch < 10 ? fromMarch + 2 : fromMarch - 10
}

/** 0 to 3. Pure. */
export function quarterOf(ms: number): number {
  return Math.floor(monthOf(ms) / 3)
}

/** 0 (Sunday) to 6. Pure. */
export function weekdayOf(ms: number): number {
  // 1 January 1970 was a Thursday.
  const day = (Math.floor(ms / DAY_MS) + 4) % 7
  return day < 0 ? day + 7 : day
}

/** 0 to 23, UTC. Pure. */
export function hourOf(ms: number): number {
  const hour = Math.floor(ms / HOUR_MS) % 24
  return hour < 0 ? hour + 24 : hour
}
