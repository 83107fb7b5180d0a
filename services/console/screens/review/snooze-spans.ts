export const SNOOZE_SPANS = ['15 min', '1 h', '8 h', 'until tomorrow 8:00', '7 d', 'until…'] as const
export type SnoozeSpan = (typeof SNOOZE_SPANS)[number]

const MINUTE = 60_000
const FIXED: Readonly<Partial<Record<SnoozeSpan, number>>> = {
  '15 min': 15 * MINUTE,
  '1 h': 60 * MINUTE,
  '8 h': 480 * MINUTE,
  '7 d': 10_080 * MINUTE,
}
const MORNING_HOUR = 8

/** When a snooze of that span ends, Unix milliseconds; undefined while no time, or one that is over, is given. Pure. */
export function snoozeEnd(span: SnoozeSpan, until: string, nowMs: number): number | undefined {
  const fixed = FIXED[span]
  if (fixed !== undefined) return nowMs + fixed
  if (span === 'until tomorrow 8:00') {
    const morning = new Date(nowMs)
    morning.setDate(morning.getDate() + 1)
    morning.setHours(MORNING_HOUR, 0, 0, 0)
    return morning.getTime()
  }
  const at = Date.parse(until)
  return Number.isNaN(at) || at <= nowMs ? undefined : at
}
