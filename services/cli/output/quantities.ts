/** A duration for people: `3 ms`, `850 ms`, `1.24 s`, `12.3 s`, `2 min 05 s`, `3 h 07 min`, `2 d 04 h`. */
export function formatDuration(ms: number): string {
  if (ms < 999.5) return `${Math.max(0, Math.round(ms))} ms`
  if (ms < 9_995) return `${(ms / 1000).toFixed(2)} s`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  const seconds = Math.round(ms / 1000)
  if (seconds < 3600) return pair(seconds, 60, 'min', 's')
  const minutes = Math.round(seconds / 60)
  return minutes < 24 * 60 ? pair(minutes, 60, 'h', 'min') : pair(Math.round(minutes / 60), 24, 'd', 'h')
}

/** A size for people, in powers of 1024. */
export function formatBytes(bytes: number): string {
  if (bytes < 1024) return `${bytes} B`
  const units = ['KiB', 'MiB', 'GiB', 'TiB']
  let value = bytes / 1024
  let unit = 0
  while (value >= 1023.95 && unit < units.length - 1) {
    value /= 1024
    unit += 1
  }
  return `${value.toFixed(value < 9.995 ? 1 : 0)} ${units[unit]}`
}

/** `1 step`, `3 steps`. */
export function count(n: number, noun: string): string {
  return `${n} ${noun}${n === 1 ? '' : 's'}`
}

function pair(total: number, per: number, large: string, small: string): string {
  return `${Math.floor(total / per)} ${large} ${String(total % per).padStart(2, '0')} ${small}`
}

const BAR_CELLS = 10
const LEVELS = [...'▁▂▃▄▅▆▇█']

/** Numbers as a row of bars, the last `columns` of them; the highest is full, and nothing is an empty floor. Pure. */
export function textSparkline(values: readonly number[], columns: number): string {
  const shown = values.slice(-columns)
  const max = Math.max(0, ...shown)
  return shown
    .map((value) =>
      max <= 0 ? LEVELS[0] : LEVELS[Math.round((Math.max(0, value) / max) * (LEVELS.length - 1))],
    )
    .join('')
}

/** `14:03:27`, where the reader is. */
export function timeOfDay(atMs: number): string {
  return new Date(atMs).toTimeString().slice(0, 8)
}

/** `████░░░░░░` for 0.4; what lies outside 0 to 1 is empty or full. */
export function progressBar(fraction: number): string {
  const full = Math.round(Math.min(1, Math.max(0, fraction)) * BAR_CELLS)
  return '█'.repeat(full) + '░'.repeat(BAR_CELLS - full)
}
