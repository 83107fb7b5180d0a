import type { Schedule } from '#schemas/schedule.ts'
import { formatDuration } from '../../data/format.ts'

/** When it runs, in a few words: its cron with the zone, or its interval. Pure. */
export function whenOf({ cron, everyMs, timezone }: Pick<Schedule, 'cron' | 'everyMs' | 'timezone'>): string {
  return cron === undefined ? `every ${formatDuration(everyMs ?? 0)}` : `${cron} · ${timezone}`
}

const WHY: Readonly<Record<string, string>> = {
  overlap: 'an earlier task still ran',
  missed: 'nobody was there in time',
  paused: 'it was paused',
  refused: 'its task was refused',
}

/** Why an occurrence became no task. Pure. */
export function skipText(why: string): string {
  return WHY[why] ?? why
}

/** Occurrences that became no task, in words; undefined: none. Pure. */
export function skippedText(counts: Schedule['counts']): string | undefined {
  const { started: _started, ...skipped } = counts
  const parts = Object.entries(skipped).filter(([, count]) => count > 0)
  return parts.length === 0 ? undefined : parts.map(([why, count]) => `${count} ${why}`).join(', ')
}

/** `30 Nov 02:30` of an RFC 3339 text, in the zone that it names, not in the reader's. Pure. */
export function localText(local: string): string {
  const [, year, month, day, time, zone] =
    /^(\d{4})-(\d\d)-(\d\d)T(\d\d:\d\d(?::(?!00)\d\d)?)(?::00)?(?:\.\d+)?(.*)$/.exec(local) ?? []
  if (year === undefined) return local
  const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
  return `${Number(day)} ${months[Number(month) - 1]} ${year}, ${time} ${zone === 'Z' ? 'UTC' : zone}`
}
