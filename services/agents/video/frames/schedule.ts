import type { Schedule } from '#schemas/watch-rule.ts'

const MINUTES_A_DAY = 24 * 60
const WEEKDAYS = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] as const
/** Making one takes longer than all the rest here. */
const formats = new Map<string, Intl.DateTimeFormat>()

/**
 * Whether a schedule holds at a moment (Unix milliseconds). What counts is what a clock on the wall shows there: an hour that
 * a change of summer time skips is skipped, one that it repeats counts twice. Pure.
 */
export function isActive(schedule: Schedule | undefined, atMs: number): boolean {
  if (!schedule) return true
  const { weekday, minute } = localTime(atMs, schedule.timeZone)
  const from = minutesOf(schedule.from)
  const to = minutesOf(schedule.to)
  const onDay = (day: number) => !schedule.days || schedule.days.includes(WEEKDAYS[(day + 7) % 7]!)
  if (from < to) return minute >= from && minute < to && onDay(weekday)
  // Over midnight: the hours after it belong to the day before. The same time twice is a whole day from then on.
  return minute >= from ? onDay(weekday) : minute < to && onDay(weekday - 1)
}

function localTime(atMs: number, timeZone: string): { weekday: number; minute: number } {
  let format = formats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-GB', {
      timeZone,
      hourCycle: 'h23',
      weekday: 'short',
      hour: '2-digit',
      minute: '2-digit',
    })
    formats.set(timeZone, format)
  }
  const parts = new Map(format.formatToParts(atMs).map(({ type, value }) => [type, value]))
  return {
    weekday: WEEKDAYS.indexOf(parts.get('weekday')!.toLowerCase() as (typeof WEEKDAYS)[number]),
    minute: (Number(parts.get('hour')) * 60 + Number(parts.get('minute'))) % MINUTES_A_DAY,
  }
}

function minutesOf(time: string): number {
  return Number(time.slice(0, 2)) * 60 + Number(time.slice(3))
}
