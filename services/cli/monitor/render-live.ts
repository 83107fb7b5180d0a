import type { Alert } from '#schemas/alert.ts'
import type { Paint } from '../output/paint.ts'
import { count, formatDuration } from '../output/quantities.ts'
import { printable } from '../output/terminal-text.ts'
import type { LiveView } from './live-stats.ts'
import { severityChip, severityCounts } from './severity.ts'

const MARKS: Readonly<Record<LiveView['status'], { mark: string; style: keyof Paint }>> = {
  waiting: { mark: '○', style: 'yellow' },
  connecting: { mark: '○', style: 'yellow' },
  live: { mark: '●', style: 'green' },
  offline: { mark: '●', style: 'red' },
  ended: { mark: '■', style: 'dim' },
}
const LONGEST_TIME = 10
const GAP = '   '

/** The block about a camera that is drawn again and again: always three lines. */
export function renderLive(view: LiveView, paint: Paint): string[] {
  const { camera, status, note, elapsedMs, alerts } = view
  const { mark, style } = MARKS[status]
  const head = [
    `${paint[style](mark)} ${paint.bold(printable(camera))}`,
    paint[style](status),
    paint.dim(formatDuration(elapsedMs)),
    ...(note ? [paint.dim(printable(note))] : []),
  ]
  const seen = [count(view.persons, 'person'), count(view.vehicles, 'vehicle')].map(paint.bold)
  return [
    head.join('  '),
    `  ${figures(view).join(GAP)}`,
    `  ${[...seen, `alerts ${severityCounts(alerts, paint)}`].join(GAP)}`,
  ]
}

/** The same on one line, where nothing can be drawn again. */
export function renderLiveLine(view: LiveView, paint: Paint): string {
  const { camera, status, note, elapsedMs, persons, vehicles, alerts } = view
  const parts = [
    `${camera} ${status}${note ? ` (${printable(note)})` : ''}`,
    ...figures(view),
    `${count(persons, 'person')}, ${count(vehicles, 'vehicle')}`,
    `alerts ${severityCounts(alerts, paint)}`,
  ]
  return `${formatDuration(elapsedMs).padStart(LONGEST_TIME)}  ${parts.join(' · ')}`
}

/** One alert on one line: when, how urgent, what, by which rule. */
export function renderAlert(alert: Alert, time: string, paint: Paint): string {
  const { severity, message, rule, latencyMs } = alert
  const after = latencyMs === undefined ? '' : `, ${formatDuration(latencyMs)} after the frame`
  return [
    time.padStart(LONGEST_TIME),
    severityChip(severity, paint),
    `${printable(message)} ${paint.dim(`(${rule.id}${after})`)}`,
  ].join('  ')
}

/** When an alert was: by the position in a recording, by the clock on the wall for a camera. */
export function alertTime({ mediaMs, atMs }: Pick<Alert, 'mediaMs' | 'atMs'>, isRecorded: boolean): string {
  return isRecorded ? formatDuration(mediaMs) : timeOfDay(atMs)
}

/** `14:03:27`, where the reader is. */
export function timeOfDay(atMs: number): string {
  return new Date(atMs).toTimeString().slice(0, 8)
}

function figures({ fps, latency, analysed, dropped }: LiveView): string[] {
  return [
    `${fps.toFixed(1)} fps`,
    ...(latency ? [`latency ${inMs(latency.lastMs)} (p95 ${inMs(latency.p95Ms)})`] : []),
    `${analysed} analysed, ${dropped} dropped`,
  ]
}

function inMs(ms: number): string {
  return `${Math.round(ms)} ms`
}
