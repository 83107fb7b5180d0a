import { Cron } from 'croner'
import { MurmurError } from '#platform/errors/murmur-error.ts'

/** When a cron expression is true, in one time zone. Times are Unix milliseconds. */
export interface CronTimes {
  /** The first one after `afterMs`; undefined when there is none. */
  next(afterMs: number): number | undefined
  /** The last one at `untilMs` or before. */
  latest(untilMs: number): number | undefined
}

const MINUTE_MS = 60_000
const FIELDS = 'minute, hour, day of the month, month, day of the week'
const MACROS = ['@hourly', '@daily', '@midnight', '@weekly', '@monthly', '@yearly', '@annually'] as const
/** Names only: with an offset there would be no summer time, and nobody would see why. */
const ZONE = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/

/**
 * Reads a cron expression of five fields. The rule of the change of clocks: where minute and hour are numbers, lists or ranges, a time
 * that does not exist runs at the first one that does, and a time that there is twice runs the first time only; with a `*` or a step in
 * one of them, it is about the time that passes: what does not exist is left out, and what there is twice runs twice.
 * @throws MurmurError INVALID_SCHEDULE with what is wrong
 */
export function readCron(cron: string, timezone: string): CronTimes {
  const zone = readZone(timezone)
  const expression = readExpression(cron)
  const times = makeCron(expression, zone)
  return {
    next: (afterMs) => times.nextRun(new Date(afterMs))?.getTime(),
    // Runs are at whole minutes, and the library leaves out the moment that it is asked from.
    latest: (untilMs) =>
      times.previousRuns(1, new Date((Math.floor(untilMs / MINUTE_MS) + 1) * MINUTE_MS))[0]?.getTime(),
  }
}

/** @throws MurmurError INVALID_SCHEDULE for what is no name of the IANA database */
export function readZone(timezone: string): string {
  if (ZONE.test(timezone)) {
    try {
      return new Intl.DateTimeFormat('en', { timeZone: timezone }).resolvedOptions().timeZone
    } catch {}
  }
  throw invalid(
    'timezone',
    `"${timezone}" is no time zone; it needs a name of the IANA database, as Europe/Berlin, America/New_York or UTC`,
  )
}

function readExpression(cron: string): string {
  const expression = cron.trim()
  if (expression.startsWith('@')) {
    if (MACROS.some((macro) => macro === expression.toLowerCase())) return expression.toLowerCase()
    throw invalid('cron', `there is no "${expression}"; there are ${MACROS.join(', ')}`)
  }
  const fields = expression === '' ? [] : expression.split(/\s+/)
  if (fields.length === 6)
    throw invalid(
      'cron',
      `"${cron}" has six fields; it needs five (${FIELDS}): seconds are not among them, everyMs runs more often`,
    )
  if (fields.length !== 5)
    throw invalid('cron', `"${cron}" has ${fields.length} fields; it needs five: ${FIELDS}`)
  // In other programs it stands for the moment at which they were started.
  if (expression.includes('?')) throw invalid('cron', `"${cron}" has a "?"; a * stands for any value`)
  return expression
}

function makeCron(expression: string, zone: string): Cron {
  try {
    return new Cron(expression, {
      timezone: zone,
      mode: expression.startsWith('@') ? 'auto' : '5-part',
      fixedTimeRule: 'no-wildcard',
    })
  } catch (cause) {
    throw invalid('cron', `"${expression}" can't be read: ${reasonOf(cause)}`, cause)
  }
}

function reasonOf(cause: unknown): string {
  const text = cause instanceof Error ? cause.message : String(cause)
  return text.replace(/^CronPattern: /, '').replace(/^Syntax error, /, '')
}

/** What is wrong with a schedule, and where. */
export function invalid(path: string, message: string, cause?: unknown): MurmurError {
  return new MurmurError('INVALID_SCHEDULE', `the schedule is not valid: ${message}`, {
    issues: [{ path, message }],
    ...(cause !== undefined && { cause }),
  })
}
