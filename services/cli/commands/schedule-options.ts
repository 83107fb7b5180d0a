import { type Command, InvalidArgumentError } from 'commander'
import { parseMoment } from '#platform/clock/parse-moment.ts'
import { durationOption } from './arguments.ts'

/** Options that say when a schedule runs. */
export interface TimetableOptions {
  cron?: string
  /** Milliseconds. */
  every?: number
  timezone?: string
  /** Unix milliseconds. */
  start?: number
  end?: number
}

/** Adds the options that say when a schedule runs. */
export function withTimetable(command: Command): Command {
  return command
    .option('--cron <expression>', "minute, hour, day, month, weekday, as '30 2 * * *', or @daily")
    .option('--every <time>', 'or so often, as 90s, 15m or 2h', durationOption)
    .option('--timezone <zone>', 'the time zone of the cron, as Europe/Berlin; UTC unless given')
    .option('--start <time>', 'no run before this date, with or without a time', momentOption)
    .option('--end <time>', 'no run at this date or later', momentOption)
}

/** What they say, by the fields of a request. */
export function timetableOf({ cron, every, timezone, start, end }: TimetableOptions) {
  return {
    ...(cron !== undefined && { cron }),
    ...(every !== undefined && { everyMs: every }),
    ...(timezone !== undefined && { timezone }),
    ...(start !== undefined && { startAtMs: start }),
    ...(end !== undefined && { endAtMs: end }),
  }
}

function momentOption(text: string): number {
  const atMs = parseMoment(text, { localTime: true })
  if (atMs !== undefined && atMs >= 0) return atMs
  throw new InvalidArgumentError('must be a date, as 2026-11-01 or 2026-11-01T08:30:00Z')
}
