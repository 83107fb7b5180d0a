import type { Alert } from '#schemas/alert.ts'

/** What an alert is about now, as one sentence: its message, or of an incident how it stands. Pure. */
export function alertText({ message, incident }: Pick<Alert, 'message' | 'incident'>): string {
  if (!incident) return message
  const times = incident.times > 1 ? `, ${incident.times} times` : ''
  if (incident.phase === 'ongoing') return `${message}${times && ` (${incident.times} times)`}`
  const lasted = duration(incident.totalMs)
  return `${incident.reason ?? 'It is over'} (it lasted ${lasted}${times})`
}

/** `12 s`, `4 min`, `1.5 h`: for people who read it at a glance. */
function duration(ms: number): string {
  const [size, unit] = ms >= 7_200_000 ? [3_600_000, 'h'] : ms >= 120_000 ? [60_000, 'min'] : [1000, 's']
  return `${Math.round((ms / size) * 10) / 10} ${unit}`
}
