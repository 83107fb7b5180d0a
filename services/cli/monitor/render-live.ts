import { severityCounts, TIME_WIDTH } from '../alerts/render-alert.ts'
import type { Paint } from '../output/paint.ts'
import { count, formatDuration } from '../output/quantities.ts'
import { printable } from '../output/terminal-text.ts'
import type { LiveView } from './live-stats.ts'

const MARKS: Readonly<Record<LiveView['status'], { mark: string; style: keyof Paint }>> = {
  waiting: { mark: '○', style: 'yellow' },
  connecting: { mark: '○', style: 'yellow' },
  live: { mark: '●', style: 'green' },
  blind: { mark: '●', style: 'red' },
  lagging: { mark: '●', style: 'yellow' },
  offline: { mark: '●', style: 'red' },
  ended: { mark: '■', style: 'dim' },
}
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
  return `${formatDuration(elapsedMs).padStart(TIME_WIDTH)}  ${parts.join(' · ')}`
}

function figures({ fps, latency, analysed, gated, dropped }: LiveView): string[] {
  return [
    `${fps.toFixed(1)} fps`,
    ...(latency ? [`latency ${inMs(latency.lastMs)} (p95 ${inMs(latency.p95Ms)})`] : []),
    `${analysed} analysed, ${gated > 0 ? `${gated} without motion, ` : ''}${dropped} dropped`,
  ]
}

function inMs(ms: number): string {
  return `${Math.round(ms)} ms`
}
