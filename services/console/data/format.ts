/** How quantities are said, everywhere in the same way. All of it pure. */

const UNITS: readonly [ms: number, name: string][] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1000, 's'],
]

/** `850 ms`, `4.2 s`, `3 min 20 s`, `2 d 4 h`: two units at most. @param ms not negative */
export function formatDuration(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`
  if (ms < 10_000) return `${(ms / 1000).toFixed(1)} s`
  const rounded = Math.round(ms / 1000) * 1000
  const at = UNITS.findIndex(([unit]) => rounded >= unit)
  const [unitMs, name] = UNITS[at]!
  const whole = Math.floor(rounded / unitMs)
  const next = UNITS[at + 1]
  const rest = next ? Math.floor((rounded - whole * unitMs) / next[0]) : 0
  return rest > 0 ? `${whole} ${name} ${rest} ${next![1]}` : `${whole} ${name}`
}

/** `now`, `12 s ago`, `in 3 min`: one unit. */
export function formatRelative(atMs: number, nowMs: number): string {
  const ms = nowMs - atMs
  const distance = Math.abs(ms)
  if (distance < 1000) return 'now'
  const [unitMs, name] = UNITS.find(([unit]) => distance >= unit) ?? UNITS[3]!
  const text = `${Math.floor(distance / unitMs)} ${name}`
  return ms >= 0 ? `${text} ago` : `in ${text}`
}

/** How long such a text stays right, so that it is drawn again then and not before. Milliseconds. */
export function relativeHoldsMs(atMs: number, nowMs: number): number {
  const distance = Math.abs(nowMs - atMs)
  const [unitMs] = UNITS.find(([unit]) => distance >= unit) ?? UNITS[3]!
  return Math.max(250, Math.min(unitMs - (distance % unitMs) + 5, 60_000))
}

/** `12:04:31` today, `30 Nov 12:04` before, in the reader's own time. */
export function formatTime(atMs: number, nowMs: number): string {
  const at = new Date(atMs)
  const isToday = at.toDateString() === new Date(nowMs).toDateString()
  return isToday
    ? at.toLocaleTimeString(undefined, { hour12: false })
    : at.toLocaleString(undefined, {
        day: 'numeric',
        month: 'short',
        hour: '2-digit',
        minute: '2-digit',
        hour12: false,
      })
}

/** `512 B`, `1.4 KiB`, `2.0 MiB` */
export function formatBytes(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024
    unit++
  }
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

/** `1,234,567` */
export function formatCount(count: number): string {
  return count.toLocaleString('en')
}
