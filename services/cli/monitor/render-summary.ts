import { relative } from 'node:path'
import type { Alert } from '#schemas/alert.ts'
import type { MonitorSummary } from '#schemas/monitor-steps.ts'
import { severityCounts, severityStyle } from '../alerts/render-alert.ts'
import type { CliContext } from '../cli-context.ts'
import type { Paint } from '../output/paint.ts'
import { count, formatDuration } from '../output/quantities.ts'
import { type Cell, renderTable, type TableColumn } from '../output/table.ts'
import { printable } from '../output/terminal-text.ts'
import type { FinishedMonitor } from './run-monitor.ts'

interface RenderOptions {
  paint: Paint
  /** Columns of the terminal; unlimited when absent. */
  width?: number
}

const ALERT_COLUMNS: readonly TableColumn[] = [
  { title: 'severity' },
  { title: 'at', align: 'right' },
  { title: 'what', flexible: true },
  { title: 'rule' },
  { title: 'times', align: 'right' },
]

/** What came of a monitor. */
export function renderSummary(summary: MonitorSummary, options: RenderOptions): string[] {
  const { camera, ended, reason, durationMs, alertsBySeverity } = summary
  const { paint } = options
  const why = reason ? `${ended}: ${printable(reason)}` : ended
  const rows = factsOf(summary).map(([what, value]): Cell[] => [
    { text: what, style: 'dim' },
    { text: value },
  ])
  const columns = [{ title: 'what' }, { title: 'value', flexible: true }]
  return [
    `${paint.bold(printable(camera))}  ${why}  ${paint.dim(formatDuration(durationMs))}`,
    ...renderTable(columns, rows, { ...options, header: false }),
    '',
    ...latencyLines(summary, options),
    '',
    `  ${paint.dim('alerts')}  ${severityCounts(alertsBySeverity, paint)}`,
  ]
}

/** A line an alert, most urgent first. `timeOf`: when it was, for people. */
export function renderAlerts(
  alerts: readonly Alert[],
  timeOf: (alert: Alert) => string,
  options: RenderOptions,
): string[] {
  const rows = alerts.map((alert): Cell[] => [
    { text: alert.severity, style: severityStyle(alert.severity) },
    { text: timeOf(alert) },
    { text: alert.message },
    { text: alert.rule.id, style: 'dim' },
    { text: String(alert.occurrences) },
  ])
  return renderTable(ALERT_COLUMNS, rows, options)
}

function factsOf(summary: MonitorSummary): [what: string, value: string][] {
  const { source, recording, model, modelWarning, frames, reconnects, detections, tracks, peak, mean } =
    summary
  const size = source && `${source.width} × ${source.height}${source.fps ? `, ${round(source.fps)} fps` : ''}`
  const dropped = frames.droppedAtCapture + frames.droppedAtDetection + frames.late
  const drops = [
    `${frames.droppedAtCapture} at capture`,
    `${frames.droppedAtDetection} at detection`,
    `${frames.late} too late`,
  ]
  return [
    ...(size ? [['source', size] as [string, string]] : []),
    ...(recording ? [['recorded', recordedAt(recording)] as [string, string]] : []),
    ...(model ? [['model', modelWarning ? `${model}: ${modelWarning}` : model] as [string, string]] : []),
    ['frames', `${frames.analysed} of ${frames.decoded} analysed${withoutMotion(frames.gated)}`],
    ['dropped', dropped === 0 ? 'none' : `${dropped}: ${drops.join(', ')}`],
    ...(reconnects > 0 ? [['opened again', count(reconnects, 'time')] as [string, string]] : []),
    [
      'tracks',
      `${count(tracks.person, 'person')}, ${count(tracks.vehicle, 'vehicle')}, from ${count(detections, 'detection')}`,
    ],
    ['at once', `${count(peak.persons, 'person')}, ${count(peak.vehicles, 'vehicle')} at most`],
    ['on average', `${mean.persons.toFixed(1)} persons, ${mean.vehicles.toFixed(1)} vehicles`],
  ]
}

const RECORDED_FROM = {
  request: 'as it was given',
  file: 'as the file says',
  clock: 'when it was read: neither the request nor the file says when it was',
} as const

function recordedAt({ startsAtMs, from }: NonNullable<MonitorSummary['recording']>): string {
  return `from ${new Date(startsAtMs).toISOString()}, ${RECORDED_FROM[from]}`
}

function withoutMotion(gated: number | undefined): string {
  return gated ? `, nothing moved in ${gated}` : ''
}

function latencyLines({ latencyMs }: MonitorSummary, options: RenderOptions): string[] {
  const { tracked, alert } = latencyMs
  const figures = ['p50', 'p95', 'p99', 'max'] as const
  const row = (what: string, of: typeof tracked): Cell[] => [
    { text: what, style: 'dim' },
    ...figures.map((figure): Cell => ({ text: String(Math.round(of[figure])) })),
  ]
  const columns: TableColumn[] = [
    { title: 'latency in ms' },
    ...figures.map((title): TableColumn => ({ title, align: 'right' })),
  ]
  return renderTable(
    columns,
    [row('frame to track', tracked), ...(alert ? [row('frame to alert', alert)] : [])],
    options,
  )
}

function round(value: number): string {
  return Number(value.toFixed(1)).toString()
}

const MAX_ALERTS = 20

/** The end of a monitor: what it saw, what it raised, where everything is. */
export function presentMonitor({ folder, json, terminal }: CliContext, finished: FinishedMonitor): void {
  const { task, summary, snapshots, clip, timeOf } = finished
  if (json) {
    terminal.printJson({ taskId: task.id, summary, folder: finished.folder, snapshots, clip })
    return
  }
  const { outPaint: paint, columns } = terminal
  const options = { paint, ...(columns !== undefined && { width: columns }) }
  const { alerts, alertsBySeverity } = summary
  const shownAlerts = alerts.slice(0, MAX_ALERTS)
  // The summary lists the most urgent ones; how many there were is counted.
  const left = Object.values(alertsBySeverity).reduce((sum, n) => sum + n, 0) - shownAlerts.length
  const shown = (file: string) => {
    const path = relative(folder, file)
    return path.startsWith('..') ? file : path
  }
  terminal.print(
    '',
    ...renderSummary(summary, options),
    ...(shownAlerts.length > 0 ? ['', ...renderAlerts(shownAlerts, timeOf, options)] : []),
    ...(left > 0
      ? [paint.dim(`  … and ${left} more: npx murmur alerts --monitor ${task.id} --limit 500`)]
      : []),
    '',
    `  Folder  ${shown(finished.folder)}  ${paint.dim(`summary.json, ${count(snapshots.length, 'snapshot')}`)}`,
    ...(clip ? [`  Clip    ${shown(clip)}`] : []),
    ...(summary.clipFault === undefined ? [] : [`  Clip    none: ${printable(summary.clipFault)}`]),
  )
}
