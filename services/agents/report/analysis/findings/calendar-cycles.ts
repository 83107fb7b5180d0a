import { hourOf, monthOf, quarterOf, weekdayOf } from '../../structure/calendar-phase.ts'

/** A cycle of the calendar. */
export interface CalendarCycle {
  name: string
  phases: readonly string[]
  /** Index into `phases` of a time in Unix milliseconds. */
  phaseOf(ms: number): number
  /** The cycle that must show first: this one is its variation. */
  within?: string
  /** Where its phases come again sooner than the cycle. */
  minSpanMs?: number
}

const DAY_MS = 86_400_000
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const WEEKDAYS = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat']
const HOURS = Array.from({ length: 24 }, (_, hour) => `${hour}:00`)

const MONTH: CalendarCycle = { name: 'month of the year', phases: MONTHS, phaseOf: monthOf }
const QUARTER: CalendarCycle = {
  name: 'quarter of the year',
  phases: ['Q1', 'Q2', 'Q3', 'Q4'],
  phaseOf: quarterOf,
}
const WEEKDAY: CalendarCycle = { name: 'day of the week', phases: WEEKDAYS, phaseOf: weekdayOf }
const HOUR: CalendarCycle = { name: 'hour of the day', phases: HOURS, phaseOf: hourOf }
/** Days differ in more than their level: weekends have hours of their own. */
const HOUR_AND_WEEKEND: CalendarCycle = {
  name: 'hour of working days and weekends',
  phases: [...HOURS.map((hour) => `working days ${hour}`), ...HOURS.map((hour) => `weekends ${hour}`)],
  phaseOf: (ms) => hourOf(ms) + (weekdayOf(ms) % 6 === 0 ? 24 : 0),
  within: HOUR.name,
  minSpanMs: 3 * 7 * DAY_MS,
}

/** Of many values a day a fortnight would pass for three weeks. */
const WEEKDAY_OF_HOURS: CalendarCycle = { ...WEEKDAY, minSpanMs: 3 * 7 * DAY_MS }

/** Distances between moments that are looked at: evenly spread over the series. */
const STEPS_LOOKED_AT = 999

/** Cycles that the spacing of moments allows. Pure. */
export function cyclesOf(x: Float64Array): CalendarCycle[] {
  if (x.length < 2) return []
  const stepDays = usualStep(x) / DAY_MS
  if (stepDays > 100) return []
  if (stepDays > 80) return [QUARTER]
  if (stepDays > 6) return stepDays > 27 && stepDays < 32 ? [MONTH] : []
  if (stepDays > 0.5) return [WEEKDAY, MONTH]
  return [HOUR, WEEKDAY_OF_HOURS, HOUR_AND_WEEKEND]
}

/** Median distance between neighbours. Pure. */
export function usualStep(x: Float64Array): number {
  const every = Math.max(1, Math.floor((x.length - 1) / STEPS_LOOKED_AT))
  const steps: number[] = []
  for (let i = 1; i < x.length; i += every) steps.push(x[i]! - x[i - 1]!)
  steps.sort((a, b) => a - b)
  return steps[steps.length >> 1]!
}
