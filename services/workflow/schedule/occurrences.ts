import type { Occurrence, Timetable } from '#schemas/schedule.ts'
import { type CronTimes, invalid, readCron, readZone } from './cron.ts'

/** When a schedule runs, before its jitter. Times are Unix milliseconds. */
export interface Occurrences {
  /** The first one after `afterMs`; undefined when there is none. */
  next(afterMs: number): number | undefined
  /** The last ones after `afterMs` and not after `untilMs`, newest first, `count` at most. */
  latest(window: { afterMs: number; untilMs: number }, count: number): number[]
}

/** @throws MurmurError INVALID_SCHEDULE for a cron or a time zone that is none */
export function occurrencesOf(timetable: Timetable): Occurrences {
  const { startAtMs = 0, endAtMs = Number.POSITIVE_INFINITY } = timetable
  const times = timesOf(timetable)
  return {
    next(afterMs) {
      const next = times.next(Math.max(afterMs, startAtMs - 1))
      return next !== undefined && next < endAtMs ? next : undefined
    },
    latest({ afterMs, untilMs }, count) {
      const firstMs = Math.max(afterMs + 1, startAtMs)
      const found: number[] = []
      for (let endMs = Math.min(untilMs, endAtMs - 1); endMs >= firstMs && found.length < count; ) {
        const atMs = times.latest(endMs)
        if (atMs === undefined || atMs < firstMs) break
        found.push(atMs)
        endMs = atMs - 1
      }
      return found
    },
  }
}

function timesOf({ cron, everyMs, timezone, startAtMs = 0 }: Timetable): CronTimes {
  const zone = readZone(timezone)
  if (cron !== undefined) return readCron(cron, zone)
  if (everyMs === undefined) throw invalid('cron', 'it has neither a cron nor everyMs')
  return {
    next: (afterMs) => startAtMs + (Math.floor((afterMs - startAtMs) / everyMs) + 1) * everyMs,
    latest: (untilMs) => startAtMs + Math.floor((untilMs - startAtMs) / everyMs) * everyMs,
  }
}

/**
 * The next times that a schedule runs, as people want to read them.
 * @throws MurmurError INVALID_SCHEDULE
 */
export function nextRuns(timetable: Timetable, afterMs: number, count: number): Occurrence[] {
  const occurrences = occurrencesOf(timetable)
  const toLocal = localTime(timetable.timezone)
  const runs: Occurrence[] = []
  for (let atMs = occurrences.next(afterMs); atMs !== undefined; atMs = occurrences.next(atMs)) {
    runs.push({ atMs, local: toLocal(atMs) })
    if (runs.length === count) break
  }
  return runs
}

/** Writes moments as RFC 3339 with the offset that a time zone has then. */
export function localTime(timezone: string): (atMs: number) => string {
  const format = new Intl.DateTimeFormat('en-CA-u-hc-h23', {
    timeZone: timezone,
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZoneName: 'longOffset',
  })
  return (atMs) => {
    const parts = Object.fromEntries(format.formatToParts(atMs).map(({ type, value }) => [type, value]))
    const { year, month, day, hour, minute, second, timeZoneName = '' } = parts
    return `${year}-${month}-${day}T${hour}:${minute}:${second}${timeZoneName.replace('GMT', '') || '+00:00'}`
  }
}
